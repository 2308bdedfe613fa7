import { dirname } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { storeName } from "./open_store.ts";
import { isLocked } from "./sqlite/sqlite_files.ts";
import { SCHEMA_VERSION, versionOf } from "./sqlite/sqlite_schema.ts";
import { StoreOpenError } from "./store_open_error.ts";
import type { StoreSetting } from "./store_settings.ts";

/** What is wrong with a store, if anything is. */
export interface StoreCheck {
  /** Why the server cannot open it. */
  readonly error?: string;
  /** The server can start, but these may be mistakes. */
  readonly warnings?: readonly string[];
}

/** Checks for `halley check` whether the server can open its store. Nothing that it creates stays, and it changes nothing. */
export async function checkStore(setting: StoreSetting): Promise<StoreCheck> {
  try {
    switch (setting.kind) {
      case "memory":
        return {};
      case "sqlite":
        checkFile(setting.path, (database) => {
          if (versionOf(database) > SCHEMA_VERSION) {
            throw new Error("a newer Halley has written it");
          }
        });
        return isLocked(setting.path)
          ? {
            warnings: [
              `The store "${setting.path}" is in use by another Halley; it may be this one`,
            ],
          }
          : {};
      case "kv": {
        const { location } = setting;
        if (location !== undefined && !/^(:|https?:)/.test(location)) checkFile(location);
        return {};
      }
      case "nats": {
        const { checkCluster } = await import("./nats/nats_store.ts");
        const { error, warnings } = await checkCluster(setting);
        if (error !== undefined) throw new Error(error);
        return { warnings };
      }
    }
  } catch (cause) {
    const { message } = StoreOpenError.from(storeName(setting) ?? setting.kind, cause);
    const usesMemory = setting.kind === "kv" && setting.isOptional;
    return usesMemory ? { warnings: [`${message}. Memory would be used`] } : { error: message };
  }
}

/** Throws if a database cannot be written, or created where it does not exist. */
function checkFile(path: string, check: (database: DatabaseSync) => void = versionOf): void {
  const found = statOf(path);
  if (found === undefined) return checkFolder(dirname(path));
  if (found.isDirectory) throw new Error("it is a folder");
  Deno.openSync(path, { read: true, write: true }).close();
  checkFolder(dirname(path));
  using database = new DatabaseSync(path, { readOnly: true });
  check(database);
}

/** Throws if a folder, or the nearest one above it that exists, cannot be written. */
export function checkFolder(path: string): void {
  const found = statOf(path);
  if (found === undefined) return checkFolder(dirname(path));
  if (!found.isDirectory) throw new Error(`"${path}" is not a folder`);
  // Asking for the permissions of a folder would need more permissions of Deno.
  Deno.removeSync(Deno.makeTempFileSync({ dir: path, prefix: "halley-check-" }));
}

function statOf(path: string): Deno.FileInfo | undefined {
  try {
    return Deno.statSync(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    // A part of the path is a file.
    if (error instanceof Deno.errors.NotADirectory) return undefined;
    throw error;
  }
}
