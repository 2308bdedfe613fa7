import { assertEquals, assertNotEquals, assertRejects } from "@std/assert";
import type { Draft } from "../../server/core/model/message.ts";
import type { Json, Message } from "../../server/protocol/message.ts";
import { Refused } from "../../server/core/model/refused.ts";
import type { Page, Retention, Store } from "../../server/core/model/store.ts";
import { texts } from "../support/hub.ts";
import { captureErrors } from "../support/capture_errors.ts";
import { KEEP_ALL } from "../support/retention.ts";
import { changeContract } from "./change_contract.ts";
import { replyContract } from "./reply_contract.ts";
import { eraseContract } from "./erase_contract.ts";
import { patternContract } from "./pattern_contract.ts";
import { reactionContract } from "./reaction_contract.ts";
import { retentionClockContract } from "./retention_clock_contract.ts";
import { retentionContract } from "./retention_contract.ts";
import { sessionContract } from "./session_contract.ts";
import { taskContract } from "./task_contract.ts";

/** Opens an empty store. */
export type OpenStore = (retention: Retention) => Promise<Store>;

const alice = { publicToken: "aliceAliceAlice_", displayName: "alice" };
const bob = { publicToken: "bobBobBobBobBob_", displayName: "bob" };

/** Defines a test with a new store. Nothing is removed from it by default. */
export type StoreTest = (
  title: string,
  run: (store: Store) => Promise<void>,
  retention?: Partial<Retention>,
) => void;

function tea(text: string, changes: Partial<Draft> = {}): Draft {
  return { channel: "room:tea", from: alice, text, ...changes };
}

async function append(store: Store, ...drafts: Draft[]): Promise<Message[]> {
  return (await store.log.append(drafts)).map(({ message }) => message);
}

