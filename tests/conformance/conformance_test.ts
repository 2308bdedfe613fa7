import { dirname, join } from "node:path";
import { assertEquals, assertMatch } from "@std/assert";
import { areInstalled } from "../docs/examples.ts";
import { RestartableServer } from "../support/restartable_server.ts";
import { ServerProcess } from "../support/server_process.ts";
import { ClientProcess } from "./client_process.ts";
import { CHECKS, runSuite, type SuiteOptions } from "./suite.ts";

const TOP = join(import.meta.dirname ?? ".", "../..");

const PYTHON = join(TOP, "docs/clients/halley.py");

const CONFIG = ["--config", join(TOP, "tests/deno.json")];

const LIBRARY = [
  ...[Deno.execPath(), "run", "-A", "--no-check", ...CONFIG],
  join(TOP, "tests/conformance/library_client.ts"),
];

const ignore = !await areInstalled(["python3"], "The Python client was");

/** The problems of a client by the names of the checks that it fails. */
async function failuresOf(
  command: readonly string[],
  more: Omit<SuiteOptions, "command"> = {},
): Promise<Record<string, string>> {
  const { checks = CHECKS } = more;
  const results = await runSuite({ command, ...more });
  assertEquals(results.length, checks.length);
  return Object.fromEntries(
    results.flatMap(({ name, problem }) => problem === undefined ? [] : [[name, problem]]),
  );
}

Deno.test("[N20] the client library passes the conformance suite", async () => {
  assertEquals(await failuresOf(LIBRARY), {});
});

Deno.test({
  name: "[N20] docs/clients/halley.py passes the conformance suite",
  ignore,
  fn: async () => {
    assertEquals(await failuresOf(["python3", PYTHON]), {});
  },
});

/** Reads two pages of history, and stops after its own message. */
const PROGRAM = `
import json, sys
from halley import Halley

chat = Halley(sys.argv[1], channels=["room:茶"])
chat.sign_in("alice")
events = chat.events()
next(events)
for text in ("one", "two", "three"):
    chat.send("room:茶", text=text)
newest = chat.history("room:茶", limit=2)
older = chat.history("room:茶", before=newest["messages"][-1]["id"])
read = [message["text"] for message in newest["messages"] + older["messages"]]
polled = next(event["message"]["text"] for event in events if event["type"] == "message")
print(json.dumps([read, newest["more"], older["more"], polled]))
`;

Deno.test({
  name: "[N20] docs/clients/halley.py sends, reads and loads the history as a module",
  ignore,
  fn: async () => {
    await using server = await ServerProcess.start({ settings: { STORE: "memory" } });

    const { stdout, stderr } = await new Deno.Command("python3", {
      args: ["-c", PROGRAM, server.url],
      env: { PYTHONPATH: dirname(PYTHON), PYTHONDONTWRITEBYTECODE: "1" },
    }).output();

    const [text = "", errors = ""] = [stdout, stderr].map((bytes) =>
      new TextDecoder().decode(bytes)
    );
    assertEquals([text, errors], ['[["three", "two", "one"], true, false, "one"]\n', ""]);
  },
});

/** Signs in when the server is there. */
const WAITING_PROGRAM = `
import logging, sys
from halley import Halley

logging.basicConfig(format="%(levelname)s %(message)s", level=logging.INFO)
chat = Halley(sys.argv[1], on_state=lambda state, reason: print(f"{state} {bool(reason)}\\n", end="", flush=True))
chat.sign_in("alice")
`;

