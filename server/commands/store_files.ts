import { readConfig } from "../config/config.ts";
import { readSettings } from "../config/setting_sources.ts";
import { backUp, renewEpoch, restore } from "../stores/sqlite/sqlite_files.ts";
import { copyFiles, folderOfBackup, keepFiles } from "../files/file_copies.ts";
import { folderOf } from "../files/file_settings.ts";
import { exists } from "../stores/private_files.ts";
import type { StoreSetting } from "../stores/store_settings.ts";
import { parseArguments } from "./arguments.ts";
import type { Command } from "./command.ts";
import { CommandError, UsageError } from "./command_error.ts";

/** `halley backup` */
export const BACKUP: Command = {
  usage: `usage: halley backup FILE

Copies the store, an SQLite database, to a new file, and the files of its messages to the
new folder FILE.files. The server may be running.`,

  async run(args) {
    const file = parseFile(args);
    const { path, folder } = await readPaths();
    const copies = folderOfBackup(file);
    if (folder !== undefined && !exists(file) && exists(copies)) {
      throw new CommandError(`The folder "${copies}" already exists`, 1);
    }
    // Files that come after the database are of no message in it; those that came before are in both.
    await backUp(path, file);
    console.log(`Copied the store "${path}" to "${file}"`);
    if (folder === undefined || !exists(folder)) return;
    copyFiles(folder, copies);
    console.log(`Copied the files in "${folder}" to "${copies}"`);
  },
};

/** `halley restore` */
export const RESTORE: Command = {
  usage: `usage: halley restore FILE

Replaces the store with a backup, and gives it a new epoch: its readers see a gap. Adds the
files in the folder FILE.files, if it exists, to those of the server. The server must not be
running.`,

  async run(args) {
    const file = parseFile(args);
    const { path, folder } = await readPaths();
    const copies = folderOfBackup(file);
    const hasFiles = folder !== undefined && exists(copies);
    // The folder has the files of both databases before one replaces the other.
    restore(file, path, () => {
      if (!hasFiles) return;
      keepFiles(folder);
      copyFiles(copies, folder);
    });
    console.log(`Replaced the store "${path}" with "${file}". The old one is "${path}.replaced"`);
    if (hasFiles) console.log(`Added the files in "${copies}" to those in "${folder}"`);
  },
};

/** `halley epoch` */
export const EPOCH: Command = {
  usage: `usage: halley epoch --new

Gives the store a new epoch: its readers see a gap. The server must not be running; over
NATS, all nodes stop.`,

  async run(args) {
    const { values, positionals } = parseArguments(args, { new: { type: "boolean" } });
    if (!values.new || positionals.length > 0) throw new UsageError("The only option is --new");
    const { store } = readConfig(await readSettings());
    if (store.kind === "nats") {
      // Loaded only if NATS is used.
      const { renewEpochAt } = await import("../stores/nats/nats_store.ts");
      await renewEpochAt(store.connection);
      return console.log(
        "Gave the log over NATS a new epoch: its nodes stop, its readers see a gap",
      );
    }
    const path = pathOf(store);
    renewEpoch(path);
    console.log(`Gave the store "${path}" a new epoch: its readers see a gap`);
  },
};

function parseFile(args: readonly string[]): string {
  const { positionals: [file, ...others] } = parseArguments(args, {});
  if (file === undefined || others.length > 0) throw new UsageError("Name one FILE");
  return file;
}

/** The path of the database, and of the folder with the files of its messages if there is one. */
async function readPaths(): Promise<
  { readonly path: string; readonly folder: string | undefined }
> {
  const { store, files } = readConfig(await readSettings());
  return { path: pathOf(store), folder: folderOf(files) };
}

function pathOf(store: StoreSetting): string {
  if (store.kind === "sqlite") return store.path;
  throw new CommandError(
    `STORE is "${store.kind}": this command works only on SQLite databases`,
    2,
  );
}
