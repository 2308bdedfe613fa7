import { assert, assertEquals, assertNotEquals, assertRejects, assertThrows } from "@std/assert";
import { createHash } from "node:crypto";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import type { Draft } from "../../server/core/model/message.ts";
import { Refused } from "../../server/core/model/refused.ts";
import type { Retention, Store, Task } from "../../server/core/model/store.ts";
import { GroupCommit } from "../../server/stores/sqlite/group_commit.ts";
import { migrate, SCHEMA_VERSION } from "../../server/stores/sqlite/sqlite_schema.ts";
import { IN_MEMORY, SqliteStore } from "../../server/stores/sqlite/sqlite_store.ts";
import { digestOfToken } from "../../server/stores/digests.ts";
import { StoreOpenError } from "../../server/stores/store_open_error.ts";
import { texts } from "../support/hub.ts";
import { TestFolder } from "../support/test_folder.ts";
import { storeContract } from "./contract.ts";
import { nodesContract } from "./nodes_contract.ts";
import { KEEP_ALL } from "../support/retention.ts";

storeContract("memory", (retention) => Promise.resolve(SqliteStore.open(IN_MEMORY, retention)));

storeContract("SQLite file", (retention) => {
  const folder = TestFolder.make();
  const store = SqliteStore.open(join(folder.path, "halley.db"), retention);
  return Promise.resolve({
    log: store.log,
    sessions: store.sessions,
    receipts: store.receipts,
    keyValue: store.keyValue,
    queue: store.queue,
    bus: store.bus,
    unavailableReason: undefined,
    async [Symbol.asyncDispose]() {
      await store[Symbol.asyncDispose]();
      folder[Symbol.dispose]();
    },
  });
});

nodesContract("two hubs in one process", () => {
  const store = SqliteStore.open(IN_MEMORY, KEEP_ALL);
  // The second node does not close the store.
  const { log, sessions, receipts, keyValue, queue, bus, unavailableReason } = store;
  const shared = { log, sessions, receipts, keyValue, queue, bus, unavailableReason };
  return Promise.resolve([
    store,
    { ...shared, [Symbol.asyncDispose]: () => Promise.resolve() },
  ]);
});

const alice = { publicToken: "aliceAliceAlice_", displayName: "alice" };

function tea(text: string, key?: string): Draft {
  return { channel: "room:tea", from: alice, text, ...(key !== undefined && { key }) };
}

Deno.test("[L13] after its end a store refuses what is to be written", async () => {
  const store = SqliteStore.open(IN_MEMORY, KEEP_ALL);
  await store[Symbol.asyncDispose]();

  const { refusal } = await assertRejects(() => store.log.append([tea("late")]), Refused);

  assertEquals(refusal, "store_unavailable");
});

Deno.test("[L9] a reopened log has its messages, and continues", async () => {
  using folder = TestFolder.make();
  const path = join(folder.path, "deep", "halley.db");
  const first = await reading(path, async (store) => {
    await store.log.append([tea("one", "k"), tea("two")]);
    await store.log.trim(Date.now());
    const session = { ...alice, createdAt: 0, lastSeen: 0, startsAfter: 0 };
    await store.sessions.upsert(session, "secret");
    return store.log.epoch;
  }, { maxMessages: 1 });

  await reading(path, async (store) => {
    assertEquals(store.log.epoch, first);
    const page = await store.log.read(["room:tea"], 0, 10);
    assertEquals([texts(page), page.trimmedUpTo], [["two"], 1]);
    assertEquals((await store.log.append([tea("one", "k")]))[0]?.repeated, true);
    assertEquals((await store.log.append([tea("three")]))[0]?.message.id, 3);
    assert(await store.sessions.findByPrivateToken("secret"));
    return "";
  });
});

Deno.test("[L9] an empty log continues with the next id", async () => {
  using folder = TestFolder.make();
  const path = join(folder.path, "halley.db");
  await reading(path, async (store) => {
    await store.log.append([tea("one"), tea("two")]);
    await store.log.trim(Date.now());
    return "";
  }, { maxMessages: 0 });

  await reading(path, async (store) => {
    assertEquals(await store.log.newestId(), 2);
    assertEquals((await store.log.append([tea("three")]))[0]?.message.id, 3);
    return "";
  });
});

