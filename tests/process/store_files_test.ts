import { assertEquals, assertMatch } from "@std/assert";
import { runToEnd, ServerProcess } from "../support/server_process.ts";
import { RemoteChat } from "../support/remote_chat.ts";

Deno.test("[O12] a backup can be made while the server runs, with the same permissions", async () => {
  await using halley = await ServerProcess.start();
  const { folder } = halley;
  using chat = new RemoteChat(halley.url);
  await (await chat.signIn("alice")).say("room:tea", "hello");

  const made = await runToEnd({ folder, args: ["backup", "backup.db"] });
  const again = await runToEnd({ folder, args: ["backup", "backup.db"] });

  assertEquals([made.code, made.stderr], [0, ""]);
  assertEquals(again.code, 1);
  assertMatch(again.stderr, /^The file ".*backup.db" already exists\n$/);
});

Deno.test("[O13] a restored backup is served, with its sessions", async () => {
  await using first = await ServerProcess.start();
  const { folder } = first;
  using chat = new RemoteChat(first.url);
  const alice = await chat.signIn("alice");
  await alice.say("room:tea", "before");
  const old = (await alice.poll({ channels: ["room:tea"] })).cursor;
  await runToEnd({ folder, args: ["backup", "backup.db"] });
  await alice.say("room:tea", "after");
  const refused = await runToEnd({ folder, args: ["restore", "backup.db"] });
  first.kill("SIGKILL");
  await first.ended();

  const restored = await runToEnd({ folder, args: ["restore", "backup.db"] });
  await using second = await ServerProcess.start({ folder });
  const response = await fetch(`${second.url}/api/poll`, {
    method: "POST",
    headers: {
      "content-type": "application/json",
      authorization: `Bearer ${alice.privateToken}`,
    },
    body: JSON.stringify({ cursor: old, channels: ["room:tea"] }),
  });

  assertEquals([refused.code, restored.code], [1, 0]);
  const { gap, messages } = await response.json();
  assertEquals([gap, messages.map(({ text }: { text: string }) => text)], [true, ["before"]]);
});

for (const args of [["backup"], ["backup", "--to"], ["restore", "a", "b"], ["epoch"]]) {
  Deno.test(`[O5] "halley ${args.join(" ")}" prints an error and the usage, with status 2`, async () => {
    const { code, stdout, stderr } = await runToEnd({ args });

    assertEquals([code, stdout], [2, ""]);
    assertMatch(stderr, /^[^\n]+\n\nusage: halley /);
  });
}
