import { readConfig } from "../config/config.ts";
import { readSettings } from "../config/setting_sources.ts";
import { backUp, renewEpoch, restore } from "../stores/sqlite/sqlite_files.ts";
import type { StoreSetting } from "../stores/store_settings.ts";
import { parseArguments } from "./arguments.ts";
import type { Command } from "./command.ts";
import { CommandError, UsageError } from "./command_error.ts";

/** `halley backup` */
export const BACKUP: Command = {
  usage: `usage: halley backup FILE

Copies the store, an SQLite database, to a new file. The server may be running.`,

  async run(args) {
    const file = parseFile(args);
    const path = await readStorePath();
    await backUp(path, file);
    console.log(`Copied the store "${path}" to "${file}"`);
  },
};

/** `halley restore` */
export const RESTORE: Command = {
  usage: `usage: halley restore FILE

Replaces the store with a backup, and gives it a new epoch: its readers see a gap. The
server must not be running.`,

  async run(args) {
    const file = parseFile(args);
    const path = await readStorePath();
    restore(file, path);
    console.log(`Replaced the store "${path}" with "${file}". The old one is "${path}.replaced"`);
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
    const store = await readStore();
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

async function readStorePath(): Promise<string> {
  return pathOf(await readStore());
}

async function readStore(): Promise<StoreSetting> {
  return readConfig(await readSettings()).store;
}

function pathOf(store: StoreSetting): string {
  if (store.kind === "sqlite") return store.path;
  throw new CommandError(
    `STORE is "${store.kind}": this command works only on SQLite databases`,
    2,
  );
}
