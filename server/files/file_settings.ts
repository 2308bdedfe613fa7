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
  /** The path of a folder; `undefined` if no files are stored. */
  readonly folder: string | undefined;
}

const MIB = 2 ** 20;

/** Reads the settings of files. */
export function readFileSettings(read: SettingReader, store: StoreSetting): FileSettings {
  const folder = read.text("FILES", "auto");
  const bytes = (name: string, fallback: number) =>
    read.wholeNumber(name, fallback, { min: 1, max: 1e15 });
  return {
    folder: folder === "auto" ? folderBeside(store) : folder === "off" ? undefined : folder,
    fileBytes: bytes("FILE_BYTES", 25 * MIB),
    ownerBytes: bytes("FILE_QUOTA", 500 * MIB),
    storageBytes: bytes("FILE_STORAGE", 10_240 * MIB),
  };
}

/** Files belong to one database, which can be moved with its folder. Where messages are not in a file, files are not either. */
function folderBeside(store: StoreSetting): string | undefined {
  return store.kind === "sqlite" ? `${store.path}.files` : undefined;
}
