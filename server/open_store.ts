import type { StoreSetting } from "./config.ts";
import type { Retention, Store } from "./core/store.ts";
import { IN_MEMORY, SqliteStore } from "./stores/sqlite_store.ts";

/** Opens the store that a setting names, which keeps what `retention` says. Throws `StoreUnusable`. */
export function openStore(setting: StoreSetting, retention: Retention): Store | Promise<Store> {
  switch (setting.kind) {
    case "memory":
      return SqliteStore.open(IN_MEMORY, retention);
    case "sqlite":
      return SqliteStore.open(setting.path, retention);
  }
}
