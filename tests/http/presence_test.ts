import { assertEquals } from "@std/assert";
import { answer, Chat } from "../support/chat.ts";
import { settle, stopClock } from "../support/clock.ts";

const NEW_YEAR = 1_767_225_600_000;

Deno.test("[N1] presence is answered 200 with the readers of the room", async () => {
  using clock = stopClock();
  await using chat = await Chat.open();
  const [alice, bob] = [await chat.signIn("alice"), await chat.signIn("bob")];
  await alice.poll({ channels: ["room:tea"] });
  await clock.pass(1_000);
  await bob.poll({ channels: ["room:tea"], state: "background" });

  const presence = await answer(alice.request("GET", "/api/channels/room:tea/presence"));

  assertEquals(presence, {
    status: 200,
    body: {
      present: [
        {
          publicToken: alice.publicToken,
          displayName: "alice",
          state: "active",
          lastSeen: NEW_YEAR,
        },
        {
          publicToken: bob.publicToken,
          displayName: "bob",
          state: "background",
          lastSeen: NEW_YEAR + 1_000,
        },
      ],
      total: 2,
    },
  });
});

Deno.test("[N1] the presence of a room without readers is empty", async () => {
  await using chat = await Chat.open();
  const alice = await chat.signIn("alice");
  await alice.poll({ channels: ["room:milk"] });

  assertEquals(await answer(alice.request("GET", "/api/channels/room:tea/presence")), {
    status: 200,
    body: { present: [], total: 0 },
  });
});

Deno.test("[H3] a poll is answered with the signal of a new reader", async () => {
  using _clock = stopClock();
  await using chat = await Chat.open();
  const [alice, bob] = [await chat.signIn("alice"), await chat.signIn("bob")];
  const { cursor } = await alice.poll({ channels: ["room:tea"] });
  const parked = alice.poll({ cursor, channels: ["room:tea"] });
  await settle();

  await bob.poll({ channels: ["room:tea"] });

  assertEquals(await parked, {
    outcome: "message",
    cursor,
    messages: [],
    signals: [{
      type: "presence",
      channel: "room:tea",
      from: { publicToken: bob.publicToken, displayName: "bob" },
      state: "active",
      at: NEW_YEAR,
    }],
    gap: false,
    retryAfter: 0,
  });
});
