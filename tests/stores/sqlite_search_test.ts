import { assert, assertEquals } from "@std/assert";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { phrasesOf } from "../../server/core/log/search_query.ts";
import type { Draft } from "../../server/core/model/message.ts";
import type { MessageSearch } from "../../server/core/model/message_search.ts";
import type { Retention, Store } from "../../server/core/model/store.ts";
import { IN_MEMORY, SqliteStore } from "../../server/stores/sqlite/sqlite_store.ts";
import { openThreadStore } from "../../server/stores/thread/thread_store.ts";
import { KEEP_ALL } from "../support/retention.ts";
import { TestFolder } from "../support/test_folder.ts";
import { waitUntil } from "../support/wait_until.ts";

const from = { publicToken: "aliceAliceAlice_", displayName: "alice" };

/** Number of messages whose words are added to the index together. */
const PIECE = 500;

/** The words of two pieces are added, and the messages after these are read to search them. */
const MANY = 1_200;

function open(path: string = IN_MEMORY, retention: Partial<Retention> = {}): SqliteStore {
  return SqliteStore.open(path, { ...KEEP_ALL, ...retention });
}

function tea(text: string, changes: Partial<Draft> = {}): Draft {
  return { channel: "room:tea", from, text, ...changes };
}

/** Appends `count` messages with the word `filler`, in a few transactions. */
async function fill(store: Store, count: number): Promise<void> {
  for (let n = 0; n < count; n += 50) {
    await store.log.append(
      Array.from({ length: Math.min(50, count - n) }, (_, m) => tea(`filler ${n + m}`)),
    );
  }
}

/** The ids of all messages that are found, newest first, and the number of messages that are not in the index. */
async function search({ log }: Store, query: string, places = ["rooms"]) {
  const { search } = log;
  assert(search !== undefined);
  const terms = { phrases: phrasesOf(query), places, after: 0 };
  const ids: number[] = [];
  let unindexed = 0;
  for (let before: number | undefined = Infinity; before !== undefined;) {
    const portion: Awaited<ReturnType<MessageSearch["find"]>> = await search.find(
      terms,
      before,
      50,
    );
    ids.push(...portion.messages.map(({ id }) => id));
    ({ before, unindexed } = portion);
  }
  return { ids, unindexed };
}

async function found(store: Store, query: string, places?: string[]): Promise<readonly number[]> {
  return (await search(store, query, places)).ids;
}

/** Waits until the words of all messages but the newest ones are in the index. */
async function indexed(store: SqliteStore, path: string, upTo: number): Promise<void> {
  await waitUntil(() => {
    using database = new DatabaseSync(path, { readOnly: true });
    const [after, last] = ["words_after", "words_up_to"].map((name) =>
      Number(database.prepare("SELECT value FROM meta WHERE name = ?").get(name)?.value)
    );
    return after === 0 && (last ?? 0) >= upTo;
  }, "the words are in the index");
  assertEquals((await search(store, "filler")).unindexed, 0);
}

async function sweep(store: Store): Promise<void> {
  while (await store.log.trim(Date.now()));
}

/** Whether any file of a store contains a text. */
function isInFiles(folder: TestFolder, text: string): boolean {
  return [...Deno.readDirSync(folder.path)].some(({ name }) => {
    const bytes = Deno.readFileSync(join(folder.path, name));
    return new TextDecoder("latin1").decode(bytes).includes(text);
  });
}

Deno.test("[D86] messages are found when their append is answered, before and after they are in the index", async () => {
  using folder = TestFolder.make();
  const path = join(folder.path, "halley.db");
  await using store = open(path);
  await store.log.append([tea("the first cat")]);
  const first = await found(store, "cat");
  await fill(store, MANY);
  await indexed(store, path, MANY - PIECE);
  await store.log.append([tea("the last cat")]);

  assertEquals(first, [1]);
  assertEquals(await found(store, "cat"), [MANY + 2, 1]);
  const all = Array.from({ length: MANY }, (_, n) => MANY + 1 - n);
  assertEquals(await found(store, "filler"), all);
});

