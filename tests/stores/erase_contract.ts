import { assert, assertEquals, assertRejects } from "@std/assert";
import type { Draft, Entry } from "../../server/core/model/message.ts";
import { Refused } from "../../server/core/model/refused.ts";
import type { Receipt, Store } from "../../server/core/model/store.ts";
import { change, present, short } from "./change_contract.ts";
import type { StoreTest } from "./contract.ts";
import { append } from "./retention_contract.ts";

const alice = { publicToken: "aliceAliceAlice_", displayName: "alice" };
const bob = { publicToken: "bobBobBobBobBob_", displayName: "bob" };
const DIRECT = `direct:${alice.publicToken}:${bob.publicToken}`;

function tea(text: string, changes: Partial<Draft> = {}): Draft {
  return { channel: "room:tea", from: alice, text, ...changes };
}

async function erase(store: Store, id: number, channel = "room:tea"): Promise<Entry> {
  const [appended] = await store.log.append([{ channel, changes: id, erases: true }]);
  assert(appended !== undefined && !appended.repeated);
  return appended.message;
}

/** Everything that a log returns. */
async function everything({ log }: Store): Promise<string> {
  const newest = await log.newestId();
  const ids = Array.from({ length: newest }, (_, n) => n + 1);
  const topics = ["room:tea", DIRECT, `inbox:${alice.publicToken}`, `inbox:${bob.publicToken}`];
  return JSON.stringify([
    await Promise.all(ids.map((id) => log.get(id))),
    await Promise.all(topics.map((topic) => log.history(topic, undefined, 100))),
    await log.read(topics, 0, 100),
    await log.scan(0, 100),
  ]);
}

