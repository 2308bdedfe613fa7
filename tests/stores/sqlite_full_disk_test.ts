import { assertEquals } from "@std/assert";
import { setImmediate } from "node:timers/promises";
import { SYSTEM_RUNTIME } from "../../server/base/runtime.ts";
import { Refused } from "../../server/core/model/refused.ts";
import { Disk, emptyDatabase } from "../simulation/server/disk.ts";
import { KEEP_ALL } from "../support/retention.ts";

Deno.test("[L13] a disk that becomes full before a sweep empties the write-ahead log refuses it, and the next sweep does it", async () => {
  using disk = new Disk(await emptyDatabase(SYSTEM_RUNTIME));
  await using store = disk.open(KEEP_ALL, SYSTEM_RUNTIME, () => {});

  const sweeping = store.log.trim(0).catch((error) => error);
  await setImmediate(); // The transaction is committed.
  disk.failure = "full";
  const error = await sweeping;
  disk.failure = undefined;

  assertEquals(error instanceof Refused && error.refusal, "store_unavailable");
  assertEquals(await store.log.trim(0), false);
});
