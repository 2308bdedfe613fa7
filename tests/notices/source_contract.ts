import { assertEquals, assertMatch, assertRejects } from "@std/assert";
import { type NoticeSource, SourceError } from "../../server/notices/sources/notice_source.ts";

/** An application's database, and a way to read it. */
export interface AppDatabase extends AsyncDisposable {
  run(sql: string): Promise<void>;
  open(query?: string): NoticeSource;
}

/** What differs between the kinds of databases. */
export interface Variant {
  readonly name: string;
  /** The placeholder of the query's parameter. */
  readonly last: string;
  readonly bigint: string;
  readonly ignore: boolean;
}

const ORDERS = `
  CREATE TABLE orders (number integer PRIMARY KEY, customer text, status text);
  INSERT INTO orders VALUES (1, 'alice', 'shipped'), (2, 'bob', 'new'), (3, 'carol', 'shipped');`;

/** Tests the rules for sources of every kind of database. */
export function sourceContract(
  { name, last, bigint, ignore }: Variant,
  openDatabase: (sql: string) => Promise<AppDatabase>,
): void {
  const test = (title: string, sql: string, run: (database: AppDatabase) => Promise<void>) =>
    Deno.test({
      name: `${title} (${name})`,
      ignore,
      fn: async () => {
        await using database = await openDatabase(sql);
        await run(database);
      },
    });

  async function keysAfter(source: NoticeSource, after: string | undefined): Promise<string[]> {
    return (await source.read(after, 10)).map(({ key }) => key);
  }

  async function checkError(source: NoticeSource): Promise<string> {
    await using _ = source;
    const error = await assertRejects(() => source.check(), SourceError);
    assertEquals(error.kind, "misconfigured", error.message);
    assertEquals(error.message.includes("\n"), false, error.message);
    return error.message;
  }

  test("[B3] a query turns rows of any table into notices", ORDERS, async (database) => {
    await using source = database.open(`
      SELECT number AS key, 'user:' || customer AS recipient, 'Order ' || number AS title,
        'It is ' || status AS body
      FROM orders WHERE status = 'shipped' AND number > ${last} -- no new ones`);
    await source.check();

    const rows = await source.read(undefined, 10);

    assertEquals(rows.map((row) => ({ ...row })), [
      { key: "1", recipient: "user:alice", title: "Order 1", body: "It is shipped" },
      { key: "3", recipient: "user:carol", title: "Order 3", body: "It is shipped" },
    ]);
  });

  test(
    "[B3] rows are read after a key, in the order of the keys, up to the limit, whatever the query says",
    ORDERS,
    async (database) => {
      const query = `SELECT number AS key, status AS body FROM orders ORDER BY number DESC;`;
      await using source = database.open(query);
      await source.check();

      assertEquals(await keysAfter(source, undefined), ["1", "2", "3"]);
      assertEquals(await keysAfter(source, "1"), ["2", "3"]);
      assertEquals((await source.read(undefined, 2)).map(({ key }) => key), ["1", "2"]);
      assertEquals(await source.lastKeys(2), ["3", "2"]);
    },
  );

  test(
    "[B3] values of any type are read as texts",
    ORDERS,
    async (database) => {
      await using source = database.open(`
      SELECT number AS key, number AS recipient, NULL AS title, 2.5 AS body
      FROM orders WHERE number > ${last}`);
      await source.check();

      const [row] = await source.read(undefined, 1);

      assertEquals({ ...row }, { key: "1", recipient: "1", body: "2.5" });
    },
  );

  test(
    "[B4] keys beyond 2^53 are exact",
    `CREATE TABLE notes (id ${bigint}, note text)`,
    async (database) => {
      await database.run(`INSERT INTO notes VALUES
      (9007199254740992, 'one'), (9007199254740993, 'two'), (9223372036854775807, 'three'), (-5, 'zero')`);
      const query = `SELECT id AS key, note AS body FROM notes WHERE id > ${last}`;
      await using source = database.open(query);
      await source.check();

      const [first, second, ...rest] = await keysAfter(source, undefined);

      assertEquals([first, second], ["-5", "9007199254740992"]);
      assertEquals(await keysAfter(source, second), rest);
      assertEquals(rest, ["9007199254740993", "9223372036854775807"]);
    },
  );

  test("[B4] a text is a key; the database determines the order", ORDERS, async (database) => {
    const key = "status || '-' || number";
    await using source = database.open(
      `SELECT ${key} AS key, customer AS body FROM orders WHERE ${key} > ${last}`,
    );
    await source.check();

    const [first, second, third] = await source.read(undefined, 10);

    assertEquals([first?.body, second?.body, third?.body], ["bob", "alice", "carol"]);
    assertEquals(await keysAfter(source, second?.key), [third?.key]);
    assertEquals(await keysAfter(source, third?.key), []);
  });

  test(
    "[B4] a text key may begin with any character",
    "CREATE TABLE notes (id varchar(20), note text)",
    async (database) => {
      await database.run("INSERT INTO notes VALUES ('!a', 'one'), ('b''', 'two'), ('ü', 'three')");
      const query = `SELECT id AS key, note AS body FROM notes WHERE id > ${last}`;
      await using source = database.open(query);
      await source.check();

      const bodies = (await source.read(undefined, 10)).map(({ body }) => body);

      assertEquals(bodies, ["one", "two", "three"]);
      assertEquals((await source.lastKeys(1)).length, 1);
    },
  );

  test("[B17] keys of another type than the last one are reported", ORDERS, async (database) => {
    await using texts = database.open("SELECT customer AS key, status AS body FROM orders");
    await using numbers = database.open("SELECT number AS key, status AS body FROM orders");
    await texts.check();
    await numbers.check();
    const [carol = ""] = await texts.lastKeys(1);

    await numbers.checkKey("3");
    await numbers.checkKey("4");
    await texts.checkKey(carol);
    const error = await assertRejects(() => numbers.checkKey(carol), SourceError);

    assertEquals(error.kind, "misconfigured");
    assertMatch(error.message, /"?carol"?: .*run "halley notices forget"$/);
  });

  for (
    const [query, expected] of [
      ["SELECT id AS key, body FROM notes", /notes/],
      ["SELECT number AS key, state AS body FROM orders", /state/],
      ["SELECT number, status AS body FROM orders", /no column "key"/],
      ["SELECT number AS key, customer AS recipient FROM orders", /neither .*"body" nor .*"data"/],
      ["SELECT number AS key, customer AS recipiant, status AS body FROM orders", /"recipiant"/],
      [
        "SELECT number AS key, status AS body, customer AS body FROM orders",
        /column.* "body/,
      ],
      ["SELECT number AS key, status AS body FROM orders WHERE number >", /syntax/],
      ["SELECT 1 AS key, 'a' AS body; DROP TABLE orders", /syntax/],
    ] as const
  ) {
    test(`[B9] "${query}" is reported as misconfigured`, ORDERS, async (database) => {
      assertMatch(await checkError(database.open(query)), expected);

      await database.run("SELECT number FROM orders");
    });
  }

  test("[B9] a missing table system_messages is reported", "", async (database) => {
    assertMatch(await checkError(database.open()), /system_messages/);
  });

  test("[B9] more than one parameter is reported", ORDERS, async (database) => {
    const two = last === "?" ? "number > ? AND number > ?" : "number > $1 AND number > $2";
    const message = await checkError(
      database.open(`SELECT number AS key, status AS body FROM orders WHERE ${two}`),
    );

    assertMatch(message, /parameter/);
  });
}