Deno.test("[L7] trimming works in batches, and reports whether there is more to remove", async () => {
  await using store = SqliteStore.open(IN_MEMORY, { ...KEEP_ALL, maxMessages: 10 });
  await store.log.append(Array.from({ length: 1_500 }, (_, n) => tea(`${n}`)));

  const isMore = await store.log.trim(Date.now());
  const { trimmedUpTo: trimmed } = await store.log.read(["room:tea"], 0, 1);
  while (await store.log.trim(Date.now()));

  assertEquals([isMore, trimmed > 0, trimmed <= 1_000], [true, true, true]);
  assertEquals((await store.log.read(["room:tea"], 0, 1)).trimmedUpTo, 1_490);
});

Deno.test("[L9] a log in memory has a new epoch each time", async () => {
  await using one = SqliteStore.open(IN_MEMORY, KEEP_ALL);
  await using other = SqliteStore.open(IN_MEMORY, KEEP_ALL);

  assertNotEquals(one.log.epoch, other.log.epoch);
});

Deno.test("[L12] appends of one turn of the event loop share one transaction", async () => {
  await using store = SqliteStore.open(IN_MEMORY, KEEP_ALL);
  const commits: number[] = [];
  using _ = await store.log.follow(0, (messages) => commits.push(messages.length));

  await Promise.all(Array.from({ length: 50 }, (_, n) => store.log.append([tea(`${n}`)])));
  await store.log.append([tea("later")]);

  assertEquals(commits, [50, 1]);
});

Deno.test("[L13] a store that cannot write refuses, and appends again when it can", async () => {
  using folder = TestFolder.make();
  const path = join(folder.path, "halley.db");
  await using store = SqliteStore.open(path, KEEP_ALL);
  const followed: string[] = [];
  using _ = await store.log.follow(0, (messages) => followed.push(...texts({ messages })));
  await store.log.append([tea("before")]);
  const other = new DatabaseSync(path);
  other.exec("BEGIN IMMEDIATE");

  const refused = await assertRejects(() => store.log.append([tea("refused")]), Refused);
  assertEquals(texts(await store.log.read(["room:tea"], 0, 10)), ["before"]);
  other.exec("ROLLBACK");
  other.close();
  const [after] = await store.log.append([tea("after")]);

  assertEquals(refused.refusal, "store_unavailable");
  assertEquals(after?.message.id, 2);
  assertEquals(followed, ["before", "after"]);
});

Deno.test("[S3] a database contains no private token in plain text", async () => {
  using folder = TestFolder.make();
  const path = join(folder.path, "halley.db");
  await reading(path, async (store) => {
    const session = { ...alice, createdAt: 0, lastSeen: 0, startsAfter: 0 };
    await store.sessions.upsert(session, "a-private-token-of-alice");
    return "";
  });

  for (const file of Deno.readDirSync(folder.path)) {
    const bytes = await Deno.readFile(join(folder.path, file.name));
    assertEquals(new TextDecoder("latin1").decode(bytes).includes("a-private-token"), false);
  }
});

Deno.test("[O4] a database of a newer program is not opened", () => {
  using folder = TestFolder.make();
  const path = join(folder.path, "halley.db");
  const database = new DatabaseSync(path);
  database.exec("PRAGMA user_version = 99");
  database.close();

  assertThrows(() => SqliteStore.open(path, KEEP_ALL), StoreOpenError, "version 99");
});

Deno.test("[O4] a database of an earlier program is upgraded without loss", async () => {
  using folder = TestFolder.make();
  const path = join(folder.path, "halley.db");
  createFirstDatabase(path);

  await reading(path, async ({ log, sessions }) => {
    assertEquals(texts(await log.read(["room:tea"], 0, 10)), ["hello"]);
    const session = { ...alice, createdAt: 1, lastSeen: 2, startsAfter: 3 };
    assertEquals(await sessions.findByPrivateToken("secret"), session);
    await sessions.setReadMarker(alice.publicToken, {
      channel: "room:tea",
      readUpTo: 1,
      deliveredUpTo: 1,
    });
    assertEquals((await sessions.readMarkers(alice.publicToken)).length, 1);
    return "";
  });
});

Deno.test("[O4] a store that another Halley uses is not opened", async () => {
  using folder = TestFolder.make();
  const path = join(folder.path, "halley.db");
  await using _ = SqliteStore.open(path, KEEP_ALL);

  assertThrows(() => SqliteStore.open(path, KEEP_ALL), StoreOpenError, "another Halley");
});