/** Defines the tests that every store must pass. */
export function storeContract(name: string, open: OpenStore, { ignore = false } = {}): void {
  const test: StoreTest = (title, run, retention = {}) =>
    Deno.test(`${title} (${name})`, { ignore }, async () => {
      await using store = await open({ ...KEEP_ALL, ...retention });
      await run(store);
    });

  test("[L1] ids increase by one in the order of the appends", async (store) => {
    const appended = await Promise.all([
      append(store, tea("one")),
      append(store, tea("two", { channel: "room:milk" }), tea("three")),
      append(store, tea("four", { from: bob })),
    ]);

    const ids = appended.flat().map(({ id }) => id);
    assertEquals(ids, [1, 2, 3, 4]);
    assertEquals(await store.log.newestId(), 4);
  });

  test("[L1] an append succeeds at any moment after another one", async (store) => {
    for (let turns = 0; turns < 40; turns++) {
      await append(store, tea(`${turns}`));
      for (let turn = 0; turn < turns; turn++) await Promise.resolve();
    }

    assertEquals(await store.log.newestId(), 40);
  });

  test("[L2] several drafts are appended together or not at all", async (store) => {
    await append(store, tea("first", { key: "k" }));

    const several = [tea("one"), tea("other", { key: "k" }), tea("two")];
    const refused = await assertRejects(() => store.log.append(several), Refused);

    assertEquals(refused.refusal, "key_reused");
    assertEquals(await store.log.newestId(), 1);
    assertEquals((await append(store, tea("next")))[0]?.id, 2);
  });

  test("[L2] drafts with the same key in one append become one message", async (store) => {
    const appended = await store.log.append([tea("one", { key: "k" }), tea("one", { key: "k" })]);

    assertEquals(appended.map(({ message, repeated }) => [message.id, repeated]), [
      [1, false],
      [1, true],
    ]);
  });

  test("[L3] reading returns the messages of any of the topics, oldest first", async (store) => {
    await append(store, tea("one"), tea("milk", { channel: "room:milk" }), tea("two"));
    await append(store, tea("psst", { channel: `direct:${alice.publicToken}:${bob.publicToken}` }));

    const topics = ["room:tea", `inbox:${bob.publicToken}`, "notice"];
    const page = await store.log.read(topics, 0, 10);

    assertEquals(texts(page), ["one", "two", "psst"]);
    assertEquals([page.hasMore, page.trimmedUpTo], [false, 0]);
    assertEquals(texts(await store.log.read(topics, 1, 10)), ["two", "psst"]);
    assertEquals(texts(await store.log.read([], 0, 10)), []);
  });

  test("[L3] reading is limited, and reports whether there are more", async (store) => {
    await append(store, tea("one"), tea("two"), tea("three"));
    const read = (limit: number) => store.log.read(["room:tea"], 0, limit);
    const seen = (page: Page) => [texts(page), page.hasMore];

    assertEquals(seen(await read(2)), [["one", "two"], true]);
    assertEquals(seen(await read(3)), [["one", "two", "three"], false]);
  });

  test("[L4] history returns the messages before an id, newest first", async (store) => {
    await append(
      store,
      tea("one"),
      tea("two"),
      tea("milk", { channel: "room:milk" }),
      tea("three"),
    );

    const newest = await store.log.history("room:tea", undefined, 2);
    const older = await store.log.history("room:tea", newest.at(-1)?.id, 2);

    assertEquals(texts({ messages: newest }), ["three", "two"]);
    assertEquals(texts({ messages: older }), ["one"]);
  });

  test("[L5] a follower receives every message after its start, in order and once", async (store) => {
    await append(store, tea("before"), tea("one"));
    const seen: string[] = [];

    using _ = await store.log.follow(1, (messages) => seen.push(...texts({ messages })));
    await Promise.all(["two", "three"].map((text) => append(store, tea(text))));

    assertEquals(seen, ["one", "two", "three"]);
  });

  test("[L5] a disposed follower receives nothing", async (store) => {
    const seen: string[] = [];
    const following = await store.log.follow(0, (messages) => seen.push(...texts({ messages })));
    following[Symbol.dispose]();

    await append(store, tea("one"));

    assertEquals(seen, []);
  });

  test("[O17] an error in a follower is reported and does not affect the others", async (store) => {
    const reported: unknown[] = [];
    const seen: string[] = [];
    using _ = captureErrors(reported);
    using _first = await store.log.follow(0, () => {
      throw new Error("no tea");
    });
    using _second = await store.log.follow(0, (messages) => seen.push(...texts({ messages })));

    await append(store, tea("one"));
    await append(store, tea("two"));

    assertEquals(seen, ["one", "two"]);
    assertEquals(reported.map(String), ["Error: no tea", "Error: no tea"]);
  });

  test("[O17] an error in a listener of the bus is reported and does not affect the others", async (store) => {
    const reported: unknown[] = [];
    const received = Promise.withResolvers<string>();
    using _ = captureErrors(reported);
    using _first = store.bus.listen(() => {
      throw new Error("no tea");
    });
    using _second = store.bus.listen(({ type }) => received.resolve(type));

    store.bus.broadcast({ type: "tasks" });

    assertEquals(await received.promise, "tasks");
    assertEquals(reported.map(String), ["Error: no tea"]);
  });

  test("[L6] a repeated key of the same sender returns the first message", async (store) => {
    const [first] = await store.log.append([tea("hello", { key: "k" })]);
    await append(store, tea("between"));
    const [again] = await store.log.append([tea("hello", { key: "k" })]);

    assertEquals([first?.repeated, again?.repeated], [false, true]);
    assertEquals(again?.message, first?.message);
    assertEquals(await store.log.newestId(), 2);
  });

  test("[L6] the order of the members of data does not matter to a repeated key", async (store) => {
    const draft = (data: Json): Draft => ({ channel: "room:tea", from: alice, data, key: "k" });
    await store.log.append([draft({ a: 1, b: [{ c: 2, d: 3 }] })]);

    const [again] = await store.log.append([draft({ b: [{ d: 3, c: 2 }], a: 1 })]);

    assertEquals(again?.repeated, true);
    for (const other of [{ a: 1, b: [{ c: 2, d: 4 }] }, [["a", 1]]]) {
      const refused = await assertRejects(() => store.log.append([draft(other)]), Refused);
      assertEquals(refused.refusal, "key_reused");
    }
  });

  test("[L6] a repeated key with other content is refused", async (store) => {
    await append(store, tea("hello", { key: "k" }));

    for (
      const other of [tea("bye", { key: "k" }), tea("hello", { key: "k", channel: "room:milk" })]
    ) {
      const refused = await assertRejects(() => store.log.append([other]), Refused);
      assertEquals(refused.refusal, "key_reused");
    }
  });

  test("[L6] keys of different senders are independent", async (store) => {
    const [hers] = await append(store, tea("hello", { key: "k" }));
    const [his] = await append(store, tea("hello", { key: "k", from: bob }));

    assertNotEquals(his?.id, hers?.id);
  });

  test("[L11] any text and any data are returned unchanged", async (store) => {
    const text = "'\";:\\%<>&\r\n\t\u0000\u2028\u2029\ufeff 😀 你好 \u202eabc";
    const data = { "": [1, -0.5, 1e300, true, null, "\ud800"], "__proto__x": { text } };
    await append(store, tea(text));
    await append(store, { channel: "room:tea", from: bob, data });
    await append(store, { channel: "notice", title: "<b>", text });

    const { messages } = await store.log.read(["room:tea", "notice"], 0, 10);

    assertEquals(messages.map((message) => message.text ?? message.data), [text, data, text]);
    assertEquals(messages.map(({ from }) => from), [alice, bob, undefined]);
    assertEquals(messages[2]?.title, "<b>");
  });

  changeContract(test);
  replyContract(test);
  reactionContract(test);
  eraseContract(test);
  retentionContract(test);
  patternContract(test);
  retentionClockContract(test);
  sessionContract(test);
  taskContract(test);
}
