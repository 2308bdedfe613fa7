import type { Retention, Store } from "../core/model/store.ts";
import { checkpointName, type NoticeDatabase } from "../notices/sources/notice_database.ts";
import { openSource } from "../notices/sources/open_source.ts";
import { createTable, createTrigger, tableSql } from "../notices/sources/notice_table.ts";

/** What can be done with notices from a shell. */
export const NOTICES_USAGE = `usage:
  halley notices init            print the SQL for the table system_messages, for the database of NOTICES_DB
  halley notices init --create   make that table, and what tells of its rows where NOTICES_LISTEN is set
  halley notices forget          forget how far notices were read: at the next start, NOTICES_FROM counts again`;

/** What such a command works on. */
export interface NoticesCommandDeps {
  readonly database: NoticeDatabase;
  readonly listen: string | undefined;
  /** Absent where it is in memory. */
  readonly store: StoreToOpen | undefined;
}

/** A store, by the name that its operator gave it. */
export interface StoreToOpen {
  readonly name: string;
  open(retention: Retention): Promise<Store>;
}

/** Maximum duration of a query. */
const TIMEOUT_MS = 10_000;

/** Whether there is such a command. */
export function takesNotices(args: readonly string[]): boolean {
  return ["init", "init --create", "forget"].includes(args.join(" "));
}

/** Returns what it has done, in words. Throws `SourceError` and `StoreOpenError`. */
export async function runNoticesCommand(
  [name, flag]: readonly string[],
  { database, listen, store }: NoticesCommandDeps,
): Promise<string> {
  if (name === "forget") return await forget(database, store);
  if (flag === undefined) return tableSql(database.kind, listen);
  return await create(database, listen);
}

async function create(database: NoticeDatabase, listen: string | undefined): Promise<string> {
  const isNew = await createTable(database, listen);
  // One that is there may be another.
  await using source = await openSource({
    database,
    query: undefined,
    listen: undefined,
    timeoutMs: TIMEOUT_MS,
    onNotify: () => {},
  });
  await source.check();
  if (isNew) return `Made the table system_messages in "${source.name}"`;
  const isThere = `The table system_messages is in "${source.name}" already`;
  if (database.kind === "sqlite" || listen === undefined) return isThere;
  await createTrigger(database, listen);
  return `${isThere}; it tells of new rows on the channel "${listen}"`;
}

/** Only the keyValue is needed. */
const NO_TRIMMING = { maxMessages: Infinity, maxAgeMs: Infinity, keyAgeMs: Infinity };

async function forget(
  database: NoticeDatabase,
  store: NoticesCommandDeps["store"],
): Promise<string> {
  const name = checkpointName(database);
  if (store === undefined) return "STORE is memory: it remembers nothing";
  await using opened = await store.open(NO_TRIMMING);
  const written = await opened.keyValue.get(name);
  if (!written) return `The store "${store.name}" remembers nothing of "${name}"`;
  await opened.keyValue.set(name, "");
  return `The store "${store.name}" has forgotten how far "${name}" was read`;
}
