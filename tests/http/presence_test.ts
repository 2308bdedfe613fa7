import { assertEquals } from "@std/assert";
import type { PresenceReply } from "../../server/protocol/replies.ts";
import { answer, Chat } from "../support/chat.ts";
import { settle, stopClock } from "../support/clock.ts";

const NEW_YEAR = 1_767_225_600_000;

Deno.test("[N1] presence is answered 200 with those who read the room", async () => {
  using clock = stopClock();
  await using chat = await Chat.open();
  const [alice, bob] = [await chat.signIn("alice"), await chat.signIn("bob")];
  await alice.poll({ channels: ["room:tea"] });
  await clock.pass(1_000);
  await bob.poll({ channels: ["room:tea"], state: "background" });

  const attendees = await answer(alice.request("GET", "/api/channels/room:tea/presence"));

  assertEquals(attendees, {
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

Deno.test("[N1] the presence of a room that nobody reads is empty", async () => {
  await using chat = await Chat.open();
  const alice = await chat.signIn("alice");
  await alice.poll({ channels: ["room:milk"] });

  assertEquals(await answer(alice.request("GET", "/api/channels/room:tea/presence")), {
    status: 200,
    body: { present: [], total: 0 },
  });
});

Deno.test("[H6] the presence of a direct channel is that of its two sessions", async () => {
  using clock = stopClock();
  await using chat = await Chat.open();
  const [alice, bob] = [await chat.signIn("alice"), await chat.signIn("bob")];
  await bob.poll();
  await clock.pass(2_000);
  const channel = `direct:${bob.publicToken}`;

  const response = await alice.request("GET", `/api/channels/${channel}/presence`);

  const { present, total }: PresenceReply = await response.json();
  assertEquals([response.status, total], [200, 2]);
  assertEquals(present.find(({ displayName }) => displayName === "alice"), {
    publicToken: alice.publicToken,
    displayName: "alice",
    state: "offline",
    lastSeen: NEW_YEAR + 2_000,
  });
  assertEquals(present.find(({ displayName }) => displayName === "bob"), {
    publicToken: bob.publicToken,
    displayName: "bob",
    state: "active",
    lastSeen: NEW_YEAR,
  });
});

Deno.test("[H3] a reader of the room is told that somebody has come", async () => {
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
