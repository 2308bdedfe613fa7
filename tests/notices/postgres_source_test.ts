import { assertEquals, assertMatch, assertRejects } from "@std/assert";
import { PostgresSource } from "../../server/notices/sources/postgres_source.ts";
import { SourceError } from "../../server/notices/sources/notice_source.ts";
import { waitUntil } from "../support/wait_until.ts";
import { PostgresServer, type TestDatabase } from "./postgres_server.ts";
import { sourceContract } from "./source_contract.ts";

const postgres = await PostgresServer.start();
Deno.test.afterAll(async () => await postgres?.[Symbol.asyncDispose]());

const ignore = postgres === undefined;
const TABLE = `CREATE TABLE system_messages (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, recipient text, title text, body text);`;

sourceContract({ name: "PostgreSQL", last: "$1", bigint: "bigint", ignore }, async (sql) => {
  const database = await postgres!.database(sql);
  return {
    run: (sql) => database.run(sql),
    open: (query) => open(database.url, { query }),
    [Symbol.asyncDispose]: () => database[Symbol.asyncDispose](),
  };
});

for (const type of ["timestamptz", "timestamp", "date", "numeric", "real", "uuid", "smallint"]) {
  test(`[B4] a ${type} is a key, and keeps its precision`, "", async (database) => {
    const values = VALUES[type] ?? [];
    await database.run(`CREATE TABLE notes (id ${type})`);
    for (const value of values) await database.run(`INSERT INTO notes VALUES ('${value}')`);
    const query = "SELECT id AS key, 'note' AS body FROM notes WHERE id > $1";
    await using source = open(database.url, { query });
    await source.check();

    const keys = (await source.read(undefined, 10)).map(({ key }) => key);

    assertEquals(keys.length, values.length);
    for (const [n, key] of keys.entries()) {
      assertEquals((await source.read(key, 10)).map(({ key }) => key), keys.slice(n + 1));
    }
  });
}

const VALUES: Readonly<Record<string, readonly string[]>> = {
  timestamptz: ["2026-01-01 12:00:00.000001+02", "2026-01-01 12:00:00.000002+02"],
  timestamp: ["2026-01-01 12:00:00.000001", "2026-01-01 12:00:00.000002"],
  date: ["2026-01-01", "2026-01-02"],
  numeric: ["-7", "0.1", "12345678901234567890.1", "12345678901234567890.2"],
  real: ["-1.5", "0.1", "1e10"],
  uuid: ["019a0000-0000-7000-8000-000000000001", "019a0000-0000-7000-8000-000000000002"],
  smallint: ["-32767", "7"],
};

test(
  "[B4] an infinite timestamp is not a key",
  "CREATE TABLE notes (id timestamptz)",
  async (database) => {
    await database.run(
      "INSERT INTO notes VALUES ('infinity'), ('-infinity'), ('2026-01-01 00:00+00')",
    );
    const query = "SELECT id AS key, 'note' AS body FROM notes WHERE id > $1";
    await using source = open(database.url, { query });
    await source.check();

    const keys = (await source.read(undefined, 10)).map(({ key }) => key);

    assertEquals(keys, ["2026-01-01 00:00:00.000000+00"]);
    assertEquals(await source.lastKeys(2), keys);
  },
);

test("[B9] a missing permission is reported", TABLE, async (database) => {
  const url = new URL(database.url);
  const schema = url.searchParams.get("search_path");
  await database.run("CREATE ROLE guest LOGIN PASSWORD 'a cup'");
  await database.run(`GRANT USAGE ON SCHEMA ${schema} TO guest`);
  [url.username, url.password] = ["guest", "a cup"];
  await using source = open(url.href);

  const error = await assertRejects(() => source.check(), SourceError);

  assertEquals(error.kind, "misconfigured");
  assertMatch(error.message, /permission denied for table system_messages/);
});

test(
  "[B9] a wrong password and a missing database are reported without the password",
  "",
  async (database) => {
    const wrong = new URL(database.url);
    wrong.password = "milk-and-sugar";
    await using one = open(wrong.href);
    await using other = open(postgres!.url("cups"));

    const errors = [
      await assertRejects(() => one.check(), SourceError),
      await assertRejects(() => other.check(), SourceError),
    ];

    assertEquals(errors.map(({ kind }) => kind), ["misconfigured", "misconfigured"]);
    assertMatch(errors[0]!.message, /password authentication failed for user "halley"/);
    assertMatch(errors[1]!.message, /database "cups" does not exist/);
    assertEquals(errors.join().includes("milk-and-sugar"), false);
  },
);

test("[B9] a key of another type than the parameter is reported", TABLE, async (database) => {
  const query = "SELECT 'note ' || id AS key, body FROM system_messages WHERE id > $1";
  await using source = open(database.url, { query });

  const error = await assertRejects(() => source.check(), SourceError);

  assertMatch(error.message, /operator does not exist: text > bigint/);
});

test("[B13] the database cancels a query that is too slow", TABLE, async (database) => {
  await database.run("INSERT INTO system_messages (body) VALUES ('hello')");
  const query = "SELECT id AS key, body FROM system_messages, pg_sleep(10) WHERE id > $1";
  await using source = open(database.url, { query, timeoutMs: 200 });

  const error = await assertRejects(() => source.check(), SourceError);

  assertEquals(error.kind, "unavailable");
  assertMatch(error.message, /no answer within 200 ms/);
});

test("[B15] a query cannot change anything", "CREATE SEQUENCE cups", async (database) => {
  await using source = open(database.url, { query: "SELECT nextval('cups') AS key, 'a' AS body" });

  const error = await assertRejects(() => source.check(), SourceError);

  assertMatch(error.message, /read-only transaction/);
});

Deno.test({
  name: "[B14] the database announces new rows, also after it was restarted",
  ignore,
  fn: async () => {
    await using server = await PostgresServer.start();
    await using database = await server!.database(TABLE);
    let notified = 0;
    await using source = open(database.url, { listen: "tea", onNotify: () => notified++ });
    await source.check();
    // When it starts to listen, because notifications may have been missed.
    assertEquals(notified, 1);

    await database.run("NOTIFY tea");
    await waitUntil(() => notified === 2, "a notification");
    await server!.stop();
    await waitUntil(() => notified === 3, "the lost connection counts as a notification");
    await assertRejects(() => source.read(undefined, 10), SourceError);
    await server!.restart();
    await source.read(undefined, 10);
    assertEquals(notified, 4);
    await database.run("NOTIFY tea");
    await waitUntil(() => notified === 5, "a notification after the restart");
  },
});

interface OpenOptions {
  readonly query?: string | undefined;
  readonly timeoutMs?: number;
  readonly listen?: string;
  readonly onNotify?: () => void;
}

function open(
  url: string,
  { query, timeoutMs = 30_000, listen, onNotify = () => {} }: OpenOptions = {},
): PostgresSource {
  return new PostgresSource({ url, query, timeoutMs, listen, onNotify });
}

/** A test with a database of its own. */
function test(name: string, sql: string, run: (database: TestDatabase) => Promise<void>): void {
  Deno.test({
    name,
    ignore,
    fn: async () => {
      await using database = await postgres!.database(sql);
      await run(database);
    },
  });
}
