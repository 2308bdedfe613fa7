import { assertEquals, assertRejects } from "@std/assert";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { Refused } from "../../server/core/model/refused.ts";
import type { Task } from "../../server/core/model/store.ts";
import { SqliteStore } from "../../server/stores/sqlite/sqlite_store.ts";
import { KEEP_ALL } from "../support/retention.ts";
import { TestFolder } from "../support/test_folder.ts";

function task(body: string): Task {
  return { due: 1, tries: 0, body };
}

Deno.test("[M15] what could not be written does not count, and drops nothing", async () => {
  using folder = TestFolder.make();
  const path = join(folder.path, "halley.db");
  await using store = SqliteStore.open(path, KEEP_ALL);
  const { queue } = store;
  await queue.add([task("one")], 3);
  {
    using database = new DatabaseSync(path);
    database.exec(`CREATE TRIGGER full BEFORE INSERT ON queue WHEN NEW.body = 'large'
      BEGIN SELECT RAISE(ABORT, 'no room'); END`);
  }

  await assertRejects(() => queue.add([task("two"), task("three"), task("large")], 3), Refused);
  const dropped = await queue.add([task("two"), task("three")], 3);

  assertEquals([dropped, await queue.size()], [0, 3]);
  assertEquals(await queue.add([task("four")], 3), 1);
  assertEquals((await queue.listDue(1, 10)).map(({ body }) => body), ["two", "three", "four"]);
});
