import { assertEquals } from "@std/assert";
import { join } from "node:path";
import { openSqlite } from "../../server/stores/open_sqlite.ts";
import { SqliteStore } from "../../server/stores/sqlite/sqlite_store.ts";
import { syncTime } from "../../server/stores/sqlite/sync_time.ts";
import { TestFolder } from "../support/test_folder.ts";
import { KEEP_ALL } from "../support/retention.ts";

Deno.test("[L20] a database is in a thread if its disk is slow, and is the same one if it is fast", async () => {
  using folder = TestFolder.make();
  const path = join(folder.path, "new", "halley.db");
  const epochs: string[] = [];
  const isInThread: boolean[] = [];

  for (const syncMs of [0.1, 20, 0.1]) {
    await using store = await openSqlite(path, KEEP_ALL, () => {}, syncMs);
    await store.log.append([{ channel: "room:tea", text: `${syncMs}` }]);
    isInThread.push(!(store instanceof SqliteStore));
    epochs.push(store.log.epoch, String(await store.log.newestId()));
  }

  assertEquals(isInThread, [false, true, false]);
  const [epoch] = epochs;
  assertEquals(epochs, [epoch, "1", epoch, "2", epoch, "3"]);
});

Deno.test("[L20] the disk is measured next to the database, and nothing is left there", () => {
  using folder = TestFolder.make();

  const time = syncTime(join(folder.path, "data", "halley.db"));

  assertEquals([time !== undefined && time > 0, [...Deno.readDirSync(join(folder.path, "data"))]], [
    true,
    [],
  ]);
});

Deno.test("[L20] a folder that cannot be written is no reason for a thread", () => {
  using folder = TestFolder.make();
  Deno.writeTextFileSync(join(folder.path, "file"), "");

  assertEquals(syncTime(join(folder.path, "file", "halley.db")), undefined);
});
