import { assertEquals } from "@std/assert";
import { Chat } from "../support/chat.ts";
import { settle, stopClock } from "../support/clock.ts";

Deno.test("[N1] typing is answered 202 without a body and signalled to readers", async () => {
  using _clock = stopClock();
  await using chat = await Chat.open();
  const [alice, bob] = [await chat.signIn("alice"), await chat.signIn("bob")];
  const { cursor } = await bob.poll({ channels: ["room:tea"] });
  const parked = bob.poll({ cursor, channels: ["room:tea"] });
  await settle();

  const response = await alice.request("POST", "/api/signals", {
    channel: "room:tea",
    type: "typing",
  });

  assertEquals([response.status, await response.text()], [202, ""]);
  assertEquals((await parked).signals, [{
    type: "typing",
    channel: "room:tea",
    from: { publicToken: alice.publicToken, displayName: "alice" },
    at: 1_767_225_600_000,
  }]);
});
