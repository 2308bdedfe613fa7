import type { Retention, Store } from "../core/model/store.ts";
import { KvStore } from "./kv/kv_store.ts";
import { IN_MEMORY, SqliteStore } from "./sqlite/sqlite_store.ts";
import { StoreOpenError } from "./store_open_error.ts";
import type { StoreSetting } from "./store_settings.ts";

/** What the operator calls a store; nothing where it is in memory. */
export function storeName(setting: StoreSetting): string | undefined {
  if (setting.kind === "memory") return undefined;
  if (setting.kind === "nats") return setting.connection.servers.join(",");
  return setting.kind === "sqlite" ? setting.path : setting.location ?? "kv";
}

/** What has to be told of a store. */
export interface StoreEvents {
  /** Memory had to do instead, where it will do. */
  readonly onMemoryFallback?: (reason: string) => void;
  /** It is not the one any more that was opened: nothing may go on with it. */
  readonly onLost?: (reason: string) => void;
}

/** Opens the store that a setting names, which keeps what `retention` says. Throws `StoreOpenError`. */
export async function openStore(
  setting: StoreSetting,
  retention: Retention,
  { onMemoryFallback: onMemoryInstead, onLost = () => {} }: StoreEvents = {},
): Promise<Store> {
  switch (setting.kind) {
    case "memory":
      return SqliteStore.open(IN_MEMORY, retention);
    case "sqlite":
      return SqliteStore.open(setting.path, retention);
    case "kv":
      try {
        return await KvStore.open(setting.location, retention);
      } catch (error) {
        const isEnough = setting.isOptional && onMemoryInstead !== undefined;
        if (!isEnough || !(error instanceof StoreOpenError)) throw error;
        onMemoryInstead(error.message);
        return SqliteStore.open(IN_MEMORY, retention);
      }
    case "nats": {
      // Loaded for those who use it alone.
      const { NatsStore } = await import("./nats/nats_store.ts");
      return await NatsStore.open({ ...setting, retention, onLost });
    }
  }
}