Deno.test("[L13] pending writes are refused if the database has been closed", async () => {
  const database = new DatabaseSync(":memory:");
  const nothing = () => {};
  const hooks = { beforeCommit: nothing, onRollback: nothing, onLost: nothing };
  await using group = new GroupCommit({ database, ...hooks, onCommit: () => nothing });
  const writing = group.write(() => "tea");
  database.close();

  try {
    group.flush();
  } catch {
    // There is no transaction to roll back.
  }

  const { refusal } = await assertRejects(() => writing, Refused);
  assertEquals(refusal, "store_unavailable");
});

Deno.test("[M15] tasks that could not be written are not counted, and drop nothing", async () => {
  using folder = TestFolder.make();
  const path = join(folder.path, "halley.db");
  await using store = SqliteStore.open(path, KEEP_ALL);
  const { queue } = store;
  await queue.add([newTask("one")], 3);
  {
    using database = new DatabaseSync(path);
    database.exec(`CREATE TRIGGER full BEFORE INSERT ON queue WHEN NEW.body = 'large'
      BEGIN SELECT RAISE(ABORT, 'no room'); END`);
  }

  await assertRejects(
    () => queue.add([newTask("two"), newTask("three"), newTask("large")], 3),
    Refused,
  );
  const dropped = await queue.add([newTask("two"), newTask("three")], 3);

  assertEquals([dropped, await queue.size()], [0, 3]);
  assertEquals(await queue.add([newTask("four")], 3), 1);
  assertEquals((await queue.listDue(1, 10)).map(({ body }) => body), ["two", "three", "four"]);
});

Deno.test("[O4] released steps of the schema do not change", () => {
  const database = new DatabaseSync(":memory:");
  migrate(database);
  const rows = database.prepare("SELECT sql FROM sqlite_master ORDER BY name").all();
  const sql = rows.map((row) => row.sql).join("\n");
  database.close();

  // If this fails, a step was changed: existing databases would not have that change. Add a step instead.
  const digest = createHash("sha256").update(sql).digest("hex");
  assertEquals([SCHEMA_VERSION, digest.slice(0, 16)], [13, "2e8b3172c48d476c"]);
});

function newTask(body: string): Task {
  return { due: 1, tries: 0, body };
}

/** Creates a database as version 0.1.0 did, with a message and a session. */
function createFirstDatabase(path: string): void {
  const database = new DatabaseSync(path);
  database.exec(`
    CREATE TABLE meta (name TEXT PRIMARY KEY, value ANY) STRICT, WITHOUT ROWID;
    CREATE TABLE messages (id INTEGER PRIMARY KEY, at INTEGER NOT NULL, message TEXT NOT NULL) STRICT;
    CREATE TABLE filings (topic TEXT, id INTEGER, PRIMARY KEY (topic, id)) STRICT, WITHOUT ROWID;
    CREATE TABLE keys (number INTEGER PRIMARY KEY, sender TEXT NOT NULL, key TEXT NOT NULL,
      id INTEGER NOT NULL, digest TEXT NOT NULL, at INTEGER NOT NULL, UNIQUE (sender, key)) STRICT;
    CREATE TABLE sessions (public_token TEXT PRIMARY KEY, private_digest TEXT NOT NULL UNIQUE,
      display_name TEXT NOT NULL, created_at INTEGER NOT NULL, last_seen INTEGER NOT NULL,
      acknowledged INTEGER NOT NULL) STRICT, WITHOUT ROWID;
    CREATE INDEX sessions_by_last_seen ON sessions (last_seen);
    INSERT INTO meta VALUES ('epoch', 'first'), ('trimmed', 0);
    INSERT INTO messages VALUES (1, 5, '{"id":1,"channel":"room:tea","text":"hello","at":5}');
    INSERT INTO filings VALUES ('room:tea', 1);
    PRAGMA user_version = 1`);
  database.prepare("INSERT INTO sessions VALUES (?, ?, 'alice', 1, 2, 3)")
    .run(alice.publicToken, digestOfToken("secret"));
  database.close();
}

async function reading<T>(
  path: string,
  use: (store: Store) => Promise<T>,
  retention: Partial<Retention> = {},
): Promise<T> {
  await using store = SqliteStore.open(path, { ...KEEP_ALL, ...retention });
  return await use(store);
}
