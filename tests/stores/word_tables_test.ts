import { assert, assertEquals } from "@std/assert";
import { DatabaseSync } from "node:sqlite";
import type { Entry } from "../../server/core/model/message.ts";
import { migrate } from "../../server/stores/sqlite/sqlite_schema.ts";
import { WordTables } from "../../server/stores/sqlite/word_tables.ts";

const COUNT = 4_000;

/** A message with ten words that no other one has. */
function entry(id: number): Entry {
  const text = Array.from({ length: 10 }, (_, n) => `word${id}x${n}`).join(" ");
  return { id, at: 1, channel: "room:tea", text };
}

Deno.test("[D85] the words of messages that are gone leave a large table in several parts", () => {
  using database = new DatabaseSync(":memory:");
  migrate(database);
  const tables = new WordTables(database);
  for (let n = 1; n <= COUNT; n += 500) {
    database.exec("BEGIN");
    tables.add(Array.from({ length: 500 }, (_, m) => entry(n + m)));
    database.exec("COMMIT");
  }
  database.exec("INSERT INTO messages VALUES (1, 1, '')");

  for (let id = 2; id <= COUNT; id += 2) tables.remove(entry(id));
  tables.onTransactionEnd(true);
  let parts = 0;
  while (tables.optimizeOne()) parts++;

  assert(parts > 3, `${parts} parts`);
  database.exec("CREATE VIRTUAL TABLE temp.terms USING fts5vocab(main, words_0, row)");
  const terms = database.prepare(
    "SELECT count(*) AS count FROM temp.terms WHERE term LIKE 'word%'",
  );
  assertEquals(terms.get()?.count, COUNT / 2 * 10);
  const left = database.prepare("SELECT 1 FROM temp.terms WHERE term = ?");
  assertEquals([left.get("word7x3") !== undefined, left.get("word8x3")], [true, undefined]);
});