Deno.test("[D86] messages are found after a restart", async () => {
  using folder = TestFolder.make();
  const path = join(folder.path, "halley.db");
  {
    await using store = open(path);
    await store.log.append([tea("cat one")]);
    await fill(store, MANY);
    await indexed(store, path, MANY - PIECE);
    await store.log.append([tea("cat two")]);
  }
  await using store = open(path);

  assertEquals(await found(store, "cat"), [MANY + 2, 1]);
});

Deno.test("[D86] messages of a killed process are found, whether they were in the index or not", async () => {
  using folder = TestFolder.make();
  const path = join(folder.path, "halley.db");
  const copy = join(folder.path, "copy.db");
  await using store = open(path);
  await store.log.append([tea("cat one")]);
  await fill(store, MANY);
  await indexed(store, path, MANY - PIECE);
  await store.log.append([tea("cat two")]);
  for (const ending of ["", "-wal"]) Deno.copyFileSync(`${path}${ending}`, `${copy}${ending}`);

  await using restarted = open(copy);

  assertEquals(await found(restarted, "cat"), [MANY + 2, 1]);
  assertEquals((await found(restarted, "filler")).length, MANY);
  await fill(restarted, PIECE);
  await indexed(restarted, copy, MANY);
  assertEquals(await found(restarted, "cat"), [MANY + 2, 1]);
  assertEquals((await found(restarted, "filler")).length, MANY + PIECE);
});

Deno.test("[D86] the newest messages are found whatever the case, accents and script of their words", async () => {
  await using store = open();
  const texts = ["CAFE 42", "a CAFÉ", "cafe\u0301", "Straße", "去东京吃饭", "ok 👍🏽"];
  for (const text of texts) await store.log.append([tea(text)]);

  const queries = ["café", "cafe 4x", "STRASSE", "东京", "👍 OK", "cafe 42"];
  const all = await Promise.all(queries.map((query) => found(store, query)));
  assertEquals(all, [[3, 2, 1], [], [4], [5], [6], [1]]);
});

Deno.test("[D86] other isolates search through the thread of the store", async () => {
  await using store = await openThreadStore({ kind: "memory" }, KEEP_ALL);
  await store.log.append([tea("cat"), tea("dog")]);

  assertEquals(await found(store, "cat"), [1]);
});

Deno.test("[D84] what is in no place that is searched is not found", async () => {
  await using store = open();
  const direct = `direct:${from.publicToken}:bobBobBobBobBob_`;
  await store.log.append([tea("cat"), tea("cat", { channel: direct })]);
  await store.log.append([{ channel: "notice", text: "cat" }]);

  assertEquals(await found(store, "cat"), [1]);
  assertEquals(await found(store, "cat", ["room:tea"]), [1]);
  assertEquals(await found(store, "cat", ["room:milk"]), []);
  assertEquals(await found(store, "cat", ["inbox:bobBobBobBobBob_", "notice"]), [3, 2]);
  assertEquals(await found(store, "cat", ["inbox:carolCarolCarol_"]), []);
});

for (const where of ["in the index", "among the newest messages"]) {
  Deno.test(`[D85] what is edited, deleted and erased ${where} is found no more`, async () => {
    using folder = TestFolder.make();
    const path = join(folder.path, "halley.db");
    await using store = open(path);
    for (const word of ["edited", "deleted", "erased", "kept"]) {
      await store.log.append([tea(`xyzzy${word} common`)]);
    }
    if (where === "in the index") {
      await fill(store, MANY);
      await indexed(store, path, MANY - PIECE);
    }
    await store.log.append([{ channel: "room:tea", changes: 1, text: "plover common" }]);
    await store.log.append([{ channel: "room:tea", changes: 2 }]);
    await store.log.append([{ channel: "room:tea", changes: 3, erases: true }]);

    assertEquals(await found(store, "common"), [4, 1]);
    assertEquals(await found(store, "plover"), [1]);
    for (const word of ["edited", "deleted", "erased"]) {
      assertEquals(await found(store, `xyzzy${word}`), [], word);
    }
    await sweep(store);
    assertEquals(
      ["edited", "deleted", "erased", "kept"].map((word) => isInFiles(folder, `xyzzy${word}`)),
      [false, false, false, true],
    );
    assertEquals(await found(store, "common"), [4, 1]);
  });
}

