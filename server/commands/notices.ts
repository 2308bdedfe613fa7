import { type Config, readConfig } from "../config/config.ts";
import { readSettings } from "../config/setting_sources.ts";
import type { Retention } from "../core/model/store.ts";
import { checkpointName, type NoticeDatabase } from "../notices/sources/notice_database.ts";
import { createTable, createTrigger, tableSql } from "../notices/sources/notice_table.ts";
import { openSource } from "../notices/sources/open_source.ts";
import { openStore, storeName } from "../stores/open_store.ts";
import type { StoreSetting } from "../stores/store_settings.ts";
import type { Command } from "./command.ts";
import { CommandError, UsageError } from "./command_error.ts";

/** `halley notices` */
export const NOTICES: Command = {
  usage: `usage:
  halley notices init            print the SQL that creates the table system_messages in NOTICES_DB
  halley notices init --create   create the table, and a trigger that notifies of new rows if
                                 NOTICES_LISTEN is set
  halley notices forget          forget which rows have been read: the next start applies
                                 NOTICES_FROM again`,

  async run(args) {
    const action = args.join(" ");
    if (!isAction(action)) throw new UsageError('Name what to do: "init" or "forget"');
    const config = readConfig(await readSettings());
    const { database, listen } = config.notices;
    if (database === undefined) {
      throw new CommandError("NOTICES_DB is not set: set it to the database of the notices", 2);
    }
    console.log(await ACTIONS[action]({ database, listen, store: config.store }));
  },
};

/** What an action works on. */
interface NoticesTarget {
  readonly database: NoticeDatabase;
  readonly listen: Config["notices"]["listen"];
  readonly store: StoreSetting;
}

/** Each returns what to print. Throws a `StartError`. */
const ACTIONS = {
  "init": ({ database, listen }) => Promise.resolve(tableSql(database.kind, listen)),
  "init --create": create,
  "forget": forget,
} satisfies Record<string, (target: NoticesTarget) => Promise<string>>;

function isAction(action: string): action is keyof typeof ACTIONS {
  return Object.hasOwn(ACTIONS, action);
}

/** Maximum duration of a query. */
const TIMEOUT_MS = 10_000;

async function create({ database, listen }: NoticesTarget): Promise<string> {
  const isNew = await createTable(database, listen);
  // An existing table may have other columns.
  await using source = await openSource({
    database,
    query: undefined,
    listen: undefined,
    timeoutMs: TIMEOUT_MS,
    onNotify: () => {},
  });
  await source.check();
  if (isNew) return `Created the table system_messages in "${source.name}"`;
  const exists = `The table system_messages already exists in "${source.name}"`;
  if (database.kind === "sqlite" || listen === undefined) return exists;
  await createTrigger(database, listen);
  return `${exists}; it notifies of new rows on the channel "${listen}"`;
}

/** Only the key-value store is used: nothing must be removed from the log. */
const KEEP_ALL: Retention = {
  maxMessages: Infinity,
  maxPrivate: Infinity,
  maxBytes: Infinity,
  maxAgeMs: Infinity,
  keyAgeMs: Infinity,
};

async function forget({ database, store }: NoticesTarget): Promise<string> {
  const checkpoint = checkpointName(database);
  const name = storeName(store);
  if (name === undefined) return "STORE is memory: there is nothing to forget";
  await using opened = await openStore(store, KEEP_ALL);
  const exists = await opened.keyValue.get(checkpoint);
  if (!exists) return `The store "${name}" has no checkpoint "${checkpoint}"`;
  await opened.keyValue.remove(checkpoint);
  return `Removed the checkpoint "${checkpoint}" from the store "${name}"`;
}
