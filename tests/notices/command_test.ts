import { deadline } from "../../server/base/deadline.ts";
import { assertEquals, assertMatch } from "@std/assert";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { waitUntil } from "../support/wait_until.ts";
import { RemoteChat } from "../support/remote_chat.ts";
import { runToEnd, ServerProcess } from "../support/server_process.ts";
import { TestFolder } from "../support/test_folder.ts";
import { PostgresServer, type TestDatabase } from "./postgres_server.ts";

const postgres = await PostgresServer.start();
Deno.test.afterAll(async () => await postgres?.[Symbol.asyncDispose]());

const SQLITE = { NOTICES_DB: "sqlite:shop.db" };

Deno.test("[B16] halley notices init prints the SQL for SQLite, and changes nothing", async () => {
  using folder = TestFolder.make();

  const { code, stdout, stderr } = await run(folder, SQLITE, "init");

  assertEquals([code, stderr], [0, ""]);
  assertEquals([...Deno.readDirSync(folder.path)], []);
  using database = new DatabaseSync(":memory:");
  database.exec(stdout);
  database.exec("INSERT INTO system_messages (body) VALUES ('hello')");
  const [row] = database.prepare("SELECT * FROM system_messages").all();
  assertEquals(Object.keys(row ?? {}), ["id", "recipient", "title", "body", "created_at"]);
});

Deno.test("[B16] halley notices init --create creates the table in SQLite; it does not change an existing one", async () => {
  using folder = TestFolder.make();

  const made = await run(folder, SQLITE, "init", "--create");
  const again = await run(folder, SQLITE, "init", "--create");
  {
    using database = new DatabaseSync(join(folder.path, "shop.db"));
    database.exec("DROP TABLE system_messages; CREATE TABLE system_messages (id, note)");
  }
  const other = await run(folder, SQLITE, "init", "--create");

  const [name, place] = ["system_messages", '"sqlite:shop.db"'];
  assertEquals(made, { code: 0, stdout: `Created the table ${name} in ${place}\n`, stderr: "" });
  assertEquals(again.stdout, `The table ${name} already exists in ${place}\n`);
  assertEquals([other.code, other.stdout], [1, ""]);
  assertMatch(other.stderr, /^Cannot read notices .* no such column: recipient\n$/);
});

Deno.test({
  name:
    "[B16] halley notices init creates the table in PostgreSQL, with NOTICES_LISTEN also the trigger",
  ignore: postgres === undefined,
  fn: async () => {
    using folder = TestFolder.make();
    await using database = await postgres!.database();
    const settings = { NOTICES_DB: database.url, NOTICES_LISTEN: "tea" };

    const printed = await run(folder, settings, "init");
    const made = await run(folder, settings, "init", "--create");
    const again = await run(folder, settings, "init", "--create");

    assertEquals([made.code, made.stderr, again.code, again.stderr], [0, "", 0, ""]);
    assertMatch(printed.stdout, /CREATE TABLE system_messages[^]*pg_notify\('tea'/);
    await assertNotifies(database, "tea");
    await using other = await postgres!.database();
    await other.run(printed.stdout);
  },
});

Deno.test({
  name: "[B16] halley notices init --create adds or changes the trigger of an existing table",
  ignore: postgres === undefined,
  fn: async () => {
    using folder = TestFolder.make();
    await using database = await postgres!.database();
    const create = (settings: Record<string, string>) =>
      run(folder, { NOTICES_DB: database.url, ...settings }, "init", "--create");
    await create({});
    await database.run("INSERT INTO system_messages (body) VALUES ('hello')");

    const first = await create({ NOTICES_LISTEN: "tea" });
    await assertNotifies(database, "tea");
    await create({ NOTICES_LISTEN: "milk" });
    await assertNotifies(database, "milk");

    assertEquals([first.code, first.stderr], [0, ""]);
    assertMatch(
      first.stdout,
      /already exists in .*; it notifies of new rows on the channel "tea"\n$/,
    );
    const [row] = await database.sql`SELECT count(*)::int AS count FROM system_messages`;
    assertEquals(row?.count, 3);
  },
});

Deno.test("[B17] after halley notices forget, the next start applies NOTICES_FROM again", async () => {
  using folder = TestFolder.make();
  const settings = {
    ...SQLITE,
    HAS_DB: "Y",
    NOTICES_FROM: "start",
    NOTICES_WINDOW: "0",
    INTERVAL_TIME: "100",
  };
  await run(folder, settings, "init", "--create");
  using database = new DatabaseSync(join(folder.path, "shop.db"));
  database.exec("INSERT INTO system_messages (id, body) VALUES (5, 'five')");
  const start = () => ServerProcess.start({ folder: folder.path, settings });
  {
    await using first = await start();
    using chat = new RemoteChat(first.url);
    await waitUntil(async () => (await notices(chat)).length === 1, "the first notice");
    const refused = await run(folder, settings, "forget");
    assertMatch(refused.stderr, /another Halley is using it/);
  }
  database.exec("INSERT INTO system_messages (id, body) VALUES (1, 'one')");

  const forgotten = await run(folder, settings, "forget");
  const again = await run(folder, settings, "forget");

  assertEquals(forgotten, {
    code: 0,
    stdout: 'Removed the checkpoint "notices sqlite shop.db" from the store "data/halley.db"\n',
    stderr: "",
  });
  assertMatch(again.stdout, /has no checkpoint/);
  await using second = await start();
  using chat = new RemoteChat(second.url);
  await waitUntil(async () => (await notices(chat)).length === 3, "all notices once more");
  assertEquals(await notices(chat), ["five", "one", "five"]);
});

for (const args of [[], ["init", "--drop"], ["start"], ["forget", "all"]]) {
  Deno.test(`[B16] "halley notices ${args.join(" ")}" prints the usage, with status 2`, async () => {
    const { code, stdout, stderr } = await runToEnd({ args: ["notices", ...args] });

    assertEquals([code, stdout], [2, ""]);
    assertMatch(stderr, /^Name what to do: "init" or "forget"\n\nusage:\n {2}halley notices init /);
  });
}

Deno.test("[B16] halley notices fails without NOTICES_DB, with status 2", async () => {
  const { code, stderr } = await runToEnd({ args: ["notices", "init"] });

  assertEquals([code, stderr], [
    2,
    "NOTICES_DB is not set: set it to the database of the notices\n",
  ]);
});

/** Asserts that a new row is announced on a channel. */
async function assertNotifies(database: TestDatabase, channel: string): Promise<void> {
  const notified = Promise.withResolvers<void>();
  await database.sql.listen(channel, () => notified.resolve());
  await database.run("INSERT INTO system_messages (body) VALUES ('hello')");
  await deadline(notified.promise, 30_000);
}

async function run(folder: TestFolder, settings: Record<string, string>, ...args: string[]) {
  const options = { folder: folder.path, settings, args: ["notices", ...args] };
  const { code, stdout, stderr } = await runToEnd(options);
  return { code, stdout, stderr };
}

/** Reads all notices to everyone, oldest first. */
async function notices(chat: RemoteChat): Promise<string[]> {
  const alice = await chat.signIn("alice");
  const { messages } = await (await alice.request("GET", "/api/channels/notice/messages")).json();
  return messages.map(({ text }: { text: string }) => text).toReversed();
}
