import { assertEquals } from "@std/assert";
import { DatabaseSync } from "node:sqlite";
import { join } from "node:path";
import type { Retention, Store } from "../../server/core/model/store.ts";
import type { KvConnection } from "../../server/stores/kv/kv_database.ts";
import { KvStore } from "../../server/stores/kv/kv_store.ts";
import { SqliteStore } from "../../server/stores/sqlite/sqlite_store.ts";
import { KEEP_ALL } from "../support/retention.ts";
import { TestFolder } from "../support/test_folder.ts";
import { append, draft, seen, trim } from "./retention_contract.ts";

const RETENTION: Retention = { ...KEEP_ALL, maxMessages: 4 };

/** Messages in rooms with and without patterns; the first one of `room:a-b` is removed. */
async function fill(store: Store): Promise<void> {
  for (const room of ["a-b", "tea", "a-b", "a-c.d", "a-b"]) {
    await append(store, draft(`room:${room}`, room));
  }
  await trim(store);
}

async function expectFiled(store: Store): Promise<void> {
  assertEquals(await seen(store, "room:a-*"), [["a-b", "a-c.d", "a-b"], 1]);
  assertEquals(await seen(store, "room:a-c.*"), [["a-c.d"], 0]);
  assertEquals(await seen(store, "room:tea"), [["tea"], 0]);
}

Deno.test("[L32] a SQLite file of an earlier version is filed by pattern at the first start", async () => {
  using folder = TestFolder.make();
  const path = join(folder.path, "halley.db");
  {
    await using store = SqliteStore.open(path, RETENTION);
    await fill(store);
  }
  {
    using database = new DatabaseSync(path);
    database.exec(`
      DELETE FROM filings WHERE topic LIKE '%*';
      DELETE FROM trimmed WHERE topic LIKE '%*';
      ALTER TABLE marks DROP COLUMN notify;
      ALTER TABLE marks DROP COLUMN pinned;
      ALTER TABLE marks DROP COLUMN unread_from;
      DROP TABLE word_tables;
      DELETE FROM meta WHERE name LIKE 'words_%';
      PRAGMA user_version = 9`);
  }

  await using store = SqliteStore.open(path, RETENTION);

  await expectFiled(store);
});

Deno.test("[L32] a Deno KV database is filed by pattern at the first start, also if that is killed in the middle", async () => {
  using folder = TestFolder.make();
  const path = join(folder.path, "halley.kv");
  {
    await using store = await KvStore.open(path, RETENTION);
    await fill(store);
  }
  {
    using database = await Deno.openKv(path);
    await database.delete(["halley", "patterned"]);
    for (const name of ["filed", "cut"]) {
      for await (const { key } of database.list({ prefix: ["halley", name] })) {
        if (String(key[2]).endsWith("*")) await database.delete(key);
      }
    }
  }
  for (let commits = 0; commits < 5; commits++) {
    const openKv = async () => failAfter(commits, await Deno.openKv(path));
    const store = await KvStore.open(path, RETENTION, { openKv }).catch(() => undefined);
    await store?.[Symbol.asyncDispose]();
    assertEquals([commits, store === undefined], [commits, commits < 2]);
  }

  await using store = await KvStore.open(path, RETENTION);

  await expectFiled(store);
});

/** A connection whose commits fail after some that succeed. */
function failAfter(commits: number, database: Deno.Kv): KvConnection {
  let left = commits;
  return new Proxy(database, {
    get(target, name) {
      if (name === "atomic" && left-- <= 0) throw new Error("killed");
      const value = Reflect.get(target, name, target);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
}