Deno.test({
  name:
    "[N23] docs/clients/halley.py logs once that it waits for the server, and tells its program",
  ignore,
  fn: async () => {
    await using server = await RestartableServer.start({});
    await server.kill();
    const client = new Deno.Command("python3", {
      args: ["-c", WAITING_PROGRAM, server.url],
      env: { PYTHONPATH: dirname(PYTHON), PYTHONDONTWRITEBYTECODE: "1" },
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    const logged = new Response(client.stderr).text();
    const states = client.stdout.pipeThrough(new TextDecoderStream()).getReader();

    assertEquals((await states.read()).value, "unavailable True\n");
    await server.restart();
    assertEquals((await states.read()).value, "available False\n");

    await client.status;
    await states.cancel();
    assertMatch(
      await logged,
      /^WARNING \S+ is unavailable or asks to wait \(no answer: .+\)\. Trying again\nINFO \S+ is available again\n$/,
    );
  },
});

Deno.test({
  name: "[N22] docs/clients/halley.py refuses lines that are no messages, and sends the next one",
  ignore,
  fn: async () => {
    await using server = await ServerProcess.start({ settings: { STORE: "memory" } });
    const args = [PYTHON, "--url", server.url, "--name", "alice"];
    await using client = new ClientProcess(["python3", ...args], { args: [], timeoutMs: 30_000 });
    const invalid = [
      "tea",
      "",
      "[1]",
      '{"text":"tea"}',
      '{"channel":"room:tea","self":1,"text":""}',
    ];

    for (const line of invalid) await client.write(line);
    await client.write(new Uint8Array([0x22, 0xff, 0x22]));
    await client.send({ channel: "room:tea", text: "hello" });

    await client.line("sent");
    assertEquals(
      client.of("refused").map(({ code }) => code),
      [...invalid, "not UTF-8"].map(() => "invalid_request"),
    );
  },
});

Deno.test({
  name: "[N22] docs/clients/halley.py says that a server needs a token of the application",
  ignore,
  fn: async () => {
    const settings = { STORE: "memory", AUTH: "jwt", JWT_SECRET: "x".repeat(32) };
    await using server = await ServerProcess.start({ settings });

    const { code, stderr } = await new Deno.Command("python3", {
      args: [PYTHON, "--url", server.url, "--name", "alice"],
    }).output();

    assertEquals(
      [code, new TextDecoder().decode(stderr)],
      [
        1,
        "Cannot sign in: this server needs a token of the application: pass it as --token, or its " +
        "address as --token-url, instead of --name\n",
      ],
    );
  },
});

Deno.test("[N20] PROTOCOL.md has the number of checks and the words in their names", async () => {
  const page = await Deno.readTextFile(join(TOP, "docs/PROTOCOL.md"));
  const shown = [...page.matchAll(/^(?:ok|FAIL) +(.+)$/gm)].map(([, name]) => name);

  assertEquals(/a suite of (\d+) checks/.exec(page)?.[1], String(CHECKS.length));
  assertEquals(shown.filter((name) => !CHECKS.some((check) => check.name === name)), []);
  assertEquals(shown.length, 3);
});

/** A mistake in a client: what is changed in the Python client, and the checks that find it. */
interface Mistake {
  readonly name: string;
  readonly from: string;
  readonly to: string;
  /** A word in the names of the checks that fail. */
  readonly found: string;
}

const MISTAKES: readonly Mistake[] = [
  {
    name: "gives up after any 401 or 404",
    from: "if is_problem and response.status < 429:",
    to: "if 400 <= response.status < 429:",
    found: "a 401 of a gate",
  },
  {
    name: "repeats a send with another key",
    from: '"POST", "/api/messages", body, expected="id"',
    to: '"POST", "/api/messages", {**body, "key": secrets.token_urlsafe(24)}, expected="id"',
    found: "a send whose answers are lost",
  },
  {
    name: "begins anew after a lost reply",
    from:
      "            except Disturbance as disturbance:\n                backoff.wait(disturbance)\n" +
      "                continue",
    to: "            except Disturbance as disturbance:\n                self._cursor = None\n" +
      "                continue",
    found: "lost reply",
  },
  {
    name: "polls again after it was superseded",
    from: 'if reply["outcome"] == "cancelled":',
    to: 'if reply["outcome"] == "stop":',
    found: "superseded",
  },
  {
    name: "recognizes repetitions by the id alone",
    from: 'unique = message["id"], message["at"]',
    to: 'unique = message["id"]',
    found: "new epoch",
  },
  {
    name: "recognizes repeated changes by the id alone",
    from: "if self._is_new(change):",
    to: 'if self._is_new({**change, "at": 0}):',
    found: "changes after a gap",
  },
  {
    name: "goes on after a gap with what it has",
    from: 'if event["type"] == "gap":',
    to: 'if event["type"] == "gaps":',
    found: "history after a gap",
  },
  {
    name: "reads no room any more when one is refused",
    from: 'self.channels.remove(refused["channel"])',
    to: "self.channels.clear()",
    found: "refused room",
  },
  {
    name: "leaves out rooms for which there is no space",
    from: 'if refused["code"] != "too_many_rooms" and ',
    to: "if ",
    found: "refused room",
  },
  {
    name: "stops when its token has expired",
    from: 'if refused.code != "token_expired" or ',
    to: 'if refused.code == "token_expired" or ',
    found: "token renewal",
  },
  {
    name: "accepts only the members of replies that it knows",
    from: "if response.status in (200, 201) and expected in value:",
    to: 'if response.status in (200, 201) and expected in value and "weather" not in value:',
    found: "unknown members of other replies",
  },
];

for (const { name, from, to, found } of MISTAKES) {
  Deno.test({
    name: `[N21] a client that ${name} fails the conformance suite`,
    ignore,
    fn: async () => {
      const source = await Deno.readTextFile(PYTHON);
      assertEquals(source.split(from).length, 2, "The mistake does not fit the client any more");
      const path = await Deno.makeTempFile({ suffix: ".py" });
      await Deno.writeTextFile(path, source.replace(from, to));

      const checks = CHECKS.filter(({ name }) => name.includes(found));
      const failures = await failuresOf(["python3", path], { checks, timeoutMs: 8000 });

      await Deno.remove(path);
      assertEquals([checks.length, Object.keys(failures).length], [1, 1]);
    },
  });
}
