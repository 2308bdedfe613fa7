import { assertEquals } from "@std/assert";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { MAX_MARKS } from "../../server/core/log/fair_trim.ts";
import type { Draft } from "../../server/core/model/message.ts";
import type { Retention, Store } from "../../server/core/model/store.ts";
import { SqliteStore } from "../../server/stores/sqlite/sqlite_store.ts";
import { texts } from "../support/hub.ts";
import { KEEP_ALL } from "../support/retention.ts";
import { TestFolder } from "../support/test_folder.ts";

const alice = { publicToken: "aliceAliceAlice_", displayName: "alice" };

function draft(channel: string, text: string): Draft {
  return { channel, from: alice, text };
}

function open(path: string, retention: Partial<Retention> = {}): SqliteStore {
  return SqliteStore.open(path, { ...KEEP_ALL, ...retention });
}

async function trim({ log }: Store): Promise<void> {
  while (await log.trim(0));
}

async function markOf({ log }: Store, topic: string): Promise<number> {
  return (await log.read([topic], 0, 0)).trimmedUpTo;
}

Deno.test("[L14] a log that is opened again has its trimmed marks and sizes", async () => {
  using folder = TestFolder.make();
  const path = join(folder.path, "halley.db");
  {
    await using store = open(path, { maxMessages: 3 });
    await store.log.append([draft("room:milk", "milk")]);
    await store.log.append(["1", "2", "3", "4"].map((text) => draft("room:tea", text)));
    await trim(store);
  }

  await using store = open(path, { maxMessages: 2 });
  await store.log.append([draft("room:tea", "5")]);
  const marks = [await markOf(store, "room:tea"), await markOf(store, "room:milk")];
  await trim(store);

  assertEquals(marks, [3, 0]);
  assertEquals(texts(await store.log.read(["room:tea", "room:milk"], 0, 10)), ["milk", "5"]);
  assertEquals([await markOf(store, "room:tea"), await markOf(store, "room:milk")], [5, 0]);
});

Deno.test("[L14] beyond the maximum number of marks, all topics count as trimmed up to the forgotten ones", async () => {
  using folder = TestFolder.make();
  const path = join(folder.path, "halley.db");
  await open(path)[Symbol.asyncDispose]();
  {
    using database = new DatabaseSync(path);
    database.exec(`
      WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${MAX_MARKS})
      INSERT INTO trimmed SELECT 'room:' || i, i FROM n`);
  }
  await using store = open(path, { maxMessages: 0 });
  await store.log.append([draft("room:tea", "one")]);
  const before = await markOf(store, "room:milk");

  await trim(store);

  assertEquals([before, await markOf(store, "room:milk")], [0, 1]);
  assertEquals([await markOf(store, "room:tea"), await markOf(store, "room:2")], [
    MAX_MARKS + 1,
    2,
  ]);
});

Deno.test("[L14] a database of an earlier version is counted at the first start, and keeps its mark", async () => {
  using folder = TestFolder.make();
  const path = join(folder.path, "halley.db");
  {
    await using store = open(path);
    await store.log.append([draft("room:gone", "gone")]);
    for (const room of ["tea", "milk", "tea"]) {
      await store.log.append([draft(`room:${room}`, room)]);
    }
    await store.log.append([draft(`direct:${alice.publicToken}:bobBobBobBobBob_`, "psst")]);
    await trim(store);
  }
  {
    using database = new DatabaseSync(path);
    database.exec(`
      DELETE FROM messages WHERE id = 1;
      DELETE FROM filings WHERE id = 1 OR topic LIKE 'sent:%';
      UPDATE meta SET value = 1 WHERE name = 'trimmed';
      DROP TABLE channels;
      DROP TABLE trimmed;
      DROP TABLE new_keys;
      DELETE FROM meta WHERE name IN ('indexed', 'counted');
      ALTER TABLE marks DROP COLUMN notify;
      ALTER TABLE marks DROP COLUMN pinned;
      ALTER TABLE marks DROP COLUMN unread_from;
      DROP TABLE word_tables;
      DELETE FROM meta WHERE name LIKE 'words_%';
      PRAGMA user_version = 5`);
  }

  await using store = open(path, { maxMessages: 2, maxPrivate: 0 });
  const before = await markOf(store, "room:milk");
  await trim(store);

  assertEquals(before, 1);
  assertEquals(texts(await store.log.read(["room:tea", "room:milk"], 0, 10)), ["milk", "tea"]);
  const topics = ["room:tea", "room:milk", `inbox:${alice.publicToken}`];
  assertEquals(await Promise.all(topics.map((topic) => markOf(store, topic))), [2, 1, 5]);
});

Deno.test("[L7] trimming that fails changes neither sizes nor marks", async () => {
  using folder = TestFolder.make();
  const path = join(folder.path, "halley.db");
  await using store = open(path, { maxMessages: 1 });
  await store.log.append(["1", "2", "3"].map((text) => draft("room:tea", text)));
  using other = new DatabaseSync(path);
  other.exec("BEGIN IMMEDIATE");

  const failed = await store.log.trim(0).then(() => "", ({ refusal }) => refusal);
  const mark = await markOf(store, "room:tea");
  other.exec("ROLLBACK");
  await trim(store);

  assertEquals([failed, mark, await markOf(store, "room:tea")], ["store_unavailable", 0, 2]);
  assertEquals(texts(await store.log.read(["room:tea"], 0, 10)), ["3"]);
});
