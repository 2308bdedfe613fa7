import { errorMessage } from "../../base/error_message.ts";
import { DatabaseSync } from "node:sqlite";
import { SourceError } from "./notice_source.ts";
import { type NoticeDatabase, sourceName } from "./notice_database.ts";

/** How long (ms) a database may take to answer. */
const TIME_LIMIT = 10_000;

/** The SQL that makes the table `system_messages`, and, where the database can tell of new rows, has it do so. */
export function tableSql(kind: NoticeDatabase["kind"], listen: string | undefined): string {
  if (kind === "sqlite") return SQLITE;
  return listen === undefined ? POSTGRES : `${POSTGRES}\n${triggerSql(listen)}`;
}

// AUTOINCREMENT: without it SQLite gives the id of a row that was deleted to the next one.
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
  return `CREATE OR REPLACE FUNCTION system_messages_tell() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_notify('${channel}', '');
  RETURN NULL;
END $$;
DROP TRIGGER IF EXISTS system_messages_tell ON system_messages;
CREATE TRIGGER system_messages_tell AFTER INSERT ON system_messages
  FOR EACH STATEMENT EXECUTE FUNCTION system_messages_tell();`;
}

/**
 * Makes the table; a SQLite file that is not there is made, too. Says whether it was not there before. Throws
 * `SourceError`; then nothing has changed.
 */
export async function createTable(
  database: NoticeDatabase,
  listen: string | undefined,
): Promise<boolean> {
  try {
    await run(database, tableSql(database.kind, listen));
    return true;
  } catch (error) {
    if (error instanceof SourceError && /system_messages"? already exists/.test(error.message)) {
      return false;
    }
    throw error;
  }
}

/** Has a PostgreSQL tell of new rows of a table that is there. Throws `SourceError`; then nothing has changed. */
export async function createTrigger(database: NoticeDatabase, listen: string): Promise<void> {
  await run(database, triggerSql(listen));
}

async function run(database: NoticeDatabase, sql: string): Promise<void> {
  try {
    await (database.kind === "sqlite"
      ? runInSqlite(database.path, sql)
      : runInPostgres(database.url, sql));
  } catch (error) {
    const reason = errorMessage(error);
    throw SourceError.of("wrong", sourceName(database), reason, error);
  }
}

function runInSqlite(path: string, sql: string): void {
  using database = new DatabaseSync(path);
  database.exec(`BEGIN IMMEDIATE;\n${sql}\nCOMMIT;`);
}

async function runInPostgres(url: string, sql: string): Promise<void> {
  const { PostgresClient } = await import("./postgres_client.ts");
  await using client = new PostgresClient(url, { timeLimit: TIME_LIMIT });
  // Several statements at once are one transaction.
  await client.run(sql);
}
