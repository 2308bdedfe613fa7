import { DatabaseSync } from "node:sqlite";
import { errorMessage } from "../../base/error_message.ts";
import { type NoticeDatabase, sourceName } from "./notice_database.ts";
import { SourceError } from "./notice_source.ts";

/** Maximum duration of a statement. */
const TIMEOUT_MS = 10_000;

/** The SQL that creates the table `system_messages`, and with `listen` a PostgreSQL trigger that announces new rows. */
export function tableSql(kind: NoticeDatabase["kind"], listen: string | undefined): string {
  if (kind === "sqlite") return SQLITE;
  return listen === undefined ? POSTGRES : `${POSTGRES}\n${triggerSql(listen)}`;
}

// Without AUTOINCREMENT, SQLite gives the id of a deleted row to the next one.
const SQLITE = `CREATE TABLE system_messages (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  recipient TEXT,  -- empty: everyone; or session:<public token>, user:<user id>, room:<name>
  title TEXT,
  body TEXT NOT NULL,
  created_at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now'))
);`;

const POSTGRES = `CREATE TABLE system_messages (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  recipient text,  -- empty: everyone; or session:<public token>, user:<user id>, room:<name>
  title text,
  body text NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now()
);`;

function triggerSql(channel: string): string {
  return `CREATE OR REPLACE FUNCTION system_messages_notify() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_notify('${channel}', '');
  RETURN NULL;
END $$;
DROP TRIGGER IF EXISTS system_messages_notify ON system_messages;
CREATE TRIGGER system_messages_notify AFTER INSERT ON system_messages
  FOR EACH STATEMENT EXECUTE FUNCTION system_messages_notify();`;
}

/**
 * Creates the table, and the SQLite file if it does not exist. Returns `false` if the table exists. Throws `SourceError`;
 * nothing has changed then.
 */
export async function createTable(
  database: NoticeDatabase,
  listen: string | undefined,
): Promise<boolean> {
  try {
    await execute(database, tableSql(database.kind, listen));
    return true;
  } catch (error) {
    if (error instanceof SourceError && /system_messages"? already exists/.test(error.message)) {
      return false;
    }
    throw error;
  }
}

/** Creates or replaces the trigger of an existing PostgreSQL table. Throws `SourceError`; nothing has changed then. */
export async function createTrigger(database: NoticeDatabase, listen: string): Promise<void> {
  await execute(database, triggerSql(listen));
}

async function execute(database: NoticeDatabase, sql: string): Promise<void> {
  try {
    await (database.kind === "sqlite"
      ? executeInSqlite(database.path, sql)
      : executeInPostgres(database.url, sql));
  } catch (error) {
    const reason = errorMessage(error);
    throw new SourceError(sourceName(database), { kind: "misconfigured", reason, cause: error });
  }
}

function executeInSqlite(path: string, sql: string): void {
  using database = new DatabaseSync(path);
  database.exec(`BEGIN IMMEDIATE;\n${sql}\nCOMMIT;`);
}

async function executeInPostgres(url: string, sql: string): Promise<void> {
  const { PostgresClient } = await import("./postgres_client.ts");
  await using client = new PostgresClient(url, { timeoutMs: TIMEOUT_MS });
  // PostgreSQL executes several statements of one request in a transaction.
  await client.execute(sql);
}
