import { assertEquals } from "@std/assert";
import { join } from "node:path";
import { API_KEYS, KEYS } from "../commands/back_end.ts";
import { FROM_SOURCES, ServerProcess } from "../support/server_process.ts";
import { type Example, exampleOf, examplesOf, withoutChance } from "./examples.ts";

const PAGE = "docs/BACKEND.md";

/** Where the page says that the server and the receiver listen. */
const DOCUMENTED = { server: "8000", receiver: "9000" } as const;

/** Stands between the outputs of the examples, which are run in one shell, one after the other. */
const NEXT = "--- next example ---";

/** The whole session takes a few seconds (ms). */
const PATIENCE = 90_000;

/** Whatever comes of the session, nothing that it has started goes on. */
const TIDY = `trap 'kill $receiver $server $reader 2> /dev/null; wait' EXIT; trap 'exit 1' TERM`;

Deno.test({
  name: `[X4] the session in ${PAGE} goes as it says, from the key to the receipt`,
  ignore: !await areThere("sh", "curl", "node"),
  fn: async () => {
    const folder = await Deno.makeTempDir({ prefix: "halley-session-" });
    await using cleanup = new AsyncDisposableStack();
    cleanup.defer(() => Deno.remove(folder, { recursive: true }));
    const ports = { server: freePort(), receiver: freePort() };
    const examples = (await examplesOf(PAGE)).filter(({ name }) => name === "session");
    const receiver = placed(await exampleOf(PAGE, "receiver.mjs"), ports);
    await Deno.writeTextFile(join(folder, "receiver.mjs"), receiver);

    const outputs = await runSession(examples, { folder, ports });

    for (const [n, { code, output }] of examples.entries()) {
      assertEquals(comparable(outputs[n] ?? ""), comparable(output), code);
    }
  },
});

Deno.test({
  name: `[X4] publish.py in ${PAGE} publishes, and may do so again`,
  ignore: !await areThere("python3"),
  fn: async () => {
    await using server = await ServerProcess.start({ settings: { STORE: "memory", API_KEYS } });
    const [example] = (await examplesOf(PAGE)).filter(({ name }) => name === "publish.py");
    const { port } = new URL(server.url);
    const run = async () => {
      const { stdout, stderr } = await new Deno.Command("python3", {
        args: ["-c", (example?.code ?? "").replaceAll(DOCUMENTED.server, port)],
        env: { HALLEY_KEY: KEYS.publish },
      }).output();
      return new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr);
    };

    assertEquals(await run(), example?.output);
    assertEquals(await run(), example?.output);
  },
});

Deno.test(`[X4] tokensFor in ${PAGE} gets tokens for a user`, async () => {
  await using server = await ServerProcess.start({ settings: { STORE: "memory", API_KEYS } });
  const code = (await exampleOf(PAGE, "tokens.mjs"))
    .replace("http://127.0.0.1:8000", server.url)
    .replace("process.env.HALLEY_KEY", JSON.stringify(KEYS.publish));

  const { tokensFor } = await import(`data:text/javascript,${encodeURIComponent(code)}`);
  const { publicToken, privateToken, ...rest } = await tokensFor({ id: 7, name: "bob" });

  assertEquals([publicToken.length, privateToken.length], [16, 32]);
  assertEquals(rest, { displayName: "bob", userId: "7" });
});

interface Ports {
  readonly server: string;
  readonly receiver: string;
}

/** What each of the examples writes. */
async function runSession(
  examples: readonly Example[],
  { folder, ports }: { readonly folder: string; readonly ports: Ports },
): Promise<string[]> {
  const script = examples.map(({ code }) => code).join(`\necho; echo "${NEXT}"\n`);
  await using shell = new Deno.Command("sh", {
    args: ["-c", `${TIDY}\n${placed(script, ports)}`],
    cwd: folder,
    env: {
      NO_COLOR: "1",
      PATH: `${await folderWithHalley(folder)}:${Deno.env.get("PATH")}`,
      PORT: ports.server,
      HALLEY_URL: `http://127.0.0.1:${ports.server}`,
    },
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const late = setTimeout(() => shell.kill("SIGTERM"), PATIENCE);
  const { success, stdout, stderr } = await shell.output();
  clearTimeout(late);
  const [text = "", errors] = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes));
  assertEquals({ success, errors }, { success: true, errors: "" }, text);
  return text.split(NEXT);
}

/** A folder in which the sources are the executable. */
async function folderWithHalley(folder: string): Promise<string> {
  const path = join(folder, "bin");
  const words = FROM_SOURCES.map((word) => `'${word}'`).join(" ");
  await Deno.mkdir(path);
  await Deno.writeTextFile(join(path, "halley"), `#!/bin/sh\nexec ${words} "$@"\n`, {
    mode: 0o755,
  });
  return path;
}

function placed(text: string, ports: Ports): string {
  return text.replaceAll(DOCUMENTED.server, ports.server)
    .replaceAll(DOCUMENTED.receiver, ports.receiver);
}

/** An output without tokens and times. */
function comparable(output: string): string {
  return withoutChance(output)
    .replace(/"(deliveredAt|seenAt)":\d+/g, '"$1":(time)')
    .replace(/notice:[\w-]{16}/g, "notice:(token)")
    .replace(/^\d\d:\d\d:\d\d /gm, "(time) ");
}

function freePort(): string {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return String(listener.addr.port);
}

async function areThere(...programs: readonly string[]): Promise<boolean> {
  const found = await Promise.all(programs.map(isThere));
  const missing = programs.filter((_, n) => !found[n]);
  if (missing.length === 0) return true;
  console.error(`\n!!! ${missing.join(", ")}: missing, so some of ${PAGE} is NOT tested !!!\n`);
  return false;
}

/** `sh` itself may have no --version. */
async function isThere(program: string): Promise<boolean> {
  try {
    const args = program === "sh" ? ["-c", ":"] : ["--version"];
    await new Deno.Command(program, { args, stdout: "null", stderr: "null" }).output();
    return true;
  } catch {
    return false;
  }
}
