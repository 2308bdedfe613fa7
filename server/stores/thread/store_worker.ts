// The thread of a `ThreadStore`.
import { StoreOpenError } from "../store_open_error.ts";
import { SqliteStore } from "../sqlite/sqlite_store.ts";
import type { Reply, ThreadRequest } from "./port_messages.ts";
import { StoreHost } from "./store_host.ts";

let host: StoreHost | undefined;

self.addEventListener("message", ({ data: { open, port } }: MessageEvent<ThreadRequest>) => {
  try {
    if (open !== undefined) host = new StoreHost(SqliteStore.open(open.path, open.retention));
    host?.serve(port);
  } catch (error) {
    if (!(error instanceof StoreOpenError)) throw error;
    const replies: readonly Reply[] = [["openFailed", error.message]];
    port.postMessage(replies);
  }
});
