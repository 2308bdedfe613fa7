import { assert, assertEquals, assertRejects } from "@std/assert";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { Refused } from "../../../server/core/model/refused.ts";
import { SqliteStore } from "../../../server/stores/sqlite/sqlite_store.ts";
import { settle, stopClock, type StoppedClock } from "../../support/clock.ts";
import { TestHub, texts } from "../../support/hub.ts";
import { TestFolder } from "../../support/test_folder.ts";
import { KEEP_ALL } from "../../support/retention.ts";

Deno.test("[P20] a hub that closes gives every poll a time of its own to come back", async () => {
  await using hub = await TestHub.open();
  const readers = await Promise.all(["alice", "bob", "carol"].map((name) => hub.signIn(name)));
  const polls = await Promise.all(readers.map(async (reader) => {
    const cursor = await hub.cursor(reader);
    return { poll: hub.poll(reader, { cursor }), cursor };
  }));
  await settle();

  await hub.hub.close((n, of) => 1_000 * (n + 1) / of);

  const answers = await Promise.all(polls.map(({ poll }) => poll));
  assertEquals(answers.map(({ outcome }) => outcome), Array(3).fill("timedout"));
  assertEquals(new Set(answers.map(({ retryAfter }) => Math.round(retryAfter))).size, 3);
  assert(answers.every(({ retryAfter }) => retryAfter <= 1_000));
});

Deno.test("[P20] a hub that closes refuses sends and polls", async () => {
  await using hub = await TestHub.open();
  const alice = await hub.signIn("alice");
  const cursor = await hub.cursor(alice);

  await hub.hub.close(() => 0);

  const send = await assertRejects(() => hub.say(alice, "room:tea", "hello"), Refused);
  const poll = await assertRejects(() => hub.poll(alice, { cursor }), Refused);
  assertEquals([send.refusal, poll.refusal], ["closing", "closing"]);
});

/** Parks polls of a room in which there was just a message, each of a session of its own; `alice` can write to it. */
async function parkReaders(hub: TestHub, clock: StoppedClock, count: number) {
  const alice = await hub.signIn("alice");
  const cursor = await hub.cursor(alice);
  const readers = await Promise.all(Array.from({ length: count }, (_, n) => hub.signIn(`${n}`)));
  const first = readers.map((reader) => hub.poll(reader, { cursor }));
  await clock.pass(100);
  await hub.say(alice, "room:tea", "before");
  const [reply] = await Promise.all(first);
  const polls = readers.map((reader) => hub.poll(reader, { cursor: reply?.cursor ?? "" }));
  await clock.pass(100);
  return { alice, readers, polls };
}

/** The number of parked polls after each of the next turns of the event loop. */
async function parkedIn(hub: TestHub, turns: number): Promise<readonly number[]> {
  const parked = [hub.hub.parked];
  while (parked.length <= turns) {
    await new Promise<void>((resolve) => setImmediate(resolve));
    parked.push(hub.hub.parked);
  }
  return parked;
}

/** By how much numbers decrease from one to the next, at most. */
function largestStep(numbers: readonly number[]): number {
  return Math.max(...numbers.slice(1).map((number, n) => (numbers[n] ?? number) - number));
}

Deno.test("[P21] a thousand polls are woken in slices", async () => {
  using clock = stopClock();
  await using hub = await TestHub.open();
  const { alice, polls } = await parkReaders(hub, clock, 1_000);
  assertEquals(hub.hub.parked, 1_000);

  const [parked] = await Promise.all([parkedIn(hub, 20), hub.say(alice, "room:tea", "hello")]);

  assertEquals([parked.at(-1), largestStep(parked)], [0, 250]);
  assertEquals((await Promise.all(polls)).map(texts), Array(1_000).fill(["hello"]));
});

Deno.test("[P21] readers in line get the messages that arrive meanwhile in the same reply", async () => {
  using clock = stopClock();
  await using hub = await TestHub.open();
  const { alice, polls } = await parkReaders(hub, clock, 2_000);

  await hub.say(alice, "room:tea", "one");
  await hub.say(alice, "room:tea", "two");
  await clock.pass(100);

  const replies = (await Promise.all(polls)).map(texts);
  assertEquals(replies[0], ["one"]);
  assertEquals(replies.at(-1), ["one", "two"]);
});

Deno.test("[P21] under overload fewer polls are woken in one turn, until nobody is in line", async () => {
  using clock = stopClock();
  await using hub = await TestHub.open();
  const { alice, readers, polls } = await parkReaders(hub, clock, 2_000);

  await hub.say(alice, "room:tea", "one");
  await hub.say(alice, "room:tea", "two");
  const overloaded = await parkedIn(hub, 60);
  await Promise.all(polls);
  const newest = await hub.cursor(alice);
  const last = readers.map((reader) => hub.poll(reader, { cursor: newest }));
  await clock.pass(100);
  const [parked] = await Promise.all([parkedIn(hub, 20), hub.say(alice, "room:tea", "three")]);

  assertEquals([overloaded.at(-1), largestStep(overloaded)], [0, 32]);
  assertEquals([parked.at(-1), largestStep(parked)], [0, 250]);
  await Promise.all(last);
});

Deno.test("[O16] a hub closes though its store cannot be written", async () => {
  using clock = stopClock();
  using folder = TestFolder.make();
  const path = join(folder.path, "halley.db");
  await using hub = await TestHub.open({}, SqliteStore.open(path, KEEP_ALL));
  const { privateToken } = await hub.hub.signIn("alice");
  await clock.pass(1_000);
  await hub.hub.sessions.authenticate(privateToken);
  using other = new DatabaseSync(path);
  other.exec("BEGIN IMMEDIATE");

  await assertRejects(() => hub.hub.sessions.flush(), Refused);
  await hub.hub.close(() => 0);

  assertEquals(hub.hub.parked, 0);
});