Deno.test("[D85] what retention removes is found no more, and leaves the index with the next sweep", async () => {
  using folder = TestFolder.make();
  const path = join(folder.path, "halley.db");
  await using store = open(path, { maxMessages: 100 });
  await store.log.append([tea("xyzzy old")]);
  await fill(store, MANY);
  await indexed(store, path, MANY - PIECE);

  await sweep(store);
  await sweep(store);

  assertEquals(await found(store, "xyzzy"), []);
  assertEquals((await found(store, "filler")).length, 100);
  using database = new DatabaseSync(path, { readOnly: true });
  database.exec("CREATE VIRTUAL TABLE temp.terms USING fts5vocab(main, words_0, row)");
  const term = database.prepare("SELECT 1 FROM temp.terms WHERE term = 'xyzzy'").get();
  assertEquals(term, undefined);
});

Deno.test("[D87] the messages of a database without an index are added in the background, newest first", async () => {
  using folder = TestFolder.make();
  const path = join(folder.path, "halley.db");
  const count = 2_000;
  {
    await using store = open(path);
    await store.log.append([tea("cat")]);
    await fill(store, count);
    await store.log.append([tea("cat")]);
  }
  {
    using database = new DatabaseSync(path);
    const tables = database.prepare("SELECT first FROM word_tables").all();
    for (const { first } of tables) database.exec(`DROP TABLE words_${Number(first) / 16_384}`);
    database.exec(`
      DROP TABLE word_tables;
      DELETE FROM meta WHERE name LIKE 'words_%';
      ALTER TABLE marks DROP COLUMN unread_from;
      PRAGMA user_version = 11`);
  }
  {
    await using store = open(path);
    const { ids, unindexed } = await search(store, "cat");
    assertEquals([ids, unindexed], [[], count + 2]);
    await store.log.append([tea("new cat")]);
    assertEquals(await found(store, "cat"), [count + 3]);
    // Stopped in the middle.
    await waitUntil(async () => (await search(store, "cat")).unindexed <= count - PIECE, "a piece");
    assertEquals(await found(store, "cat"), [count + 3, count + 2]);
  }
  await using store = open(path);

  await waitUntil(async () => (await search(store, "cat")).unindexed === 0, "all are added");
  assertEquals(await found(store, "cat"), [count + 3, count + 2, 1]);
  assertEquals((await found(store, "filler")).length, count);
});

Deno.test("[D87] a message that is changed before its words are added is found by the new ones", async () => {
  using folder = TestFolder.make();
  const path = join(folder.path, "halley.db");
  {
    await using store = open(path);
    await store.log.append([tea("old cat"), tea("dog")]);
    await fill(store, MANY);
  }
  {
    using database = new DatabaseSync(path);
    database.exec("UPDATE meta SET value = '0 0' WHERE name = 'words_version'");
  }
  await using store = open(path);
  await store.log.append([{ channel: "room:tea", changes: 1, text: "new cat" }]);
  await store.log.append([{ channel: "room:tea", changes: 2 }]);

  await waitUntil(async () => (await search(store, "cat")).unindexed === 0, "all are added");

  assertEquals(await found(store, "cat"), [1]);
  assertEquals([await found(store, "old"), await found(store, "dog")], [[], []]);
});

Deno.test("[D85] a change that fails leaves the index as it was", async () => {
  using folder = TestFolder.make();
  const path = join(folder.path, "halley.db");
  await using store = open(path);
  await store.log.append([tea("cat")]);
  await fill(store, MANY);
  await indexed(store, path, MANY - PIECE);

  const changing = store.log.append([{ channel: "room:tea", changes: 1, text: "dog" }]);
  const failing = store.keyValue.set("name", Symbol("no text") as unknown as string);
  const results = await Promise.allSettled([changing, failing]);

  assertEquals(results.map(({ status }) => status), ["rejected", "rejected"]);
  assertEquals([await found(store, "cat"), await found(store, "dog")], [[1], []]);
});
