import { assertEquals, assertRejects } from "@std/assert";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import type { Draft } from "../../server/core/model/message.ts";
import { Refused } from "../../server/core/model/refused.ts";
import type { Retention, Store } from "../../server/core/model/store.ts";
import { SqliteStore } from "../../server/stores/sqlite/sqlite_store.ts";
import { texts } from "../support/hub.ts";
import { KEEP_ALL } from "../support/retention.ts";
import { TestFolder } from "../support/test_folder.ts";

const alice = { publicToken: "aliceAliceAlice_", displayName: "alice" };
const DIRECT = `direct:${alice.publicToken}:bobBobBobBobBob_`;

function draft(channel: string, text: string, key?: string): Draft {
  return { channel, from: alice, text, ...(key !== undefined && { key }) };
}

/** `count` messages in turn in tea, milk and a conversation, each with a key. */
function drafts(count: number): Draft[] {
  const channels = ["room:tea", "room:milk", DIRECT];
  return Array.from({ length: count }, (_, n) => draft(channels[n % 3]!, `${n + 1}`, `key ${n}`));
}

/** Opens what a killed process leaves behind: the files as they are while the store is open. */
async function afterKill(
  folder: TestFolder,
  use: (store: Store) => Promise<void>,
  retention: Partial<Retention> = {},
): Promise<void> {
  const path = join(folder.path, "halley.db");
  const copy = join(folder.path, "copy.db");
  for (const ending of ["", "-wal"]) Deno.copyFileSync(`${path}${ending}`, `${copy}${ending}`);
  await using store = SqliteStore.open(copy, { ...KEEP_ALL, ...retention });
  await use(store);
}

// Fewer and more messages than are indexed together.
for (const count of [30, 999, 2_500]) {
  Deno.test(`[L19] ${count} messages of a killed process have their topics, keys and sizes`, async () => {
    using folder = TestFolder.make();
    await using store = SqliteStore.open(join(folder.path, "halley.db"), KEEP_ALL);
    const all = drafts(count);
    for (let n = 0; n < count; n += 100) await store.log.append(all.slice(n, n + 100));

    await afterKill(folder, async ({ log }) => {
      const inbox = `inbox:${alice.publicToken}`;
      const read = texts(await log.read(["room:tea", inbox], 0, count));
      assertEquals(read, all.flatMap(({ text = "" }, n) => n % 3 === 1 ? [] : [text]));
      for (const n of [0, Math.floor(count / 2), count - 1]) {
        const [again] = await log.append([all[n]!]);
        assertEquals([again?.repeated, again?.message.id], [true, n + 1]);
      }
      while (await log.trim(Date.now()));
      const kept = await Promise.all(
        ["room:tea", "room:milk", DIRECT].map((topic) => log.read([topic], 0, count)),
      );
      assertEquals(kept.map(({ messages }) => messages.length), [5, 5, 4]);
    }, { maxMessages: 10, maxPrivate: 4 });
  });
}

Deno.test("[L4] history has all messages, whether they are in the tables of the index already or not", async () => {
  await using store = SqliteStore.open(":memory:", KEEP_ALL);
  for (let n = 0; n < 15; n++) {
    await store.log.append(
      Array.from({ length: 100 }, (_, i) => draft("room:tea", `${n * 100 + i + 1}`)),
    );
    // Lets the index be written when it is large enough.
    await new Promise((resolve) => setImmediate(resolve));
  }

  const seen: string[] = [];
  let messages = await store.log.history("room:tea", undefined, 70);
  while (messages.length > 0) {
    seen.push(...texts({ messages }));
    messages = await store.log.history("room:tea", messages.at(-1)?.id, 70);
  }

  assertEquals(seen, Array.from({ length: 1_500 }, (_, n) => `${1_500 - n}`));
});

