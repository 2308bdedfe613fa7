import { assertEquals } from "@std/assert";
import { join } from "node:path";
import type { Draft } from "../../server/core/model/message.ts";
import type { Store } from "../../server/core/model/store.ts";
import { HEAD, MARK_COUNT, markIdKey, markKey } from "../../server/stores/kv/kv_keys.ts";
import { MAX_MARKS } from "../../server/core/log/fair_trim.ts";
import { KvStore } from "../../server/stores/kv/kv_store.ts";
import { texts } from "../support/hub.ts";
import { KEEP_ALL } from "../support/retention.ts";
import { TestFolder } from "../support/test_folder.ts";

const alice = { publicToken: "aliceAliceAlice_", displayName: "alice" };

function draft(channel: string, text: string): Draft {
  return { channel, from: alice, text };
}

async function trim({ log }: Store): Promise<void> {
  while (await log.trim(0));
}

async function markOf({ log }: Store, topic: string): Promise<number> {
  return (await log.read([topic], 0, 0)).trimmedUpTo;
}

Deno.test("[L14] a Deno KV database of an earlier version is counted, once, and then trimmed", async () => {
  using folder = TestFolder.make();
  const path = join(folder.path, "halley.kv");
  {
    await using store = await KvStore.open(path, KEEP_ALL);
    const drafts = Array.from({ length: 250 }, (_, n) => draft(`room:${n % 2}`, `${n + 1}`));
    await store.log.append(drafts);
  }
  {
    using database = await Deno.openKv(path);
    for (const name of ["share", "shares", "unshared"]) {
      for await (const { key } of database.list({ prefix: ["halley", name] })) {
        await database.delete(key);
      }
    }
    await database.delete(["halley", "unshared"]);
  }

  await using left = await KvStore.open(path, { ...KEEP_ALL, maxMessages: 4 });
  await using right = await KvStore.open(path, { ...KEEP_ALL, maxMessages: 4 });
  await left.log.append([draft("room:tea", "251")]);
  await Promise.all([trim(left), trim(right)]);
  // What was sent during a sweep is left to the next one.
  await trim(left);
  await trim(left);

  const rooms = ["room:0", "room:1", "room:tea"];
  assertEquals(texts(await right.log.read(rooms, 0, 10)), ["248", "249", "250", "251"]);
  assertEquals(await Promise.all(rooms.map((room) => markOf(right, room))), [247, 246, 0]);
});

Deno.test("[L14] beyond the maximum number of marks in a Deno KV database, the oldest are forgotten", async () => {
  using folder = TestFolder.make();
  const path = join(folder.path, "halley.kv");
  await using store = await KvStore.open(path, { ...KEEP_ALL, maxMessages: 0 });
  using database = await Deno.openKv(path);
  await database.atomic()
    .set(HEAD, 500)
    .set(MARK_COUNT, new Deno.KvU64(BigInt(MAX_MARKS)))
    .set(markKey("room:old"), 100).set(markIdKey(100, "room:old"), true)
    .set(markKey("room:new"), 400).set(markIdKey(400, "room:new"), true)
    .commit();
  await store.log.append([draft("room:tea", "one")]).catch(() => {});
  await store.log.append([draft("room:tea", "two")]);

  await trim(store);

  const marks = ["room:milk", "room:old", "room:new"].map((topic) => markOf(store, topic));
  assertEquals(await Promise.all(marks), [100, 100, 400]);
  assertEquals(await markOf(store, "room:tea"), await store.log.newestId());
});

Deno.test("[L14] nodes that append and trim one Deno KV database at the same time keep its sizes exact", async () => {
  using folder = TestFolder.make();
  const path = join(folder.path, "halley.kv");
  await using left = await KvStore.open(path, { ...KEEP_ALL, maxMessages: 5 });
  await using right = await KvStore.open(path, { ...KEEP_ALL, maxMessages: 5 });

  for (let n = 0; n < 20; n++) {
    await Promise.all([
      left.log.append([draft(`room:${n % 3}`, `left ${n}`)]),
      right.log.append([draft("room:tea", `right ${n}`)]),
      left.log.trim(0),
      right.log.trim(0),
    ]);
  }
  // What was sent during a sweep is left to the next one.
  await trim(left);
  await trim(left);

  const rooms = ["room:0", "room:1", "room:2", "room:tea"];
  assertEquals((await left.log.read(rooms, 0, 100)).messages.length, 5);
});

Deno.test("[L7] a room that floods a Deno KV database during a sweep takes nothing from quiet rooms", async () => {
  using folder = TestFolder.make();
  const path = join(folder.path, "halley.kv");
  await using store = await KvStore.open(path, { ...KEEP_ALL, maxMessages: 20 });
  await store.log.append([draft("room:tea", "1"), draft("notice", "2"), draft("room:tea", "3")]);
  const flood = Array.from({ length: 15 }, () => draft("room:flood", "x"));
  await store.log.append(flood);

  for (let n = 0; n < 10; n++) {
    await store.log.append(flood);
    await store.log.trim(0);
  }
  await trim(store);
  await trim(store);

  assertEquals(texts(await store.log.read(["room:tea", "notice"], 0, 10)), ["1", "2", "3"]);
  assertEquals((await store.log.read(["room:flood"], 0, 100)).messages.length, 17);
});
