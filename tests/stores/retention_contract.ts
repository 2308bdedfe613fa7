import { assertEquals } from "@std/assert";
import type { Draft } from "../../server/core/model/message.ts";
import type { Store } from "../../server/core/model/store.ts";
import type { Message, Person } from "../../server/protocol/message.ts";
import { texts } from "../support/hub.ts";
import { waitUntil } from "../support/wait_until.ts";
import type { StoreTest } from "./contract.ts";

const alice = { publicToken: "aliceAliceAlice_", displayName: "alice" };
const bob = { publicToken: "bobBobBobBobBob_", displayName: "bob" };
const DIRECT = `direct:${alice.publicToken}:${bob.publicToken}`;
const NOTICE = `notice:${alice.publicToken}`;

export function draft(channel: string, text: string, changes: Partial<Draft> = {}): Draft {
  return { channel, from: bob, text, ...changes };
}

export function tea(text: string, changes: Partial<Draft> = {}): Draft {
  return draft("room:tea", text, changes);
}

export async function append(store: Store, ...drafts: Draft[]): Promise<Message[]> {
  return (await store.log.append(drafts)).map(({ message }) => message);
}

/** Defines the tests of what is removed from a log, and how readers learn about it. */
export function retentionContract(test: StoreTest): void {
  test("[L7] messages beyond the maximum number are removed, oldest first", async (store) => {
    for (let n = 1; n <= 5; n++) await append(store, tea(`${n}`));

    await trim(store);

    assertEquals(await seen(store, "room:tea"), [["4", "5"], 3]);
    assertEquals((await append(store, tea("6")))[0]?.id, 6);
  }, { maxMessages: 2 });

  test("[L7] messages beyond the maximum age are removed", async (store) => {
    await append(store, tea("old"), draft(DIRECT, "psst"));

    await waitUntil(async () => {
      await trim(store);
      return (await store.log.read(["room:tea", DIRECT], 0, 1)).trimmedUpTo === 2;
    }, "the old messages are removed");

    assertEquals(await seen(store, "room:tea"), [[], 1]);
    assertEquals(await seen(store, DIRECT), [[], 2]);
    assertEquals(await store.log.newestId(), 2);
    assertEquals((await append(store, tea("new")))[0]?.id, 3);
  }, { maxAgeMs: 200 });

  test("[L7] trimming does not remove messages within the retention", async (store) => {
    await append(store, tea("one"), tea("two"));

    const isMore = await store.log.trim(Date.now());

    assertEquals(isMore, false);
    assertEquals(await seen(store, "room:tea"), [["one", "two"], 0]);
  });

  test("[L7] a room that floods removes its own messages, and none of others", async (store) => {
    await append(store, draft(NOTICE, "hello alice"), draft(DIRECT, "psst"));
    await append(store, draft("room:milk", "milk"), draft("notice", "to everyone"));
    for (let n = 0; n < 4; n++) {
      await append(store, ...Array.from({ length: 55 }, (_, i) => tea(`${n * 55 + i + 1}`)));
    }

    await trim(store);

    const inbox = `inbox:${alice.publicToken}`;
    assertEquals(await seen(store, inbox), [["hello alice", "psst"], 0]);
    assertEquals(await seen(store, "room:milk"), [["milk"], 0]);
    assertEquals(await seen(store, "notice"), [["to everyone"], 0]);
    const { messages, trimmedUpTo } = await store.log.read(["room:tea", inbox], 0, 1_000);
    assertEquals([messages.length, messages[2]?.text, trimmedUpTo], [100, "123", 126]);
    assertEquals(await store.log.get(126), undefined);
    assertEquals((await store.log.get(127))?.text, "123");
    assertEquals(texts({ messages: await store.log.history("room:tea", 130, 9) }).at(-1), "123");
  }, { maxMessages: 100 });

  test("[L7] the largest rooms are trimmed until none is larger than another", async (store) => {
    const say = (channel: string, count: number) =>
      append(store, ...Array.from({ length: count }, (_, n) => draft(channel, `${n + 1}`)));
    await say("room:milk", 6);
    await say("room:tea", 10);
    await say("room:water", 2);

    await trim(store);

    assertEquals(await seen(store, "room:tea"), [["8", "9", "10"], 13]);
    assertEquals(await seen(store, "room:milk"), [["4", "5", "6"], 3]);
    assertEquals(await seen(store, "room:water"), [["1", "2"], 0]);
  }, { maxMessages: 8 });

  test(
    "[L7] of rooms of the same size, those with the oldest messages are trimmed",
    async (store) => {
      for (const name of ["d", "a", "c", "e", "b"]) {
        await append(
          store,
          draft(`room:${name}`, name),
        );
      }

      await trim(store);

      const rooms = ["room:a", "room:b", "room:c", "room:d", "room:e"];
      assertEquals(texts(await store.log.read(rooms, 0, 10)), ["c", "e", "b"]);
      assertEquals(await seen(store, "room:a"), [[], 2]);
      assertEquals(await seen(store, "room:e"), [["e"], 0]);
    },
    { maxMessages: 3 },
  );

  test(
    "[L7] private messages have a bound of their own, and the largest conversation is trimmed",
    async (store) => {
      await append(store, draft(DIRECT, "psst"), tea("tea"), tea("more tea"));
      for (let n = 1; n <= 5; n++) await append(store, draft(NOTICE, `${n}`));

      await trim(store);

      assertEquals(await seen(store, NOTICE), [["4", "5"], 6]);
      assertEquals(await seen(store, DIRECT), [["psst"], 0]);
      assertEquals(await seen(store, `inbox:${alice.publicToken}`), [["psst", "4", "5"], 6]);
      assertEquals(await seen(store, `inbox:${bob.publicToken}`), [["psst"], 0]);
      assertEquals(await seen(store, "room:tea"), [["tea", "more tea"], 0]);
    },
    { maxPrivate: 3 },
  );

  test(
    "[L17] one who writes to many people pushes out none of the messages that wait for others",
    async (store) => {
      const to = (from: Person, n: number): Draft =>
        draft(`direct:${from.publicToken}:recipient_${`${n}`.padStart(6, "0")}`, `${n}`, { from });
      const guest = (n: number): Person => ({ publicToken: `guest_guest_${n}`, displayName: "x" });
      await append(store, draft(DIRECT, "one"), draft(DIRECT, "two"), draft(NOTICE, "notice"));
      await append(store, draft(DIRECT, "reply", { from: alice }));
      for (let n = 0; n < 10; n++) {
        await append(store, ...Array.from({ length: 30 }, (_, i) => to(guest(n), 30 * n + i)));
      }

      await trim(store);

      const inbox = await seen(store, `inbox:${alice.publicToken}`);
      assertEquals(inbox, [["one", "two", "notice", "reply"], 0]);
      const sent = Array.from({ length: 300 }, (_, n) => to(guest(Math.floor(n / 30)), n).channel);
      const { messages } = await store.log.read(sent, 0, 1_000);
      const newest = messages.filter(({ text }) => Number(text) % 30 >= 21);
      assertEquals([messages.length, newest.length], [96, 90]);
    },
    { maxPrivate: 100 },
  );

  test(
    "[L17] in a conversation, the messages of the one who wrote more are trimmed",
    async (store) => {
      await append(store, draft(DIRECT, "1"), draft(DIRECT, "hello", { from: alice }));
      await append(store, ...["2", "3", "4", "5"].map((text) => draft(DIRECT, text)));

      await trim(store);

      assertEquals(await seen(store, DIRECT), [["hello", "4", "5"], 4]);
      assertEquals(texts({ messages: await store.log.history(DIRECT, undefined, 9) }), [
        "5",
        "4",
        "hello",
      ]);
      await append(store, draft(DIRECT, "bye", { from: alice }), draft(DIRECT, "6"));
      await trim(store);
      assertEquals((await seen(store, DIRECT))[0], ["hello", "bye", "6"]);
    },
    { maxPrivate: 3 },
  );

  test(
    "[L7] messages have a bound in bytes, by which the largest room is trimmed",
    async (store) => {
      for (let n = 1; n <= 9; n++) await append(store, draft("room:milk", `${n}`));
      for (let n = 1; n <= 50; n++) await append(store, tea(`${n} ${"x".repeat(4_000)}`));

      await trim(store);

      const { messages, trimmedUpTo } = await store.log.read(["room:tea"], 0, 10);
      const kept = messages.map(({ text }) => text?.split(" ")[0]);
      assertEquals([kept, trimmedUpTo], [["49", "50"], 57]);
      assertEquals((await seen(store, "room:milk"))[1], 0);
    },
    { maxBytes: 10_000 },
  );

  test("[L7] a room that was emptied and is used again is counted anew", async (store) => {
    for (let round = 0; round < 3; round++) {
      await append(store, tea("one"), tea("two"));
      await append(store, draft("room:milk", "one"));
      await trim(store);
    }

    assertEquals(await seen(store, "room:tea"), [[], 8]);
    assertEquals(await seen(store, "room:milk"), [["one"], 6]);
    assertEquals(await store.log.newestId(), 9);
  }, { maxMessages: 1 });

  test("[L5] a follower that starts in the past receives what was not removed", async (store) => {
    await append(store, draft("room:milk", "milk"));
    for (let n = 1; n <= 5; n++) await append(store, tea(`${n}`));
    await trim(store);
    const received: string[] = [];

    using _ = await store.log.follow(0, (messages) => received.push(...texts({ messages })));
    await append(store, tea("6"));

    assertEquals(received, ["milk", "4", "5", "6"]);
  }, { maxMessages: 3 });

  test("[L8] a key is remembered after its message was removed", async (store) => {
    const [first] = await append(store, tea("hello", { key: "k" }));
    await append(store, tea("bye"));
    await trim(store);

    const [again] = await store.log.append([tea("hello", { key: "k" })]);

    assertEquals((await store.log.read(["room:tea"], 0, 10)).trimmedUpTo, 1);
    assertEquals([again?.message, again?.repeated], [first, true]);
  }, { maxMessages: 1 });

  test("[L8] a key is forgotten when it has expired", async (store) => {
    await append(store, tea("hello", { key: "k" }));

    await waitUntil(async () => {
      await store.log.trim(Date.now());
      const [again] = await store.log.append([tea("hello", { key: "k" })]);
      return again?.repeated === false;
    }, "the key is forgotten");

    assertEquals(await store.log.newestId(), 2);
  }, { keyAgeMs: 200 });
}

export async function trim({ log }: Store): Promise<void> {
  while (await log.trim(Date.now()));
}

/** The texts of a topic, and its trimmed mark. */
export async function seen(
  { log }: Store,
  topic: string,
): Promise<readonly [readonly string[], number]> {
  const page = await log.read([topic], 0, 1_000);
  return [texts(page), page.trimmedUpTo];
}
