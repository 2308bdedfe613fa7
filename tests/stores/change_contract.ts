import { assert, assertEquals, assertRejects } from "@std/assert";
import type { Draft, Entry } from "../../server/core/model/message.ts";
import { Refused } from "../../server/core/model/refused.ts";
import type { Store } from "../../server/core/model/store.ts";
import type { StoreTest } from "./contract.ts";
import { append, tea } from "./retention_contract.ts";

const alice = { publicToken: "aliceAliceAlice_", displayName: "alice" };
const bob = { publicToken: "bobBobBobBobBob_", displayName: "bob" };
const DIRECT = `direct:${alice.publicToken}:${bob.publicToken}`;

/** Edits a message of `room:tea`, or deletes it if there is no text; returns the entry. */
export async function change(store: Store, id: number, text?: string): Promise<Entry> {
  return await changeIn(store, "room:tea", id, text);
}

async function changeIn(store: Store, channel: string, id: number, text?: string): Promise<Entry> {
  const draft: Draft = { channel, changes: id, ...(text !== undefined && { text }) };
  const [appended] = await store.log.append([draft]);
  assert(appended !== undefined && !appended.repeated);
  return appended.message;
}

/** Entries in short: `1 text`, `1 deleted`, or `2 -> 1 text` for a change. */
export function short(entries: readonly Entry[]): readonly string[] {
  return entries.map(({ id, text, deletedAt, message }) =>
    message === undefined
      ? `${id} ${deletedAt === undefined ? text : "deleted"}`
      : `${id} -> ${short([message])}`
  );
}

/** The messages of a channel that are there, newest first. */
export async function present(store: Store, channel = "room:tea"): Promise<readonly string[]> {
  const entries = await store.log.history(channel, undefined, 100);
  return short(
    entries.filter(({ message, deletedAt }) => message === undefined && deletedAt === undefined),
  );
}