/** Defines the tests of what an erasure needs from a store. */
export function eraseContract(test: StoreTest): void {
  test("[L29] an erased message has neither content nor sender, whatever happened to it before", async (store) => {
    const followed: Entry[] = [];
    using _ = await store.log.follow(0, (entries) => void followed.push(...entries));
    await append(store, tea("sent-text"), tea("old-text"), tea("gone-text"));
    await append(store, tea("psst", { channel: DIRECT }), tea("stays", { from: bob }));
    await change(store, 2, "new-text");
    await change(store, 3);

    for (const id of [1, 2, 3]) await erase(store, id);
    const entry = await erase(store, 4, DIRECT);

    const { id, channel, at, deletedAt, ...rest } = entry.message ?? {};
    assertEquals([id, channel, rest], [4, DIRECT, {}]);
    assert(at !== undefined && deletedAt === entry.at);
    assertEquals(await present(store), ["5 stays"]);
    assertEquals(await present(store, DIRECT), []);
    const all = await everything(store);
    for (const gone of ['"alice"', "sent-text", "old-text", "new-text", "gone-text", "psst"]) {
      assert(!all.includes(gone), `${gone} in ${all}`);
    }
    const erased = ["8 -> 1 deleted", "9 -> 2 deleted", "10 -> 3 deleted", "11 -> 4 deleted"];
    assertEquals(short(followed.slice(-4)), erased);
    const { messages } = await store.log.read(["room:tea"], 7, 10);
    assertEquals(short(messages), erased.slice(0, 3));
  });

  test("[L29] an erased message cannot be changed, nor erased again", async (store) => {
    await append(store, tea("one"), tea("two", { from: bob }));
    await erase(store, 1);

    const refused = async (draft: Draft) =>
      (await assertRejects(() => store.log.append([draft]), Refused)).refusal;

    const draft: Draft = { channel: "room:tea", changes: 1 };
    assertEquals(await refused({ ...draft, text: "again" }), "not_found");
    assertEquals(await refused(draft), "not_found");
    assertEquals(await refused({ ...draft, erases: true }), "not_found");
    assertEquals(await refused({ channel: DIRECT, changes: 2, erases: true }), "not_found");
    assertEquals(await store.log.newestId(), 3);
  });

  test("[L27] the key of an erased message leads to what is left of it", async (store) => {
    await append(store, tea("one", { key: "a" }), tea("psst", { channel: DIRECT, key: "b" }));
    await erase(store, 1);
    await erase(store, 2, DIRECT);

    const [one] = await store.log.append([tea("one", { key: "a" })]);
    const [two] = await store.log.append([tea("psst", { channel: DIRECT, key: "b" })]);

    for (const [n, again] of [one, two].entries()) {
      const { id, deletedAt, from, text } = again?.message ?? {};
      assertEquals([again?.repeated, id, from, text], [true, n + 1, undefined, undefined]);
      assert(deletedAt !== undefined);
    }
    assertEquals(await store.log.newestId(), 4);
  });

  test("[L29] the bounds of private messages hold after an erasure", async (store) => {
    const direct = (from: typeof alice, text: string) =>
      append(store, tea(text, { channel: DIRECT, from }));
    for (let n = 1; n <= 3; n++) await direct(alice, `a${n}`);
    for (const id of [1, 2, 3]) await erase(store, id, DIRECT);
    for (let n = 1; n <= 6; n++) await direct(bob, `b${n}`);

    while (await store.log.trim(Date.now()));
    await direct(alice, "back");
    while (await store.log.trim(Date.now()));

    // What is left of the erased messages may still take a place.
    const kept = (await present(store, DIRECT)).map((entry) => entry.split(" ")[1]);
    assert(kept.length >= 2 && kept.length <= 4, kept.join());
    assertEquals(kept, ["back", "b6", "b5", "b4"].slice(0, kept.length));
  }, { maxPrivate: 4 });

  test("[L30] a scan returns the entries of all topics in their order", async (store) => {
    await append(store, tea("one"), tea("psst", { channel: DIRECT }));
    await append(store, { channel: `notice:${bob.publicToken}`, origin: "api", text: "three" });
    await change(store, 1, "uno");

    const [first, rest] = [await store.log.scan(0, 2), await store.log.scan(2, 10)];

    assertEquals(short(first), ["1 uno", "2 psst"]);
    assertEquals(short(rest), ["3 three", "4 -> 1 uno"]);
    assertEquals(await store.log.scan(4, 10), []);
  });

  test("[M14] a value is replaced only if it is still the expected one", async (store) => {
    const { keyValue } = store;

    assertEquals(await keyValue.replace("jobs", "1", "2"), false);
    assertEquals(await keyValue.replace("jobs", undefined, "1"), true);
    assertEquals(await keyValue.replace("jobs", undefined, "2"), false);
    assertEquals(await keyValue.replace("jobs", "1", "2"), true);
    const both = await Promise.all([3, 4].map((n) => keyValue.replace("jobs", "2", `${n}`)));

    assertEquals(both.toSorted(), [false, true]);
    assertEquals(await keyValue.get("jobs"), both[0] ? "3" : "4");
    await keyValue.remove("jobs");
    assertEquals(await keyValue.replace("jobs", undefined, "1"), true);
  });

  test("[M13] the receipts of a session can be listed and removed, all or those of a channel", async (store) => {
    const { receipts } = store;
    const receipt = (publicToken: string, channel: string, after: number): Receipt => ({
      ...{ kind: "seen", publicToken, channel, tab: "phone", after, upTo: after + 1, at: 1_000 },
    });
    const own = [receipt(bob.publicToken, "", 1), receipt(bob.publicToken, DIRECT, 2)];
    const others = [receipt(alice.publicToken, DIRECT, 1)];
    await receipts.add([...own, ...others]);
    assertEquals(await receipts.list(bob.publicToken), own);

    await receipts.remove(bob.publicToken, DIRECT);

    assertEquals(await receipts.list(bob.publicToken), own.slice(0, 1));
    await receipts.remove(bob.publicToken);
    assertEquals(await receipts.list(bob.publicToken), []);
    assertEquals(await receipts.list(alice.publicToken), others);
  });
}
