import type { NatsConnectOptions } from "../stores/nats/nats_client.ts";
import { backUp, renewEpoch, restore } from "../stores/sqlite/sqlite_files.ts";

/** What can be done with a store while no request is answered, or beside a server that answers them. */
export const STORE_COMMANDS = {
  backup: {
    usage: "halley backup FILE",
    takes: ([file, ...others]) => isFile(file) && others.length === 0,
    run: async (path, [file = ""]) => {
      await backUp(path, file);
      return `Copied the store "${path}" into "${file}"`;
    },
  },
  restore: {
    usage: "halley restore FILE",
    takes: ([file, ...others]) => isFile(file) && others.length === 0,
    run: (path, [file = ""]) => {
      restore(file, path);
      return `Put "${file}" in the place of the store "${path}", which is kept as "${path}.replaced"`;
    },
  },
  epoch: {
    usage: "halley epoch --new",
    takes: (args) => args.length === 1 && args[0] === "--new",
    run: (path) => {
      renewEpoch(path);
      return `Gave the store "${path}" a new epoch: its readers are told of a gap`;
    },
  },
} as const satisfies Record<string, StoreCommand>;

/** A command that works on the file of a store. */
export interface StoreCommand {
  readonly usage: string;
  readonly takes: (args: readonly string[]) => boolean;
  /** Returns what it has done, in words. Throws `StoreOpenError`. */
  readonly run: (path: string, args: readonly string[]) => string | Promise<string>;
}

/** Gives a log over NATS a new epoch; the nodes that use it stop. Throws `StoreOpenError`. */
export async function renewEpochOverNats(place: NatsConnectOptions): Promise<string> {
  // Loaded for those who use it alone.
  const { renewEpochAt } = await import("../stores/nats/nats_store.ts");
  await renewEpochAt(place);
  return "Gave the log over NATS a new epoch: its nodes stop, and its readers are told of a gap";
}

function isFile(word: string | undefined): boolean {
  return word !== undefined && !word.startsWith("-");
}
