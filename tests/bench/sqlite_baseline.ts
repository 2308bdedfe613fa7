/**
 * Measures durable commits of SQLite alone, to a database in the working directory, without a server. Prints JSON.
 *
 * @module
 */

import { DatabaseSync } from "node:sqlite";

/** Rows per second, written with `node:sqlite` in WAL mode with `synchronous=FULL`. */
export interface SqliteBaseline {
  /** In commits of one row each. */
  readonly single: number;
  /** In commits of 64 rows each. */
  readonly grouped: number;
}

const DURATION = 1_000;
const GROUP = 64;

console.log(JSON.stringify(measure()));

function measure(): SqliteBaseline {
  using database = new DatabaseSync("baseline.db");
  database.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL");
  database.exec("CREATE TABLE messages (id INTEGER PRIMARY KEY, channel TEXT, body TEXT)");
  const insert = database.prepare("INSERT INTO messages (channel, body) VALUES (?, ?)");
  const insertOne = () => insert.run("room:tea", "0123456789".repeat(20));
  const insertGroup = () => {
    database.exec("BEGIN");
    for (let i = 0; i < GROUP; i++) insertOne();
    database.exec("COMMIT");
  };
  return { single: perSecond(insertOne), grouped: GROUP * perSecond(insertGroup) };
}

function perSecond(act: () => void): number {
  const start = performance.now();
  let count = 0;
  while (performance.now() - start < DURATION) {
    act();
    count++;
  }
  return count * 1000 / (performance.now() - start);
}
