import { assertEquals } from "@std/assert";
import { basename, dirname, join, normalize } from "node:path";
import { type SourceFile, sourceFiles } from "./support/source_files.ts";

const IMPORT =
  /(?:^|\n)\s*(?:import|export)\s+(type\s+)?[^;"']*?from\s+"([^"]+)"|import\("([^"]+)"\)|import\s+"([^"]+)"/g;

interface Import {
  readonly file: string;
  readonly target: string;
  readonly isTypeOnly: boolean;
}

/** The rows of the table in ARCHITECTURE.md: which part may import which parts and packages. */
async function allowances(): Promise<Map<string, string[]>> {
  const page = await Deno.readTextFile(new URL("../docs/ARCHITECTURE.md", import.meta.url));
  const [, table] =
    /\| part +\| may import +\| packages +\|\n[^\n]*\n((?:\|[^\n]*\n)+)/.exec(page) ?? [];
  const rows = (table ?? "").trim().split("\n").map((row) =>
    row.split("|").slice(1, -1).map((cell) =>
      [...cell.matchAll(/`([^`]+)`/g)].map(([, word]) => word ?? "")
    )
  );
  return new Map(
    rows.flatMap(([parts, targets, packages]) =>
      (parts ?? []).map((part) => [part, [...targets ?? [], ...packages ?? []]] as const)
    ),
  );
}

function importsOf({ path, text }: SourceFile): Import[] {
  return [...text.matchAll(IMPORT)].map(([, type, ...targets]) => {
    const word = targets.find((target) => target !== undefined) ?? "";
    const target = word.startsWith(".") ? normalize(join(dirname(path), word)) : word;
    return { file: path, target, isTypeOnly: type !== undefined };
  });
}

/** The part of the table that a file belongs to: the longest that fits. */
function partOf(path: string, parts: readonly string[]): string | undefined {
  const fits = parts.filter((part) =>
    part.endsWith("/*.ts")
      ? dirname(path) === part.slice(0, -5)
      : path === part || path.startsWith(`${part}/`)
  );
  return fits.sort((one, other) => other.length - one.length)[0];
}

Deno.test("[X1] each part imports only what the table allows it", async () => {
  const table = await allowances();
  const parts = [...table.keys()];
  const files = (await sourceFiles()).filter(({ path }) => !/^(tests|links)\//.test(path));

  const wrong = files.flatMap((file) => importsOf(file)).filter(({ file, target }) => {
    const part = partOf(file, parts);
    const goal = partOf(target, parts) ?? target;
    return part === undefined || (part !== goal && !(table.get(part) ?? []).includes(goal));
  });

  assertEquals(wrong.map(({ file, target }) => `${file} imports ${target}`), []);
});

Deno.test("[X1] the table has a row for each part, and the core's is empty", async () => {
  const table = await allowances();

  assertEquals(table.get("server/core"), []);
  for (const part of ["main.ts", "server/http", "server/stores", "client/comet", "client/ui"]) {
    assertEquals(table.has(part), true, part);
  }
});

Deno.test("[X1] the two sides share types alone", async () => {
  const files = (await sourceFiles()).filter(({ path }) => path.startsWith("client/"));

  const values = files.flatMap(importsOf)
    .filter(({ target, isTypeOnly }) => target.startsWith("server/") && !isTypeOnly);

  assertEquals(values.map(({ file, target }) => `${file} imports ${target}`), []);
});

Deno.test("[X1] the core knows no Deno, no HTTP, and no package", async () => {
  const core = (await sourceFiles()).filter(({ path }) => path.startsWith("server/core/"));

  const worldly = core.filter(({ text }) =>
    /\bDeno\.|\bRequest\b|\bResponse\b|"(npm|jsr|node):/.test(text)
  );

  assertEquals(worldly.map(({ path }) => path), []);
});

Deno.test("[X1] no imports go round in a circle", async () => {
  const graph = new Map((await sourceFiles()).map((file) => [
    file.path,
    importsOf(file).filter(({ isTypeOnly }) => !isTypeOnly).map(({ target }) => target),
  ]));

  const circles = [...graph.keys()].filter((file) => reaches(graph, file, file));

  assertEquals(circles, []);
});

Deno.test("[X2] no source file has more than 300 lines", async () => {
  const long = (await sourceFiles()).filter(({ text }) => text.split("\n").length > 301);

  assertEquals(long.map(({ path }) => path), []);
});

Deno.test("[X5] ARCHITECTURE.md names every file, and no file that is not there", async () => {
  const page = await Deno.readTextFile(new URL("../docs/ARCHITECTURE.md", import.meta.url));
  const [, list = ""] = /\n## The files\n([^]*?)\n## /.exec(page) ?? [];
  const paths = (await sourceFiles()).map(({ path }) => path);

  const named = new Set(
    [...list.matchAll(/`([^`\n]+\.tsx?)`/g)].map(([, path = ""]) => basename(path)),
  );
  const there = paths.filter((path) => /^(main\.ts$|server\/|client\/)/.test(path));

  assertEquals(there.filter((path) => !named.has(basename(path))), [], "files that are not named");
  assertEquals(
    [...named.difference(new Set(paths.map((path) => basename(path))))],
    [],
    "named files that are not there",
  );
});

function reaches(
  graph: ReadonlyMap<string, readonly string[]>,
  from: string,
  goal: string,
): boolean {
  const seen = new Set<string>();
  const open = [...graph.get(from) ?? []];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (next === goal) return true;
    if (seen.has(next)) continue;
    seen.add(next);
    open.push(...graph.get(next) ?? []);
  }
  return false;
}
