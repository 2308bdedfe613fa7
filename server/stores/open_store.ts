import type { Retention, Store } from "../core/model/store.ts";
import { KvStore } from "./kv/kv_store.ts";
import { IN_MEMORY, SqliteStore } from "./sqlite/sqlite_store.ts";
import { StoreOpenError } from "./store_open_error.ts";
import type { StoreSetting } from "./store_settings.ts";

/** What messages to operators call a store; `undefined` for a store in memory. */
export function storeName(setting: StoreSetting): string | undefined {
  switch (setting.kind) {
    case "memory":
      return undefined;
    case "sqlite":
      return setting.path;
    case "kv":
      return setting.location ?? "kv";
    case "nats":
      return setting.connection.servers.join(",");
  }
}

/** Callbacks for what can happen to a store. */
export interface StoreEvents {
  /** Called if an optional store cannot be opened, and memory is used instead. */
  readonly onMemoryFallback?: (reason: string) => void;
  /** Called at the start with each reason why a cluster of NATS servers can lose messages. */
  readonly onDoubt?: (reason: string) => void;
  /** Called if the log was replaced, or has lost messages: this process must stop. */
  readonly onLost?: (reason: string) => void;
}

/** Opens the store of a setting. Throws a `StoreOpenError`. */
export async function openStore(
  setting: StoreSetting,
  retention: Retention,
  { onMemoryFallback, onDoubt, onLost = () => {} }: StoreEvents = {},
): Promise<Store> {
  switch (setting.kind) {
    case "memory":
      return SqliteStore.open(IN_MEMORY, retention);
    case "sqlite":
      return SqliteStore.open(setting.path, retention, { onLost });
    case "kv":
      try {
        return await KvStore.open(setting.location, retention);
      } catch (error) {
        const mayFallBack = setting.isOptional && onMemoryFallback !== undefined;
        if (!mayFallBack || !(error instanceof StoreOpenError)) throw error;
        onMemoryFallback(error.message);
        return SqliteStore.open(IN_MEMORY, retention);
      }
    case "nats": {
      // Imported on demand: only deployments that use NATS load its client.
      const { NatsStore } = await import("./nats/nats_store.ts");
      return await NatsStore.open({ ...setting, retention, onLost, ...(onDoubt && { onDoubt }) });
    }
  }
}
