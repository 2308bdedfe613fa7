import type { Retention, Store } from "../core/model/store.ts";
import { SqliteStore } from "./sqlite/sqlite_store.ts";
import { syncTime } from "./sqlite/sync_time.ts";

/** From this time (ms) that a disk takes to make a page durable, waiting for it costs more than a thread does. */
const SLOW_DISK = 1;

/**
 * Opens a SQLite file for a process with one isolate: in a thread of its own if its disk is slow, so that requests need not
 * wait for it. Throws a `StoreOpenError`. `onLost` is called if the thread ends because of an error.
 */
export async function openSqlite(
  path: string,
  retention: Retention,
  onLost: (reason: string) => void,
  syncMs = syncTime(path) ?? 0,
): Promise<Store> {
  if (syncMs < SLOW_DISK) return SqliteStore.open(path, retention);
  // Imported on demand: Deno Deploy has neither files nor workers.
  const { openThreadStore } = await import("./thread/thread_store.ts");
  return await openThreadStore({ kind: "sqlite", path }, retention, { onLost });
}
