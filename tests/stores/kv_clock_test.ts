import { assertEquals } from "@std/assert";
import { join } from "node:path";
import type { Draft } from "../../server/core/model/message.ts";
import { KvStore } from "../../server/stores/kv/kv_store.ts";
import { waitUntil } from "../support/wait_until.ts";
import { WallClock } from "../support/wall_clock.ts";
import { KEEP_ALL } from "../support/retention.ts";
import { TestFolder } from "../support/test_folder.ts";

const alice = { publicToken: "aliceAliceAlice_", displayName: "alice" };
const DAY = 86_400_000;
/** When Deno KV removes the keys of an earlier version: later than any machine needs to sweep them. */
const EXPIRY = 15_000;
const TEN_YEARS = 3_652 * DAY;

function tea(key: string): Draft {
  return { channel: "room:tea", from: alice, text: "hello", key };
}

async function isRepeated({ log }: KvStore, key: string): Promise<boolean | undefined> {
  return (await log.append([tea(key)]))[0]?.repeated;
}

async function forget({ log }: KvStore, now: number): Promise<void> {
  while (await log.trim(now));
}

Deno.test("[L8] the keys of an earlier version, which Deno KV would remove, are removed by sweeps", async () => {
  using folder = TestFolder.make();
  const path = join(folder.path, "halley.kv");
  const names = Array.from({ length: 200 }, (_, n) => `key ${n}`);
  {
    await using store = await KvStore.open(path, { ...KEEP_ALL, keyAgeMs: DAY });
    await store.log.append(names.slice(0, 100).map(tea));
    await store.log.append(names.slice(100).map(tea));
  }
  {
    using database = await Deno.openKv(path);
    for await (const { key } of database.list({ prefix: ["halley", "key_age"] })) {
      await database.delete(key);
    }
    await database.delete(["halley", "key_aged"]);
    const keys = await Array.fromAsync(database.list({ prefix: ["halley", "key"] }));
    await Promise.all(keys.map(({ key, value }) => database.set(key, value, { expireIn: EXPIRY })));
  }
  const expired = new Promise((resolve) => setTimeout(resolve, EXPIRY + 1_500));

  await using left = await KvStore.open(path, { ...KEEP_ALL, keyAgeMs: DAY });
  await using right = await KvStore.open(path, { ...KEEP_ALL, keyAgeMs: DAY });
  await Promise.all([forget(left, 0), forget(right, 0)]);

  using database = await Deno.openKv(path);
  const count = async (name: string) =>
    (await Array.fromAsync(database.list({ prefix: ["halley", name] }))).length;
  await expired;
  assertEquals([await count("key"), await count("key_age")], [200, 200]);
  assertEquals(await isRepeated(left, "key 0"), true);
  await Promise.all([forget(left, Date.now() + DAY), forget(right, Date.now() + DAY)]);
  await forget(left, Date.now() + DAY);
  assertEquals([await count("key"), await count("key_age")], [0, 0]);
  assertEquals(await isRepeated(left, "key 0"), false);
});

Deno.test("[L8] a node that sweeps a Deno KV database keeps a key that was forgotten and used again", async () => {
  using folder = TestFolder.make();
  const path = join(folder.path, "halley.kv");
  await using left = await KvStore.open(path, { ...KEEP_ALL, keyAgeMs: DAY });
  await using right = await KvStore.open(path, { ...KEEP_ALL, keyAgeMs: DAY });
  using clock = new WallClock();

  for (let round = 0; round < 20; round++) {
    assertEquals(await isRepeated(left, "k"), false);
    clock.offset += 2 * DAY;
    const sweeps = [left.log.trim(Date.now()), right.log.trim(Date.now())];
    while (await isRepeated(left, "k"));
    await Promise.all(sweeps);
    assertEquals(await isRepeated(right, "k"), true);
    clock.offset += 2 * DAY;
    await forget(left, Date.now());
    await forget(right, Date.now());
  }
});

Deno.test("[M19] a lease that was acquired ten years ahead expires when it is not renewed", async () => {
  using folder = TestFolder.make();
  const path = join(folder.path, "halley.kv");
  await using store = await KvStore.open(path, KEEP_ALL);
  using clock = new WallClock();
  const acquire = (holder: string) => store.keyValue.acquireLease("webhooks", holder, 300);
  clock.offset = TEN_YEARS;
  assertEquals(await acquire("left"), true);
  clock.offset = 0;

  for (let n = 0; n < 10; n++) {
    assertEquals(await acquire("right"), false);
    await new Promise((resolve) => setTimeout(resolve, 50));
    if (n % 3 === 0) await acquire("left");
  }

  await waitUntil(() => acquire("right"), "the lease is acquired by another node");
  assertEquals(await acquire("left"), false);
});
