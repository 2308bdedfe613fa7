import type { StoreSetting } from "./config.ts";
import type { Store } from "./core/store.ts";
import { IN_MEMORY, SqliteStore } from "./stores/sqlite_store.ts";

/** Opens the store that a setting names. Throws `StoreUnusable`. */
export function openStore(setting: StoreSetting): Store {
  switch (setting.kind) {
    case "memory":
      return SqliteStore.open(IN_MEMORY);
    case "sqlite":
      return SqliteStore.open(setting.path);
  }
}