/** Defines the tests of edits and deletions. */
export function changeContract(test: StoreTest): void {
  test("[L22] a change is the next entry of the log, for followers and readers of the channel", async (store) => {
    const followed: Entry[] = [];
    using _ = await store.log.follow(0, (entries) => void followed.push(...entries));
    await append(store, tea("one"), tea("two"));

    const edited = await change(store, 1, "uno");
    const deleted = await change(store, 2);

    assertEquals([edited.id, deleted.id, await store.log.newestId()], [3, 4, 4]);
    const { id, channel, from, text, editedAt } = edited.message ?? {};
    assertEquals([id, channel, from, text], [1, "room:tea", bob, "uno"]);
    assertEquals(editedAt, edited.at);
    assertEquals(short(followed), ["1 one", "2 two", "3 -> 1 uno", "4 -> 2 deleted"]);
    const { messages } = await store.log.read(["room:tea"], 2, 10);
    assertEquals(short(messages), ["3 -> 1 uno", "4 -> 2 deleted"]);
    assertEquals((await store.log.read(["room:milk"], 0, 10)).messages, []);
  });

  test("[L22] a change of a direct message is stored for both people", async (store) => {
    await append(store, tea("psst", { channel: DIRECT, from: alice }));

    await changeIn(store, DIRECT, 1, "pssst");

    for (const topic of [`inbox:${alice.publicToken}`, `inbox:${bob.publicToken}`]) {
      const { messages } = await store.log.read([topic], 0, 10);
      assertEquals(short(messages), ["1 pssst", "2 -> 1 pssst"]);
    }
  });

  test("[L23] the log returns messages as they are now", async (store) => {
    await append(store, tea("one"), tea("two"), tea("three"));

    await change(store, 1, "uno");
    await change(store, 2);
    await change(store, 1, "eins");

    assertEquals(await present(store), ["3 three", "1 eins"]);
    assertEquals((await store.log.get(1))?.text, "eins");
    assertEquals((await store.log.get(2))?.text, undefined);
    const { messages } = await store.log.read(["room:tea"], 0, 10);
    const text = JSON.stringify(messages);
    assert(!text.includes("one") && !text.includes("uno") && !text.includes("two"), text);
    assertEquals(short(messages).at(-1), "6 -> 1 eins");
  });

  test("[L23] a follower that starts later gets messages as they are now", async (store) => {
    await append(store, tea("one"), tea("two"));
    await change(store, 1);
    await change(store, 2, "dos");
    const followed: Entry[] = [];

    using _ = await store.log.follow(0, (entries) => void followed.push(...entries));

    const shown = short(followed).filter((entry) => entry !== "1 deleted");
    assertEquals(shown, ["2 dos", "3 -> 1 deleted", "4 -> 2 dos"]);
  });

  test("[L23] any data can take the place of a text, and the other way round", async (store) => {
    await append(store, tea("one"));
    const data = { message: { id: 7 }, list: ['"message":{"id":1}'] };

    const [edited] = await store.log.append([{ channel: "room:tea", changes: 1, data }]);

    assertEquals(edited?.message.message?.data, data);
    assertEquals((await store.log.get(1))?.data, data);
    assertEquals((await store.log.get(1))?.text, undefined);
    await change(store, 1, "two");
    assertEquals(await present(store), ["1 two"]);
  });

  test("[L24] a deletion is final, and only messages of the channel can be changed", async (store) => {
    await append(store, tea("one"), tea("two"));
    await change(store, 1);

    const refused = async (draft: Draft) =>
      (await assertRejects(() => store.log.append([draft]), Refused)).refusal;

    assertEquals(await refused({ channel: "room:tea", changes: 1, text: "again" }), "not_found");
    assertEquals(await refused({ channel: "room:tea", changes: 3, text: "change" }), "not_found");
    assertEquals(await refused({ channel: "room:tea", changes: 99 }), "not_found");
    assertEquals(await refused({ channel: "room:milk", changes: 2 }), "not_found");
    assertEquals(await store.log.newestId(), 3);
    assertEquals(await present(store), ["2 two"]);
  });

  test("[L24] of changes at the same time, none follows the deletion", async (store) => {
    await append(store, tea("one"));

    const results = await Promise.allSettled([
      change(store, 1, "uno"),
      change(store, 1),
      change(store, 1, "eins"),
    ]);

    assertEquals(results[1]?.status, "fulfilled");
    assertEquals(await present(store), []);
    const { messages } = await store.log.read(["room:tea"], 1, 10);
    for (const { message } of messages) assertEquals(message?.text, undefined);
    assert(messages.length > 0);
  });

  test("[L25] changes push out no messages, and the oldest ones go first", async (store) => {
    await append(store, tea("one"), tea("two"));
    for (let n = 0; n < 5; n++) await change(store, 2, `${n}`);

    while (await store.log.trim(Date.now()));

    assertEquals((await present(store)).at(-1), "1 one");
    assertEquals((await present(store))[0], "2 4");
    const { messages, trimmedUpTo } = await store.log.read(["room:tea"], 2, 10);
    assert(short(messages).includes("7 -> 2 4"));
    assert(messages.length <= 2 && trimmedUpTo < 7, `${short(messages)} ${trimmedUpTo}`);
  }, { maxMessages: 2 });

  test("[L25] a change of a message that was removed says that it is gone", async (store) => {
    await append(store, tea("one"), tea("two"), tea("three"));
    await change(store, 1, "uno");

    while (await store.log.trim(Date.now()));

    const { messages, trimmedUpTo } = await store.log.read(["room:tea"], 0, 10);
    const { message } = messages.find(({ id }) => id === 4) ?? {};
    assert(trimmedUpTo >= 1);
    assert(trimmedUpTo >= 4 || message?.deletedAt !== undefined, short(messages).join());
    assertEquals(await present(store), ["3 three", "2 two"]);
  }, { maxMessages: 2 });

  test("[L25] the sizes of a channel follow the changes in it", async (store) => {
    const long = "x".repeat(1_000);
    for (let n = 0; n < 4; n++) await append(store, tea(long));
    for (let id = 1; id <= 3; id++) await change(store, id);
    await append(store, tea(long), tea(long));

    while (await store.log.trim(Date.now()));

    assertEquals((await present(store)).length, 3);
  }, { maxBytes: 4_500 });

  test("[L27] the key of a changed message stays, and leads to the message as it is now", async (store) => {
    await append(store, tea("one", { key: "a" }), tea("two", { key: "b" }));
    await change(store, 1);
    await change(store, 2, "dos");

    const [one] = await store.log.append([tea("one", { key: "a" })]);
    const [two] = await store.log.append([tea("two", { key: "b" })]);

    assertEquals([one?.repeated, one?.message.id, one?.message.text], [true, 1, undefined]);
    assert(one?.message.deletedAt !== undefined);
    assertEquals([two?.repeated, two?.message.id, two?.message.text], [true, 2, "dos"]);
    assertEquals(await store.log.newestId(), 4);
  });
}
