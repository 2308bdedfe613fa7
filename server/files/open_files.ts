import type { Logger } from "../base/logger.ts";
import { SYSTEM_RUNTIME } from "../base/runtime.ts";
import { Throttle } from "../base/throttle.ts";
import type { FileSettings } from "./file_settings.ts";
import type { Store } from "../core/model/store.ts";
import { Files } from "./files.ts";
import { FolderStorage } from "./folder_storage.ts";

/** Opens the files of a server; `undefined` if it stores none. Throws a `StartError`. */
export async function openFiles(
  { place, ...limits }: FileSettings,
  { store, logger }: { readonly store: Store; readonly logger: Logger },
): Promise<Files | undefined> {
  const storage = place === "store"
    ? await store.openFileStorage?.()
    : place && FolderStorage.open(place.folder);
  if (storage === undefined) return undefined;
  const throttle = new Throttle({ windowMs: 10_000 });
  const onFailure = (reason: string) => {
    if (throttle.allow()) logger.write("error", "file_not_stored", { reason });
  };
  return new Files({ storage, store, limits, onFailure, runtime: SYSTEM_RUNTIME });
}
