import { assertEquals } from "@std/assert";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import type { NoticeSource } from "../../server/notices/sources/notice_source.ts";
import { PostgresSource } from "../../server/notices/sources/postgres_source.ts";
import { SqliteSource } from "../../server/notices/sources/sqlite_source.ts";
import { examplesOf } from "../docs/examples.ts";
import { TestFolder } from "../support/test_folder.ts";
import { PostgresServer } from "./postgres_server.ts";

const examples = new Map((await examplesOf("docs/NOTICES.md")).map((one) => [one.name, one]));

const postgres = await PostgresServer.start();
Deno.test.afterAll(async () => await postgres?.[Symbol.asyncDispose]());

Deno.test("[B3] the query for SQLite in docs/NOTICES.md returns the rows shown there", async () => {
  using folder = TestFolder.make();
  const path = join(folder.path, "shop.db");
  using database = new DatabaseSync(path);
  database.exec(examples.get("sqlite")!.code);
  const { code: query, output } = examples.get("sqlite-query")!;
  await using source = new SqliteSource({ path, query, timeoutMs: 30_000 });

  await assertReturns(source, output);
});

Deno.test({
  name: "[B3] the query for PostgreSQL in docs/NOTICES.md returns the rows shown there",
  ignore: postgres === undefined,
  fn: async () => {
    await using database = await postgres!.database(examples.get("postgres")!.code);
    const { code: query, output } = examples.get("postgres-query")!;
    const options = { query, timeoutMs: 30_000, listen: undefined, onNotify: () => {} };
    await using source = new PostgresSource({ url: database.url, ...options });

    await assertReturns(source, output);
  },
});

async function assertReturns(source: NoticeSource, output: string): Promise<void> {
  await source.check();

  const rows = await source.read(undefined, 10);

  assertEquals(rows.map((row) => ({ ...row })), JSON.parse(output));
  assertEquals((await source.read(rows[0]?.key, 10)).length, rows.length - 1);
}
