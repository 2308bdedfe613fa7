import type { SettingReader } from "../base/setting_reader.ts";
import type { StoreSetting } from "../stores/store_settings.ts";

/** How much files may take, in bytes. */
export interface FileLimits {
  /** Maximum size of one file. */
  readonly fileBytes: number;
  /** Maximum size of the files of one session. */
  readonly ownerBytes: number;
  /** Maximum size of all files. */
  readonly storageBytes: number;
}

/** Where files are stored, and how many. */
export interface FileSettings extends FileLimits {
  /** The path of a folder, or the store of messages; `undefined` if no files are stored. */
  readonly place: { readonly folder: string } | "store" | undefined;
}

const MIB = 2 ** 20;

/** Reads the settings of files. */
export function readFileSettings(read: SettingReader, store: StoreSetting): FileSettings {
  const place = read.text("FILES", "auto");
  const bytes = (name: string, fallback: number) =>
    read.wholeNumber(name, fallback, { min: 1, max: 1e15 });
  return {
    place: place === "auto" ? placeFor(store) : place === "off" ? undefined : { folder: place },
    fileBytes: bytes("FILE_BYTES", 25 * MIB),
    ownerBytes: bytes("FILE_QUOTA", 500 * MIB),
    storageBytes: bytes("FILE_STORAGE", 10_240 * MIB),
  };
}

/** The folder of a setting. */
export function folderOf({ place }: FileSettings): string | undefined {
  return place === "store" ? undefined : place?.folder;
}

/** Files belong to one database, which can be moved with its folder. All nodes over NATS must read what one has stored. */
function placeFor(store: StoreSetting): FileSettings["place"] {
  if (store.kind === "nats") return "store";
  return store.kind === "sqlite" ? { folder: `${store.path}.files` } : undefined;
}
