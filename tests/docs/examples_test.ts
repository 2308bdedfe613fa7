import { assertEquals } from "@std/assert";
import * as halley from "../../client/comet/halley.ts";
import type { Message } from "../../server/protocol/message.ts";
import type { SignedIn } from "../../server/protocol/replies.ts";
import { ServerProcess } from "../support/server_process.ts";
import { type Example, exampleOf, examplesOf, withoutChance } from "./examples.ts";

/** Where the documentation says that the server listens. */
const DOCUMENTED = "http://127.0.0.1:8000";

/** Stands between the outputs of a page's examples, which are run in one shell, one after the other. */
const NEXT = "--- next example ---";

const canRun = await isThere("curl") && await isThere("sh");
if (!canRun) {
  console.error(
    "\n!!! curl or sh is missing: the requests in the documentation are NOT tested !!!\n",
  );
}

for (const page of ["README.md", "docs/API.md", "docs/LEGACY.md"]) {
  Deno.test({
    name: `[X4] the requests in ${page} are answered as it says`,
    ignore: !canRun,
    fn: async () => {
      await using server = await startServer();
      const examples = (await examplesOf(page)).filter(({ language }) => language === "sh");

      const outputs = await runInShell(examples, server);

      for (const [n, { code, output }] of examples.entries()) {
        assertEquals(withoutChance(outputs[n] ?? ""), withoutChance(output), code);
      }
    },
  });
}

Deno.test("[X4] the client in API.md reads each message once, in order, until the sign-out", async () => {
  await using server = await startServer();
  const [alice, bob] = [await signIn(server, "alice"), await signIn(server, "bob")];
  const { cursor } = await ask(server, bob, "POST /api/poll", {});
  const say = (text: string) =>
    ask(server, alice, "POST /api/messages", { channel: "room:tea", text });
  const texts: unknown[] = [];
  const requests = [say("one")];

  const code = await exampleOf("docs/API.md", "client");
  const { readMessages } = await import(`data:text/javascript,${encodeURIComponent(code)}`);
  const reason = await readMessages({
    api: `${server.url}/api`,
    privateToken: bob.privateToken,
    channels: ["room:tea"],
    cursor,
    onMessage: ({ text }: Message) => {
      texts.push(text);
      requests.push(text === "one" ? say("two") : ask(server, bob, "DELETE /api/session"));
    },
  });

  // The sign-out comes while a poll is held, or just before the next one.
  assertEquals(["signed_out", "not_signed_in"].includes(reason), true, reason);
  assertEquals(texts, ["one", "two"]);
  await Promise.all(requests);
});

function startServer(): Promise<ServerProcess> {
  return ServerProcess.start({ settings: { STORE: "memory" } });
}

async function isThere(program: string): Promise<boolean> {
  try {
    await new Deno.Command(program, { args: ["--version"], stdout: "null", stderr: "null" })
      .output();
    return true;
  } catch {
    return false;
  }
}

/** What each of the examples writes. */
async function runInShell(examples: readonly Example[], server: ServerProcess): Promise<string[]> {
  const script = examples.map(({ code }) => code).join(`\necho; echo "${NEXT}"\n`);
  const { success, stdout, stderr } = await new Deno.Command("sh", {
    args: ["-c", script.replaceAll(DOCUMENTED, server.url)],
    cwd: server.folder,
  }).output();
  const [text, errors] = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes));
  assertEquals({ success, errors }, { success: true, errors: "" }, text);
  return (text ?? "").split(NEXT);
}

function signIn(server: ServerProcess, displayName: string): Promise<SignedIn> {
  return halley.signIn({ url: server.url, displayName });
}

async function ask(server: ServerProcess, who: SignedIn, request: string, body?: unknown) {
  const [method = "", path] = request.split(" ");
  const response = await fetch(server.url + path, {
    method,
    headers: { authorization: `Bearer ${who.privateToken}`, "content-type": "application/json" },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  return text === "" ? undefined : JSON.parse(text);
}
