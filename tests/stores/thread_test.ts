import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import type { Draft } from "../../server/core/model/message.ts";
import { Refused } from "../../server/core/model/refused.ts";
import { StoreOpenError } from "../../server/stores/store_open_error.ts";
import { connectToStore, openThreadStore } from "../../server/stores/thread/thread_store.ts";
import { texts } from "../support/hub.ts";
import { KEEP_ALL } from "../support/retention.ts";
import { TestFolder } from "../support/test_folder.ts";
import { waitUntil } from "../support/wait_until.ts";
import { withCleanup } from "../support/with_cleanup.ts";
import { storeContract } from "./contract.ts";
import { nodesContract } from "./nodes_contract.ts";

storeContract("memory in a thread", (retention) => openThreadStore({ kind: "memory" }, retention));

storeContract("SQLite file in a thread", async (retention) => {
  const folder = TestFolder.make();
  const path = join(folder.path, "halley.db");
  return withCleanup(await openThreadStore({ kind: "sqlite", path }, retention), folder);
});

nodesContract("two isolates over the store of one thread", async () => {
  const left = await openThreadStore({ kind: "memory" }, KEEP_ALL);
  return [left, await connectToStore(left.connect())];
});

const alice = { publicToken: "aliceAliceAlice_", displayName: "alice" };

function tea(text: string): Draft {
  return { channel: "room:tea", from: alice, text };
}

Deno.test("[L9] a reopened log in a thread has its messages, and continues", async () => {
  using folder = TestFolder.make();
  const setting = { kind: "sqlite", path: join(folder.path, "halley.db") } as const;
  {
    await using first = await openThreadStore(setting, KEEP_ALL);
    await first.log.append([tea("one"), tea("two")]);
  }

  await using again = await openThreadStore(setting, KEEP_ALL);
  const [three] = await again.log.append([tea("three")]);

  assertEquals(three?.message.id, 3);
  assertEquals(texts(await again.log.read(["room:tea"], 0, 10)), ["one", "two", "three"]);
});

Deno.test("[L15] what is requested before a store in a thread is closed is stored", async () => {
  using folder = TestFolder.make();
  const setting = { kind: "sqlite", path: join(folder.path, "halley.db") } as const;
  const first = await openThreadStore(setting, KEEP_ALL);
  const other = await connectToStore(first.connect());
  const appending = [other.log.append([tea("one")]), first.log.append([tea("two")])];

  await other[Symbol.asyncDispose]();
  await first[Symbol.asyncDispose]();

  await Promise.all(appending);
  await using again = await openThreadStore(setting, KEEP_ALL);
  assertEquals(texts(await again.log.read(["room:tea"], 0, 10)).sort(), ["one", "two"]);
});

Deno.test("[L15] a closed store in a thread refuses with store_unavailable", async () => {
  const store = await openThreadStore({ kind: "memory" }, KEEP_ALL);
  await store[Symbol.asyncDispose]();

  const refused = await assertRejects(() => store.log.append([tea("late")]), Refused);

  assertEquals(refused.refusal, "store_unavailable");
});

Deno.test("[L15] appends of no, new and repeated drafts to a store in a thread are all answered", async () => {
  await using store = await openThreadStore({ kind: "memory" }, KEEP_ALL);
  const keyed = { ...tea("keyed"), key: "k" };

  const appended = await Promise.all([
    store.log.append([]),
    store.log.append([keyed]),
    store.log.append([tea("one"), keyed, tea("two")]),
    store.log.append([keyed]),
  ]);

  assertEquals(
    appended.map((some) => some.map(({ message, repeated }) => [message.id, repeated])),
    [
      [],
      [[1, false]],
      [[2, false], [1, true], [3, false]],
      [[1, true]],
    ],
  );
});

Deno.test("[L15] many appends at once to a store in a thread arrive in their order", async () => {
  await using left = await openThreadStore({ kind: "memory" }, KEEP_ALL);
  await using right = await connectToStore(left.connect());
  const followed: string[] = [];
  using _ = await right.log.follow(0, (messages) => followed.push(...texts({ messages })));

  const sent = Array.from({ length: 500 }, (_, n) => `${n}`);
  await Promise.all(sent.map((text) => left.log.append([tea(text)])));
  await right.log.newestId();

  assertEquals(followed, sent);
});

Deno.test("[O4] a store in a thread that another Halley uses is not opened", async () => {
  using folder = TestFolder.make();
  const setting = { kind: "sqlite", path: join(folder.path, "halley.db") } as const;
  await using _ = await openThreadStore(setting, KEEP_ALL);

  await assertRejects(() => openThreadStore(setting, KEEP_ALL), StoreOpenError, "another Halley");
});

Deno.test("[O21] every isolate sees that a store in a thread is locked, and that it is available again", async () => {
  using folder = TestFolder.make();
  const path = join(folder.path, "halley.db");
  await using left = await openThreadStore({ kind: "sqlite", path }, KEEP_ALL);
  await using right = await connectToStore(left.connect());
  const followed: string[] = [];
  using _ = await right.log.follow(0, (messages) => followed.push(...texts({ messages })));
  {
    using other = new DatabaseSync(path);
    other.exec("BEGIN IMMEDIATE");

    const refused = await assertRejects(() => left.log.append([tea("refused")]), Refused);

    assertEquals([refused.refusal, refused.retryAfter], ["store_unavailable", 2_000]);
    for (const { unavailableReason } of [left, right]) {
      assertStringIncludes(unavailableReason ?? "", "locked");
    }
  }
  await waitUntil(() => right.unavailableReason === undefined, "the store is available");
  await left.log.append([tea("later")]);
  await right.log.newestId();
  assertEquals(followed, ["later"]);
});

Deno.test("[L16] the loss of the thread is reported, and refuses what is requested", async () => {
  const lost = Promise.withResolvers<string>();
  const store = await openThreadStore({ kind: "memory" }, KEEP_ALL, { onLost: lost.resolve });

  const port = store.connect();
  // Nothing that the thread understands.
  port.postMessage([null]);
  const reason = await lost.promise;
  const refused = await assertRejects(() => store.log.append([tea("late")]), Refused);

  assertStringIncludes(reason, "The thread of the store has ended");
  assertEquals([refused.refusal, refused.message], ["store_unavailable", reason]);
  port.close();
});

Deno.test("[L18] an append to a store in a thread does not wait for the long reads before it", async () => {
  await using store = await openThreadStore({ kind: "memory" }, KEEP_ALL);
  await store.log.append(Array.from({ length: 500 }, (_, n) => tea(`${n} ${"x".repeat(1_000)}`)));
  let finished = 0;
  const reads = Array.from(
    { length: 100 },
    () => store.log.read(["room:tea"], 0, 500).then(() => finished++),
  );

  await store.log.append([tea("now")]);
  const before = finished;
  await Promise.all(reads);

  assert(before < 50, `${before} of 100 reads were finished before the append`);
});
