import { assertEquals } from "@std/assert";
import { dirname, join, normalize } from "node:path";
import { type SourceFile, sourceFiles } from "./support/source_files.ts";

const IMPORT =
  /(?:^|\n)\s*(?:import|export)\s+(?:type\s+)?[^;"']*?from\s+"([^"]+)"|import\("([^"]+)"\)|(?:^|\n)import\s+"([^"]+)"/g;

interface Import {
  readonly file: string;
  /** A path from the top, or a package. */
  readonly target: string;
}

const PAGE = await Deno.readTextFile(new URL("../docs/ARCHITECTURE.md", import.meta.url));

/** The table in ARCHITECTURE.md: what each part may import. */
function readTable(): Map<string, readonly string[]> {
  const [, rows = ""] =
    /\| part +\| may import +\| packages +\|\n[^\n]*\n((?:\|[^\n]*\n)+)/.exec(PAGE) ?? [];
  return new Map(
    rows.trim().split("\n").map((row) => {
      const [part = "", imports = "", packages = ""] = row.split("|").slice(1, -1);
      return [namesIn(part)[0] ?? "", [...namesIn(imports).map(pathOf), ...namesIn(packages)]];
    }),
  );
}

/** The folders of the tree in ARCHITECTURE.md. */
function readTree(): string[] {
  const [, lines = ""] = /```text\n(main\.ts [^]*?)```/.exec(PAGE) ?? [];
  const parents: string[] = [];
  return lines.trim().split("\n").flatMap((line) => {
    const [, indent = "", name = ""] = /^( *)([^ ]+)/.exec(line) ?? [];
    parents.length = indent.length / 2;
    parents.push(name.replace("/", ""));
    return / {2}\S/.test(line.trim()) ? [parents.join("/")] : [];
  });
}

function namesIn(cell: string): string[] {
  return [...cell.matchAll(/`([^`]+)`/g)].map(([, name]) => name ?? "");
}

/** Parts of the server are written without `server/`. */
function pathOf(name: string): string {
  return /^(client|static|server)\b|\./.test(name) ? name : `server/${name}`;
}

function importsOf({ path, text }: SourceFile): Import[] {
  return [...text.matchAll(IMPORT)].map(([, ...targets]) => {
    const name = targets.find((target) => target !== undefined) ?? "";
    const isFile = name.startsWith(".");
    return { file: path, target: isFile ? normalize(join(dirname(path), name)) : packageOf(name) };
  });
}

/** `hono` of `hono/cors`. */
function packageOf(name: string): string {
  const [first = "", second = ""] = name.split("/");
  return first.startsWith("@") ? `${first}/${second}` : first;
}

/** The most specific of `parts` that contains a file, or the file itself. */
function partOf(path: string, parts: Iterable<string>): string {
  const containing = [...parts].filter((part) => path === part || path.startsWith(`${part}/`));
  return containing.sort((one, other) => other.length - one.length)[0] ?? path;
}

async function productFiles(): Promise<SourceFile[]> {
  return (await sourceFiles()).filter(({ path }) => /^(main\.ts$|server\/|client\/)/.test(path));
}

Deno.test("[X1] each part imports only what its row in ARCHITECTURE.md allows", async () => {
  const table = readTable();

  const wrong = (await productFiles()).flatMap(importsOf).filter(({ file, target }) => {
    const part = partOf(file, table.keys());
    if (partOf(target, table.keys()) === part) return false;
    return !(table.get(part) ?? []).some((allowed) =>
      target === allowed || target.startsWith(`${allowed}/`)
    );
  });

  assertEquals(wrong.map(({ file, target }) => `${file} imports ${target}`), []);
});

Deno.test("[X1] the table keeps the layers apart", () => {
  const table = readTable();
  const importsOf = (folder: string) =>
    [...table].filter(([name]) => name === folder || name.startsWith(`${folder}/`))
      .flatMap(([, allowed]) => allowed);
  const features = ["stores", "http", "notices", "webhooks", "commands"].map(pathOf);

  assertEquals(importsOf("server/protocol"), ["valibot"]);
  assertEquals(importsOf("server/base").filter((name) => name !== "server/protocol"), []);
  const aboveCore = importsOf("server/core")
    .filter((name) => !/^server\/(core|base|protocol)\b/.test(name));
  assertEquals(aboveCore, []);
  for (const feature of features) {
    // Commands open stores and the table of notices.
    const isAllowed = (name: string) =>
      feature === "server/commands" && /^server\/(stores|notices)\b/.test(name);
    const others = importsOf(feature).filter((name) =>
      features.some((other) => other !== feature && partOf(name, [other]) === other) &&
      !isAllowed(name)
    );
    assertEquals(others, [], feature);
  }
});

Deno.test("[X1] the core knows neither Deno nor HTTP nor a package", async () => {
  const core = (await sourceFiles()).filter(({ path }) => path.startsWith("server/core/"));

  const wrong = core.filter(({ text }) =>
    /\bDeno\.|\bRequest\b|\bResponse\b|"(npm|jsr|node):/.test(text)
  );

  assertEquals(wrong.map(({ path }) => path), []);
});

Deno.test("[X1] there are no import circles of files or of parts, type imports included", async () => {
  const files = await productFiles();
  const parts = [...readTable().keys()];
  const fileGraph = new Map(
    files.map((file) => [file.path, importsOf(file).map(({ target }) => target)]),
  );
  const partGraph = new Map<string, string[]>();
  for (const [file, targets] of fileGraph) {
    const part = partOf(file, parts);
    const others = targets.map((target) => partOf(target, parts)).filter((one) => one !== part);
    partGraph.set(part, [...partGraph.get(part) ?? [], ...others]);
  }

  for (const graph of [fileGraph, partGraph]) {
    assertEquals([...graph.keys()].filter((node) => reaches(graph, node, node)), []);
  }
});

Deno.test("[X2] no source file has more than 300 lines", async () => {
  const long = (await sourceFiles()).filter(({ text }) => text.split("\n").length > 301);

  assertEquals(long.map(({ path }) => path), []);
});

Deno.test("[X5] ARCHITECTURE.md describes every folder, and none that does not exist", async () => {
  const described = new Set(readTree().filter((folder) => /^(server|client)/.test(folder)));
  const existing = new Set(
    (await productFiles()).map(({ path }) => dirname(path)).filter((folder) => folder !== "."),
  );

  assertEquals([...existing.difference(described)], [], "folders that are not described");
  assertEquals([...described.difference(existing)], [], "folders that do not exist");
});

/** Whether a path of one or more steps leads from one node of a graph to another. */
function reaches(
  graph: ReadonlyMap<string, readonly string[]>,
  from: string,
  goal: string,
): boolean {
  const visited = new Set<string>();
  const open = [...graph.get(from) ?? []];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (next === goal) return true;
    if (visited.has(next)) continue;
    visited.add(next);
    open.push(...graph.get(next) ?? []);
  }
  return false;
}
