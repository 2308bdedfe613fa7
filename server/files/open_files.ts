import type { Logger } from "../base/logger.ts";
import { SYSTEM_RUNTIME } from "../base/runtime.ts";
import { Throttle } from "../base/throttle.ts";
import type { FileSettings } from "./file_settings.ts";
import { Files, type FilesDeps } from "./files.ts";
import { FolderStorage } from "./folder_storage.ts";

/** Opens the files of a server; `undefined` if it stores none. Throws a `StartError`. */
export function openFiles(
  { folder, ...limits }: FileSettings,
  { store, logger }: Pick<FilesDeps, "store"> & { readonly logger: Logger },
): Files | undefined {
  if (folder === undefined) return undefined;
  const throttle = new Throttle({ windowMs: 10_000 });
  const onFailure = (reason: string) => {
    if (throttle.allow()) logger.write("error", "file_not_stored", { reason });
  };
  const storage = FolderStorage.open(folder);
  return new Files({ storage, store, limits, onFailure, runtime: SYSTEM_RUNTIME });
}
