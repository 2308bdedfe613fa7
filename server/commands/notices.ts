import { SqliteStore } from "../stores/sqlite_store.ts";
import { type NoticeDatabase, placeName } from "../sources/notice_database.ts";
import { openSource } from "../sources/open_source.ts";
import { createTable, tableSql } from "../sources/notice_table.ts";

/** What can be done with notices from a shell. */
export const NOTICES_USAGE = `usage:
  halley notices init            print the SQL for the table system_messages, for the database of NOTICES_DB
  halley notices init --create   make that table
  halley notices forget          forget how far notices were read: at the next start, NOTICES_FROM counts again`;

/** What such a command works on. */
export interface NoticesCommandParts {
  readonly database: NoticeDatabase;
  readonly listen: string | undefined;
  readonly store: { readonly kind: "memory" } | { readonly kind: "sqlite"; readonly path: string };
}

/** How long (ms) a database may take. */
const TIME_LIMIT = 10_000;

/** Whether there is such a command. */
export function takesNotices(args: readonly string[]): boolean {
  return ["init", "init --create", "forget"].includes(args.join(" "));
}

/** Returns what it has done, in words. Throws `SourceError` and `StoreUnusable`. */
export async function runNoticesCommand(
  [name, flag]: readonly string[],
  { database, listen, store }: NoticesCommandParts,
): Promise<string> {
  if (name === "forget") return await forget(database, store);
  if (flag === undefined) return tableSql(database.kind, listen);
  const isNew = await createTable(database, listen);
  // One that is there may be another.
  await using source = await openSource({
    database,
    query: undefined,
    listen: undefined,
    timeLimit: TIME_LIMIT,
    onNews: () => {},
  });
  await source.check();
  return isNew
    ? `Made the table system_messages in "${source.name}"`
    : `The table system_messages is in "${source.name}" already`;
}

/** Only the notebook is needed. */
const NO_TRIMMING = { messages: Infinity, age: Infinity, keyAge: Infinity };

async function forget(
  database: NoticeDatabase,
  store: NoticesCommandParts["store"],
): Promise<string> {
  const name = placeName(database);
  if (store.kind !== "sqlite") return "STORE is memory: it remembers nothing";
  await using opened = SqliteStore.open(store.path, NO_TRIMMING);
  const written = await opened.notebook.read(name);
  if (!written) return `The store "${store.path}" remembers nothing of "${name}"`;
  await opened.notebook.write(name, "");
  return `The store "${store.path}" has forgotten how far "${name}" was read`;
}
