import { assert, assertEquals } from "@std/assert";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { phrasesOf } from "../../server/core/log/search_query.ts";
import type { Draft } from "../../server/core/model/message.ts";
import { Refused } from "../../server/core/model/refused.ts";
import { SqliteStore } from "../../server/stores/sqlite/sqlite_store.ts";
import { KEEP_ALL } from "../support/retention.ts";
import { TestFolder } from "../support/test_folder.ts";
import { waitUntil } from "../support/wait_until.ts";

const from = { publicToken: "aliceAliceAlice_", displayName: "alice" };

/** The words of a piece are in the index, and others wait. */
const MANY = 700;

function tea(text: string): Draft {
  return { channel: "room:tea", from, text };
}

async function fill(store: SqliteStore, count: number): Promise<void> {
  for (let n = 0; n < count; n += 50) {
    await store.log.append(Array.from({ length: 50 }, (_, m) => tea(`filler ${n + m}`)));
  }
}

async function found({ log: { search } }: SqliteStore, query: string): Promise<readonly number[]> {
  const terms = { phrases: phrasesOf(query), places: ["rooms"], after: 0 };
  const ids: number[] = [];
  for (let before: number | undefined = Infinity; before !== undefined;) {
    const portion: Awaited<ReturnType<typeof search.find>> = await search.find(terms, before, 100);
    ids.push(...portion.messages.map(({ id }) => id));
    before = portion.before;
  }
  return ids;
}

/** Repeats an append as clients do, while the store refuses it because it is unavailable. */
async function appendAtLast(store: SqliteStore, draft: Draft): Promise<number> {
  for (let tries = 0;; tries++) {
    try {
      await store.log.append([draft]);
      return tries;
    } catch (error) {
      assert(error instanceof Refused && error.refusal === "store_unavailable", String(error));
      assert(tries < 3, "the store stays unavailable");
    }
  }
}

/** What is done to a table of words. SQLite protects it otherwise. */
const DAMAGE: Readonly<Record<string, string>> = {
  "has lost a part of its words":
    "UPDATE words_0_data SET block = zeroblob(length(block)) WHERE id > 10",
  "has lost its structure": "DELETE FROM words_0_data WHERE id = 10",
  "has an invalid structure": "UPDATE words_0_data SET block = x'ff00ff00ff' WHERE id = 10",
  "has lost its settings": "DROP TABLE words_0_config",
  "is not there": "DROP TABLE words_0",
};

function damage(path: string, sql: string): void {
  using database = new DatabaseSync(path);
  // The types lack this method of Node.
  Reflect.get(database, "enableDefensive").call(database, false);
  database.exec(sql);
}

/** Overwrites the first page of what SQLite has under this name. */
function overwrite(path: string, name: string): void {
  let offset;
  {
    using database = new DatabaseSync(path);
    database.exec("PRAGMA wal_checkpoint(TRUNCATE)");
    const query = "SELECT rootpage FROM sqlite_schema WHERE name = ?";
    const page = Number(database.prepare(query).get(name)?.rootpage);
    const size = Number(database.prepare("PRAGMA page_size").get()?.page_size);
    offset = (page - 1) * size;
  }
  using file = Deno.openSync(path, { write: true });
  file.seekSync(offset, Deno.SeekMode.Start);
  file.writeSync(new Uint8Array(4_096).fill(0x5a));
}

/** A database with an index that contains the first message, and not the last one. */
async function makeDatabase(path: string): Promise<void> {
  await using store = SqliteStore.open(path, KEEP_ALL);
  await store.log.append([tea("first cat")]);
  await fill(store, MANY);
  await waitUntil(async () => (await store.log.search.state()).waiting < 500, "a piece is added");
  await store.log.append([tea("last cat")]);
}

/** Each damages the database at a path. */
const CASES = new Map<string, (path: string) => void>([
  ["has a page of rubbish", (path) => overwrite(path, "words_0_data")],
]);
for (const [name, sql] of Object.entries(DAMAGE)) CASES.set(name, (path) => damage(path, sql));

for (const [name, harm] of CASES) {
  Deno.test(`[D92] an index with a table that ${name} is built anew, while messages are searched, sent, edited and deleted`, async () => {
    using folder = TestFolder.make();
    const path = join(folder.path, "halley.db");
    await makeDatabase(path);
    harm(path);
    await using store = SqliteStore.open(path, KEEP_ALL);
    const last = MANY + 2;

    const first = await found(store, "cat");
    assertEquals(first.filter((id) => ![1, last].includes(id)), []);
    assertEquals(first[0], last);
    await appendAtLast(store, { channel: "room:tea", changes: 2, text: "edited cat" });
    await appendAtLast(store, { channel: "room:tea", changes: 1 });
    await appendAtLast(store, tea("new cat"));
    await fill(store, 500);
    while (await store.log.trim(Date.now()));
    const { search } = store.log;
    await waitUntil(
      async () => (await search.state()).unindexed === 0 && (await search.state()).waiting < 500,
      "the index is complete",
    );

    assertEquals(await found(store, "cat"), [last + 3, last, 2]);
    assertEquals((await found(store, "filler")).length, MANY + 500 - 1);
    const { damages, damage: reason } = await search.state();
    assertEquals([damages, typeof reason], [1, "string"]);
    assertEquals(store.unavailableReason, undefined);
  });
}

Deno.test("[D92] an index that is damaged while messages are sent refuses these at most once", async () => {
  using folder = TestFolder.make();
  const path = join(folder.path, "halley.db");
  await makeDatabase(path);
  damage(path, "DELETE FROM words_0_data WHERE id = 10");
  await using store = SqliteStore.open(path, KEEP_ALL);

  let tries = 0;
  for (let n = 0; n < 1_000; n++) tries += await appendAtLast(store, tea(`filler ${n}`));
  await waitUntil(
    async () => (await store.log.search.state()).damages === 1,
    "the damage is noticed",
  );

  assertEquals(tries <= 1, true, `${tries}`);
  await waitUntil(async () => (await found(store, "cat")).length === 2, "all are found");
  assertEquals((await found(store, "filler")).length, MANY + 1_000);
});
