import { assertEquals } from "@std/assert";
import { Chat, type TestUser } from "../support/chat.ts";
import { settle, stopClock } from "../support/clock.ts";
import { expectOrdinaryConversation } from "../support/conversation.ts";
import { texts } from "../support/hub.ts";

/** Cursors that are worth nothing; in `{epoch}` the log's own epoch stands. */
const WORTHLESS = [
  "",
  "nonsense",
  "otherepoch.1",
  "{epoch}",
  "{epoch}.",
  "{epoch}.3",
  "{epoch}.9007199254740991",
  "{epoch}.9007199254740993",
  "{epoch}.99999999999999999999",
  "{epoch}.-1",
  "{epoch}.01",
  "{epoch}.1.1",
  "{epoch}.1 ",
  "{epoch}.1\n",
  "{epoch}.0x1",
  "{epoch}.1e1",
  "__proto__.1",
  "' OR 1=1 --",
  "\ud800",
  "x".repeat(60_000),
];

for (const template of WORTHLESS) {
  const shown = JSON.stringify(template.slice(0, 32));
  Deno.test(`[N5] the cursor ${shown} is no error: it gets a gap and the newest place`, async () => {
    await using chat = await Chat.open();
    const alice = await chat.signIn("alice");
    for (const text of ["one", "two"]) await alice.say("room:tea", text);
    const newest = (await alice.poll()).cursor;
    const [epoch = ""] = newest.split(".");
    const channels = ["room:tea"];

    const reply = await alice.poll({ cursor: template.replace("{epoch}", epoch), channels });

    assertEquals(reply.outcome, "message");
    assertEquals([reply.gap, reply.cursor, texts(reply)], [true, newest, ["one", "two"]]);
    await expectOrdinaryConversation(chat);
  });
}

async function presenceIn(user: TestUser, channel: string): Promise<readonly string[]> {
  const response = await user.request("GET", `/api/channels/${channel}/presence`);
  const { present } = await response.json();
  return present.map(({ displayName }: { displayName: string }) => displayName);
}

Deno.test("[N5] of 20 polls of one tab that come at once, 19 are cancelled and one is parked", async () => {
  using _clock = stopClock();
  await using chat = await Chat.open();
  const alice = await chat.signIn("alice");
  const { cursor } = await alice.poll();

  const polls = Array.from({ length: 20 }, () => alice.poll({ cursor, channels: ["room:tea"] }));
  await settle();
  assertEquals(chat.test.hub.parked, 1);
  await alice.say("room:tea", "hello");

  const outcomes = (await Promise.all(polls)).map(({ outcome, reason }) => reason ?? outcome);
  assertEquals(outcomes.toSorted(), ["message", ...Array(19).fill("superseded")]);
  await expectOrdinaryConversation(chat);
});

Deno.test("[N5] of 20 polls that come at once in disorder, the one of the highest turn is parked", async () => {
  using _clock = stopClock();
  await using chat = await Chat.open();
  const alice = await chat.signIn("alice");
  const { cursor } = await alice.poll();
  const turns = [7, 19, 3, 12, 0, 15, 8, 1, 18, 5, 11, 4, 16, 9, 2, 14, 6, 17, 10, 13];

  const polls = turns.map((turn) => alice.poll({ cursor, channels: ["room:tea"], turn }));
  await settle();
  assertEquals(chat.test.hub.parked, 1);
  await alice.say("room:tea", "hello");

  const replies = await Promise.all(polls);
  const answered = turns.filter((_, n) => replies[n]?.outcome === "message");
  assertEquals(answered, [19]);
});

Deno.test("[N5] an older turn that arrives late is cancelled, and the parked poll stays", async () => {
  using _clock = stopClock();
  await using chat = await Chat.open();
  const alice = await chat.signIn("alice");
  const { cursor } = await alice.poll();
  const parked = alice.poll({ cursor, channels: ["room:tea"], turn: 43 });
  await settle();

  const late = await alice.poll({ cursor, channels: ["room:tea"], turn: 42 });

  assertEquals([late.outcome, late.reason], ["cancelled", "superseded"]);
  assertEquals(chat.test.hub.parked, 1);
  await alice.say("room:tea", "hello");
  assertEquals(texts(await parked), ["hello"]);
});

Deno.test("[N5] an older turn that arrives late does not take its reader out of the room", async () => {
  using _clock = stopClock();
  await using chat = await Chat.open();
  const [alice, bob] = [await chat.signIn("alice"), await chat.signIn("bob")];
  const { cursor } = await alice.poll();
  const parked = alice.poll({ cursor, channels: ["room:tea"], turn: 43 });
  await settle();

  await alice.poll({ cursor, channels: ["room:milk"], turn: 42 });

  assertEquals(await presenceIn(bob, "room:tea"), ["alice"]);
  assertEquals(await presenceIn(bob, "room:milk"), []);
  await alice.request("DELETE", "/api/session");
  assertEquals((await parked).reason, "signed_out");
});

Deno.test("[N5] an older turn of one of eight tabs is cancelled, not refused", async () => {
  using _clock = stopClock();
  await using chat = await Chat.open();
  const alice = await chat.signIn("alice");
  const { cursor } = await alice.poll();
  const polls = Array.from({ length: 8 }, (_, n) => alice.poll({ cursor, tab: `x${n}`, turn: 43 }));
  await settle();

  const late = await alice.poll({ cursor, tab: "x7", turn: 42 });

  assertEquals([late.outcome, late.reason], ["cancelled", "superseded"]);
  assertEquals(chat.test.hub.parked, 8);
  await alice.request("DELETE", "/api/session");
  await Promise.all(polls);
});

Deno.test("[N5] a ninth tab, which is refused, makes nobody present", async () => {
  using _clock = stopClock();
  await using chat = await Chat.open();
  const [alice, bob] = [await chat.signIn("alice"), await chat.signIn("bob")];
  const { cursor } = await alice.poll();
  const polls = Array.from({ length: 8 }, (_, n) => alice.poll({ cursor, tab: `x${n}` }));
  await settle();

  await alice.request("POST", "/api/poll", { cursor, tab: "ninth", channels: ["room:milk"] });

  assertEquals(await presenceIn(bob, "room:milk"), []);
  await alice.request("DELETE", "/api/session");
  await Promise.all(polls);
});

Deno.test("[N5] a session is in no more rooms than eight tabs can read, however many tabs it names", async () => {
  using _clock = stopClock();
  await using chat = await Chat.open();
  const [alice, bob] = [await chat.signIn("alice"), await chat.signIn("bob")];

  for (let n = 0; n < 20; n++) await alice.poll({ tab: `x${n}`, channels: [`room:${n}`] });

  const rooms = Array.from({ length: 20 }, (_, n) => `room:${n}`);
  const present = await Promise.all(rooms.map((room) => presenceIn(bob, room)));
  assertEquals(present.filter((names) => names.includes("alice")).length <= 8, true);
});

for (const hold of [-1, 1e-300, 1e300, -1e300]) {
  Deno.test(`[P5] a poll that asks for a hold of ${hold} ms is held for 1 s to 55 s`, async () => {
    using clock = stopClock();
    await using chat = await Chat.open();
    const alice = await chat.signIn("alice");
    const { cursor } = await alice.poll();
    const poll = alice.poll({ cursor, hold });
    await clock.pass(800);
    assertEquals(chat.test.hub.parked, 1);

    await clock.pass(55_500);

    assertEquals((await poll).outcome, "timedout");
  });
}
