import { assertEquals } from "@std/assert";
import { join } from "node:path";
import type { KvConnection } from "../../server/stores/kv/kv_database.ts";
import { dueKey, taskKey, TASKS_BY_DUE } from "../../server/stores/kv/kv_keys.ts";
import { KvStore } from "../../server/stores/kv/kv_store.ts";
import { KEEP_ALL } from "../support/retention.ts";
import { TestFolder } from "../support/test_folder.ts";

Deno.test("[F60] a task that one node removes while another one postpones it leaves no key", async () => {
  using folder = TestFolder.make();
  const path = join(folder.path, "halley.kv");
  await using postponing = await KvStore.open(path, KEEP_ALL);
  await postponing.queue.add([{ due: 1, tries: 0, body: "tea" }], 10);
  const [task] = await postponing.queue.listDue(10, 1);
  let postponed = 0;
  const postpone = async () => {
    if (postponed++ === 0 && task) await postponing.queue.postpone({ ...task, due: 2 });
  };
  const openKv = async () => afterReading(taskKey(1), postpone, await Deno.openKv(path));
  await using removing = await KvStore.open(path, KEEP_ALL, { openKv });

  await removing.queue.remove([task?.id ?? 0]);

  using database = await Deno.openKv(path);
  const keys = await Array.fromAsync(database.list({ prefix: TASKS_BY_DUE }), ({ key }) => key);
  assertEquals([keys, postponed > 1], [[], true]);
  assertEquals(await removing.queue.size(), 0);
});

Deno.test("[F61] keys that an earlier version has left do not hold up the tasks after them", async () => {
  using folder = TestFolder.make();
  const path = join(folder.path, "halley.kv");
  await using store = await KvStore.open(path, KEEP_ALL);
  await store.queue.add([{ due: 5, tries: 0, body: "tea" }], 10);
  using database = await Deno.openKv(path);
  await database.atomic().set(dueKey(1, 98), true).set(dueKey(2, 99), true)
    .set(dueKey(3, 1), true).commit();

  const due = await store.queue.listDue(10, 1);

  assertEquals(due.map(({ body }) => body), ["tea"]);
  const keys = await Array.fromAsync(database.list({ prefix: TASKS_BY_DUE }), ({ key }) => key);
  assertEquals(keys, [dueKey(5, 1)]);
});

Deno.test("[F60] as many tasks as are removed at once can be removed", async () => {
  using folder = TestFolder.make();
  await using store = await KvStore.open(join(folder.path, "halley.kv"), KEEP_ALL);
  const task = { due: 1, tries: 0, body: "tea" };
  await store.queue.add(Array.from({ length: 250 }, () => task), 1_000);
  const tasks = await store.queue.listDue(10, 250);

  await store.queue.remove(tasks.map(({ id }) => id));

  assertEquals([tasks.length, await store.queue.size()], [250, 0]);
});

/** A connection that waits for `then` after each read of `key`. */
function afterReading(
  key: Deno.KvKey,
  then: () => Promise<void>,
  database: Deno.Kv,
): KvConnection {
  return new Proxy(database, {
    get(target, name) {
      const value = Reflect.get(target, name, target);
      if (typeof value !== "function") return value;
      if (name !== "getMany") return value.bind(target);
      return async (keys: readonly Deno.KvKey[]) => {
        const entries = await value.call(target, keys);
        if (keys.some((one) => one.join() === key.join())) await then();
        return entries;
      };
    },
  });
}
