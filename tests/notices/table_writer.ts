// An application in its own process: writes a thousand rows into its table system_messages, for PostgreSQL in concurrent
// transactions that take a while. Arguments: the database as in NOTICES_DB, and the recipients.
import { delay } from "../../server/base/delay.ts";
import { DatabaseSync } from "node:sqlite";
import postgres from "postgres";

const ROWS = 1_000;

const WRITERS = 4;

const [url = "", ...recipients] = Deno.args;
const insert = "INSERT INTO system_messages (recipient, body) VALUES";
let written = 0;

/** Returns the next few rows; the body of a row is its number. */
function nextRows(): (readonly [string, string])[] {
  const count = Math.min(1 + Math.floor(Math.random() * 9), ROWS - written);
  return Array.from({ length: count }, () => {
    written++;
    return [recipients[written % recipients.length] ?? "", String(written)] as const;
  });
}

async function writeSqlite(path: string): Promise<void> {
  using database = new DatabaseSync(path, { timeout: 5_000 });
  const statement = database.prepare(`${insert} (?, ?)`);
  while (written < ROWS) {
    database.exec("BEGIN IMMEDIATE");
    for (const row of nextRows()) statement.run(...row);
    database.exec("COMMIT");
    await delay(15);
  }
}

async function writePostgres(): Promise<void> {
  const sql = postgres(url, { max: 1, fetch_types: false });
  while (written < ROWS) {
    await sql.begin(async (transaction) => {
      // The ids are assigned now, but visible to others only after the commit.
      for (const row of nextRows()) await transaction.unsafe(`${insert} ($1, $2)`, [...row]);
      await delay(Math.random() * 150);
    });
  }
  await sql.end();
}

if (url.startsWith("sqlite:")) await writeSqlite(url.slice("sqlite:".length));
else await Promise.all(Array.from({ length: WRITERS }, writePostgres));
