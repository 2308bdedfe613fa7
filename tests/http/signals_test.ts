import { assertEquals } from "@std/assert";
import { Chat } from "../support/chat.ts";
import { settle, stopClock } from "../support/clock.ts";
import { expectRefusal } from "../support/problem.ts";

Deno.test("[N1] typing is answered 202 without a body, and reaches the other reader", async () => {
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

Deno.test("[H4] typing in a direct channel reaches the other one, who need not name it", async () => {
  using _clock = stopClock();
  await using chat = await Chat.open();
  const [alice, bob] = [await chat.signIn("alice"), await chat.signIn("bob")];
  const { cursor } = await bob.poll();
  const parked = bob.poll({ cursor });
  await settle();

  const channel = `direct:${bob.publicToken}`;
  await alice.request("POST", "/api/signals", { channel, type: "typing" });

  const pair = [alice.publicToken, bob.publicToken].sort().join(":");
  assertEquals((await parked).signals.map((signal) => signal.channel), [`direct:${pair}`]);
});

for (const type of ["presence", "Typing", "", null, 1, undefined]) {
  Deno.test(`[N2] a signal of type ${JSON.stringify(type)} is refused with 422`, async () => {
    await using chat = await Chat.open();
    const alice = await chat.signIn("alice");

    const signalling = alice.request("POST", "/api/signals", { channel: "room:tea", type });

    await expectRefusal(signalling, 422, "invalid_request");
  });
}

Deno.test("[R2] nobody types among the notices", async () => {
  await using chat = await Chat.open();
  const alice = await chat.signIn("alice");

  const signalling = alice.request("POST", "/api/signals", { channel: "notice", type: "typing" });

  await expectRefusal(signalling, 403, "not_allowed");
});
