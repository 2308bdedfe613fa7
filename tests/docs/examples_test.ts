import { assertEquals } from "@std/assert";
import * as halley from "../../client/comet/halley.ts";
import type { Message } from "../../server/wire.ts";
import { ServerProcess } from "../support/server_process.ts";
import { type Example, examplesOf, withoutChance } from "./examples.ts";

/** Where the documentation says that the server listens. */
const DOCUMENTED = "http://127.0.0.1:8000";

/** What separates the outputs of a page's examples, which are run in one shell, one after the other. */
const NEXT = "--- next example ---";

const hasCurl = await isThere("curl") && await isThere("sh");
if (!hasCurl) {
  console.error("!!! curl or sh is missing: the examples in the documentation are NOT tested !!!");
}

for (const page of ["README.md", "docs/API.md", "docs/LEGACY.md"]) {
  Deno.test({
    name: `[X4] the requests in ${page} are answered as it says`,
    ignore: !hasCurl,
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

Deno.test("[X4] the client in API.md reads every message once, and stops at the sign-out", async () => {
  await using server = await startServer();
  const alice = await halley.signIn({ url: server.url, displayName: "alice" });
  const bob = await halley.signIn({ url: server.url, displayName: "bob" });
  const texts: (string | undefined)[] = [];
  const isReading = Promise.withResolvers<void>();
  const { readMessages } = await run(await example("docs/API.md", "client"), ["readMessages"]);

  const stopped = readMessages({
    api: `${server.url}/api`,
    privateToken: bob.privateToken,
    channels: ["room:tea"],
    onMessage: ({ text }: Message) => {
      texts.push(text);
      if (text === "are you there?") isReading.resolve();
      if (text === "goodbye") signOut(server, bob);
    },
  });
  using sender = clientOf(server, alice);
  await sendUntil(isReading.promise, () => sender.send({ channel: "room:tea", text: "are you there?" }));
  const greetings = texts.length;
  for (const text of ["one", "two", "goodbye"]) await sender.send({ channel: "room:tea", text });

  assertEquals(await stopped, "signed_out");
  assertEquals(texts.slice(greetings), ["one", "two", "goodbye"]);
});
