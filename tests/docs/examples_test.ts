import { assertEquals } from "@std/assert";
import * as halley from "../../client/comet/halley.ts";
import type { Message } from "../../server/protocol/message.ts";
import type { SignedIn } from "../../server/protocol/replies.ts";
import { Contract } from "../openapi/contract.ts";
import { RecordingProxy } from "../openapi/recording_proxy.ts";
import { ServerProcess } from "../support/server_process.ts";
import { areInstalled, type Example, exampleOf, examplesOf, normalizeOutput } from "./examples.ts";

/** The URL of the server in the documentation. */
const DOCUMENTED = "http://127.0.0.1:8000";

/** The key of the administrator in the documentation. */
const KEY = "the-key-for-administering";

/** Separates the outputs of examples, which are executed in one shell. */
const NEXT = "--- next example ---";

const contract = await Contract.read();

const canRun = await areInstalled(["curl", "sh"], "The requests in the documentation were");

for (const page of ["README.md", "docs/API.md", "docs/LEGACY.md"]) {
  Deno.test({
    name: `[N18] the requests in ${page} have the responses shown there and in openapi.json`,
    ignore: !canRun,
    fn: async () => {
      await using server = await startServer();
      await using proxy = new RecordingProxy(server.url);
      const examples = (await examplesOf(page)).filter(({ language }) => language === "sh");

      const outputs = await runInShell(examples, { url: proxy.url, folder: server.folder });

      for (const [n, { code, output }] of examples.entries()) {
        assertEquals(normalizeOutput(outputs[n] ?? ""), normalizeOutput(output), code);
      }
      assertEquals(proxy.exchanges.length > 0, true);
      assertEquals(proxy.exchanges.flatMap((exchange) => contract.errorsOf(exchange)), []);
    },
  });
}

Deno.test("[X4] the client in API.md reads each message once, in order, until the sign-out", async () => {
  await using server = await startServer();
  const [alice, bob] = [await signIn(server, "alice"), await signIn(server, "bob")];
  const { cursor } = await request(server, bob, "POST /api/poll", {});
  const say = (text: string) =>
    request(server, alice, "POST /api/messages", { channel: "room:tea", text });
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
      requests.push(text === "one" ? say("two") : request(server, bob, "DELETE /api/session"));
    },
  });

  // The session may end during a poll or just before the next one.
  assertEquals(["signed_out", "not_signed_in"].includes(reason), true, reason);
  assertEquals(texts, ["one", "two"]);
  await Promise.all(requests);
});

function startServer(): Promise<ServerProcess> {
  return ServerProcess.start({ settings: { API_KEYS: `boss:admin:${KEY}` } });
}

/** Returns the output of each example. */
async function runInShell(
  examples: readonly Example[],
  { url, folder }: { readonly url: string; readonly folder: string },
): Promise<string[]> {
  const script = examples.map(({ code }) => code).join(`\necho; echo "${NEXT}"\n`);
  const { success, stdout, stderr } = await new Deno.Command("sh", {
    args: ["-c", script.replaceAll(DOCUMENTED, url)],
    cwd: folder,
    env: { HALLEY_KEY: KEY },
  }).output();
  const [text, errors] = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes));
  assertEquals({ success, errors }, { success: true, errors: "" }, text);
  return (text ?? "").split(NEXT);
}

function signIn(server: ServerProcess, displayName: string): Promise<SignedIn> {
  return halley.signIn({ url: server.url, displayName });
}

async function request(server: ServerProcess, who: SignedIn, route: string, body?: unknown) {
  const [method = "", path] = route.split(" ");
  const response = await fetch(server.url + path, {
    method,
    headers: { authorization: `Bearer ${who.privateToken}`, "content-type": "application/json" },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  return text === "" ? undefined : JSON.parse(text);
}
