import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { SourceError } from "../../server/notices/sources/notice_source.ts";
import { SqliteSource } from "../../server/notices/sources/sqlite_source.ts";
import { TestFolder } from "../support/test_folder.ts";
import { sourceContract } from "./source_contract.ts";

const TABLE = "CREATE TABLE system_messages (id integer PRIMARY KEY, recipient, title, body);";

/** Takes a second or more. It cannot be interrupted, so it must end by itself. */
const SLOW = `WITH RECURSIVE n(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n LIMIT 10000000)
  SELECT n AS key, 'never' AS body FROM n WHERE n < 0`;

sourceContract(
  { name: "SQLite", last: "?", bigint: "integer", ignore: false },
  (sql) => {
    const folder = TestFolder.make();
    const database = new DatabaseSync(join(folder.path, "shop.db"));
    database.exec(sql);
    return Promise.resolve({
      run: (sql) => Promise.resolve(database.exec(sql)),
      open: (query) => open(folder, { query }),
      [Symbol.asyncDispose]: () => {
        database.close();
        folder[Symbol.dispose]();
        return Promise.resolve();
      },
    });
  },
);

Deno.test("[B4] a blob is not a key: it is reported if it is the first one, else skipped", async () => {
  using folder = TestFolder.make();
  using database = new DatabaseSync(join(folder.path, "shop.db"));
  database.exec("CREATE TABLE notes (id); INSERT INTO notes VALUES (x'01')");
  await using source = open(folder, { query: "SELECT id AS key, 'note' AS body FROM notes" });

  const error = await assertRejects(() => source.check(), SourceError);
  database.exec("INSERT INTO notes VALUES (2)");
  await source.check();

  assertEquals(error.message.includes("a key must be a number or a text"), true, error.message);
  assertEquals((await source.read(undefined, 10)).map(({ key }) => key), ["2"]);
});

Deno.test("[B17] texts after numbers are reported, although SQLite can compare them", async () => {
  using folder = TestFolder.make();
  using database = new DatabaseSync(join(folder.path, "shop.db"));
  database.exec("CREATE TABLE notes (id text); INSERT INTO notes VALUES ('one')");
  await using source = open(folder, { query: "SELECT id AS key, 'note' AS body FROM notes" });
  await source.check();

  await source.checkKey('"none"');
  const error = await assertRejects(() => source.checkKey("17"), SourceError);

  assertStringIncludes(error.message, 'run "halley notices forget"');
});

Deno.test("[B15] a database is read while its application has it open, also with a write-ahead log", async () => {
  using folder = TestFolder.make();
  using database = new DatabaseSync(join(folder.path, "shop.db"));
  database.exec(`PRAGMA journal_mode = WAL; ${TABLE}`);
  await using source = open(folder);
  await source.check();

  database.exec("INSERT INTO system_messages (body) VALUES ('hello')");

  assertEquals((await source.read(undefined, 10)).map(({ body }) => body), ["hello"]);
});

Deno.test("[B15] the database is not changed, and its application is not blocked", async () => {
  using folder = TestFolder.make();
  using database = new DatabaseSync(join(folder.path, "shop.db"), { timeout: 0 });
  database.exec(`${TABLE} INSERT INTO system_messages (body) VALUES ('hello')`);
  const before = await Deno.readFile(join(folder.path, "shop.db"));
  await using source = open(folder);

  await source.check();
  await source.read(undefined, 10);

  assertEquals(await Deno.readFile(join(folder.path, "shop.db")), before);
  database.exec("BEGIN EXCLUSIVE; COMMIT");
});

Deno.test("[B15] a locked or missing database is unavailable; a replaced one is read", async () => {
  using folder = TestFolder.make();
  const path = join(folder.path, "shop.db");
  using database = new DatabaseSync(path);
  database.exec(TABLE);
  await using source = open(folder, { timeoutMs: 200 });
  await source.check();

  database.exec("BEGIN EXCLUSIVE");
  const locked = await assertRejects(() => source.read(undefined, 10), SourceError);
  database.exec("COMMIT");
  await Deno.rename(path, `${path}.old`);
  const missing = await assertRejects(() => source.read(undefined, 10), SourceError);
  using other = new DatabaseSync(path);
  other.exec(`${TABLE} INSERT INTO system_messages (body) VALUES ('new')`);

  assertEquals([locked.kind, missing.kind], ["unavailable", "unavailable"]);
  assertEquals((await source.read(undefined, 10)).map(({ body }) => body), ["new"]);
});

Deno.test("[B13] a slow query times out, and does not block the server", async () => {
  using folder = TestFolder.make();
  using _database = new DatabaseSync(join(folder.path, "shop.db"));
  await using source = open(folder, { query: SLOW, timeoutMs: 150 });
  let ticks = 0;
  const timer = setInterval(() => ticks++, 5);

  const error = await assertRejects(() => source.check(), SourceError);
  const again = await assertRejects(() => source.check(), SourceError);

  clearInterval(timer);
  assertEquals([error.kind, again.kind], ["unavailable", "unavailable"]);
  assertStringIncludes(error.message, "no answer within 150 ms");
  assert(ticks >= 5, `${ticks} ticks`);
});

function open(
  folder: TestFolder,
  { query, timeoutMs = 30_000 }: { query?: string | undefined; timeoutMs?: number } = {},
): SqliteSource {
  return new SqliteSource({ path: join(folder.path, "shop.db"), query, timeoutMs });
}