Deno.test("[L19] a transaction that fails leaves nothing in the index, before and after a crash", async () => {
  using folder = TestFolder.make();
  const path = join(folder.path, "halley.db");
  await using store = SqliteStore.open(path, { ...KEEP_ALL, maxMessages: 1 });
  await store.log.append([draft("room:tea", "one", "a")]);
  {
    using database = new DatabaseSync(path);
    database.exec(`CREATE TRIGGER full BEFORE INSERT ON messages WHEN NEW.message LIKE '%large%'
      BEGIN SELECT RAISE(ABORT, 'no room'); END`);
  }

  const together = [
    store.log.append([draft("room:tea", "two", "b")]),
    store.log.append([draft("room:milk", "large", "c")]),
    store.log.trim(Date.now()),
  ];
  for (const refused of await Promise.allSettled(together)) {
    assertEquals(refused.status === "rejected" && refused.reason instanceof Refused, true);
  }

  const read = await store.log.read(["room:tea", "room:milk"], 0, 10);
  assertEquals([texts(read), read.trimmedUpTo], [["one"], 0]);
  const [again] = await store.log.append([draft("room:tea", "second", "b")]);
  assertEquals([again?.repeated, again?.message.id], [false, 2]);
  while (await store.log.trim(Date.now()));
  assertEquals(texts(await store.log.read(["room:tea"], 0, 10)), ["second"]);
  await afterKill(folder, async ({ log }) => {
    assertEquals(texts(await log.read(["room:tea"], 0, 10)), ["second"]);
    await assertRejects(() => log.append([draft("room:tea", "other", "a")]), Refused);
  });
});

Deno.test("[L19] drafts that are refused together leave nothing in the index", async () => {
  await using store = SqliteStore.open(":memory:", KEEP_ALL);
  await store.log.append([draft("room:tea", "one", "a")]);

  const refused = store.log.append([
    draft("room:milk", "two", "b"),
    draft("room:tea", "another one", "a"),
  ]);
  await assertRejects(() => refused, Refused);

  assertEquals(texts(await store.log.read(["room:tea", "room:milk"], 0, 10)), ["one"]);
  const [later] = await store.log.append([draft("room:milk", "three", "b")]);
  assertEquals([later?.repeated, later?.message.id], [false, 2]);
});

Deno.test("[L19] what is written later is written once", async () => {
  using folder = TestFolder.make();
  const path = join(folder.path, "halley.db");
  await using store = SqliteStore.open(path, KEEP_ALL);

  for (const text of ["one", "two"]) {
    await store.log.append([draft("room:tea", text, text), draft("room:milk", text)]);
    // In one transaction.
    await Promise.all([store.log.trim(Date.now()), store.log.trim(Date.now())]);
  }

  assertEquals(tables(path), {
    topics: 4,
    keys: 2,
    newKeys: 0,
    sizes: [["room:milk", 2], ["room:tea", 2]],
  });
});

Deno.test("[L19] what could not be written later is written the next time", async () => {
  using folder = TestFolder.make();
  const path = join(folder.path, "halley.db");
  await using store = SqliteStore.open(path, { ...KEEP_ALL, maxMessages: 1 });
  await store.log.append([draft("room:tea", "one", "a"), draft("room:tea", "two")]);
  using database = new DatabaseSync(path);
  // Topics, keys and sizes have been written in the transaction when this fails.
  database.exec(`CREATE TRIGGER full BEFORE DELETE ON messages
    BEGIN SELECT RAISE(ABORT, 'no room'); END`);

  await assertRejects(() => store.log.trim(Date.now()), Refused);
  const before = texts(await store.log.read(["room:tea"], 0, 10));
  const [again] = await store.log.append([draft("room:tea", "one", "a")]);
  database.exec("DROP TRIGGER full");
  while (await store.log.trim(Date.now()));

  assertEquals([before, again?.repeated], [["one", "two"], true]);
  assertEquals(tables(path), { topics: 1, keys: 1, newKeys: 0, sizes: [["room:tea", 1]] });
});

/** What the tables of the index contain. */
function tables(path: string) {
  using database = new DatabaseSync(path, { readOnly: true });
  const count = (table: string) =>
    database.prepare(`SELECT count(*) AS count FROM ${table}`).get()?.count;
  return {
    topics: count("filings"),
    keys: count("keys"),
    newKeys: count("new_keys"),
    sizes: database.prepare("SELECT channel, messages FROM channels ORDER BY channel").all()
      .map(({ channel, messages }) => [channel, messages]),
  };
}
