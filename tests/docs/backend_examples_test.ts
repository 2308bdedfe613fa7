import { assertEquals } from "@std/assert";
import { join } from "node:path";
import { ReservedPort } from "../../server/base/reserved_port.ts";
import { API_KEYS, KEYS } from "../commands/back_end.ts";
import { Contract } from "../openapi/contract.ts";
import { RecordingProxy } from "../openapi/recording_proxy.ts";
import { FROM_SOURCES, ServerProcess } from "../support/server_process.ts";
import { areInstalled, type Example, exampleOf, examplesOf, normalizeOutput } from "./examples.ts";

const PAGE = "docs/BACKEND.md";

/** The ports of the server and the receiver in the documentation. */
const DOCUMENTED = { server: "8000", receiver: "9000" } as const;

/** Separates the outputs of examples, which are executed in one shell. */
const NEXT = "--- next example ---";

/** The session takes a few seconds. */
const TIMEOUT_MS = 90_000;

/** Stops everything that the session started, whatever happens. */
const CLEANUP = `trap 'kill $receiver $server $reader 2> /dev/null; wait' EXIT; trap 'exit 1' TERM`;

Deno.test({
  name: `[N18] the session in ${PAGE} has the output shown there, as openapi.json describes it`,
  ignore: !await areInstalled(["sh", "curl", "node"], `The session in ${PAGE} was`),
  fn: async () => {
    const folder = await Deno.makeTempDir({ prefix: "halley-session-" });
    await using cleanup = new AsyncDisposableStack();
    cleanup.defer(() => Deno.remove(folder, { recursive: true }));
    const { number: listen } = cleanup.use(new ReservedPort());
    const { number: receiverPort } = cleanup.use(new ReservedPort());
    const proxy = cleanup.use(new RecordingProxy(`http://127.0.0.1:${listen}`));
    const ports = { server: new URL(proxy.url).port, receiver: String(receiverPort) };
    const examples = (await examplesOf(PAGE)).filter(({ name }) => name === "session");
    const receiver = withPorts(await exampleOf(PAGE, "receiver.mjs"), ports);
    await Deno.writeTextFile(join(folder, "receiver.mjs"), receiver);

    const outputs = await runSession(examples, { folder, ports, listen });

    for (const [n, { code, output }] of examples.entries()) {
      assertEquals(comparable(outputs[n] ?? ""), comparable(output), code);
    }
    const contract = await Contract.read();
    assertEquals(proxy.exchanges.length > 0, true);
    assertEquals(proxy.exchanges.flatMap((exchange) => contract.errorsOf(exchange)), []);
  },
});

Deno.test({
  name: `[X4] publish.py in ${PAGE} publishes, and can be repeated`,
  ignore: !await areInstalled(["python3"], `publish.py in ${PAGE} was`),
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

Deno.test(`[X4] tokensFor in ${PAGE} returns the tokens of a user`, async () => {
  await using server = await ServerProcess.start({ settings: { STORE: "memory", API_KEYS } });
  const code = (await exampleOf(PAGE, "tokens.mjs"))
    .replace("http://127.0.0.1:8000", server.url)
    .replace("process.env.HALLEY_KEY", JSON.stringify(KEYS.both));

  const { tokensFor } = await import(`data:text/javascript,${encodeURIComponent(code)}`);
  const { publicToken, privateToken, settings: _, ...rest } = await tokensFor({
    id: 7,
    name: "bob",
  });

  assertEquals([publicToken.length, privateToken.length], [16, 32]);
  assertEquals(rest, { displayName: "bob", userId: "7" });
});

interface Ports {
  readonly server: string;
  readonly receiver: string;
}

/** Returns the output of each example. */
async function runSession(
  examples: readonly Example[],
  { folder, ports, listen }: {
    readonly folder: string;
    /** The ports that clients use. */
    readonly ports: Ports;
    /** The port of the server, behind a proxy. */
    readonly listen: number;
  },
): Promise<string[]> {
  const script = examples.map(({ code }) => code).join(`\necho; echo "${NEXT}"\n`);
  await using shell = new Deno.Command("sh", {
    args: ["-c", `${CLEANUP}\n${withPorts(script, ports)}`],
    cwd: folder,
    env: {
      NO_COLOR: "1",
      PATH: `${await folderWithHalley(folder)}:${Deno.env.get("PATH")}`,
      PORT: String(listen),
      HALLEY_URL: `http://127.0.0.1:${ports.server}`,
    },
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const timer = setTimeout(() => shell.kill("SIGTERM"), TIMEOUT_MS);
  const { success, stdout, stderr } = await shell.output();
  clearTimeout(timer);
  const [text = "", errors] = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes));
  assertEquals({ success, errors }, { success: true, errors: "" }, text);
  return text.split(NEXT);
}

/** Creates a folder with an executable `halley` that runs the sources. */
async function folderWithHalley(folder: string): Promise<string> {
  const path = join(folder, "bin");
  const words = FROM_SOURCES.map((word) => `'${word}'`).join(" ");
  await Deno.mkdir(path);
  await Deno.writeTextFile(join(path, "halley"), `#!/bin/sh\nexec ${words} "$@"\n`, {
    mode: 0o755,
  });
  return path;
}

function withPorts(text: string, ports: Ports): string {
  return text.replaceAll(DOCUMENTED.server, ports.server)
    .replaceAll(DOCUMENTED.receiver, ports.receiver);
}

/** Replaces tokens and times. */
function comparable(output: string): string {
  return normalizeOutput(output)
    .replace(/"(deliveredAt|seenAt)":\d+/g, '"$1":(time)')
    .replace(/notice:[\w-]{16}/g, "notice:(token)")
    .replace(/^\d\d:\d\d:\d\d /gm, "(time) ");
}
