import {
  assert,
  assertEquals,
  assertNotEquals,
  assertRejects,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { delay } from "../../server/base/delay.ts";
import type { Draft } from "../../server/core/model/message.ts";
import { Refused } from "../../server/core/model/refused.ts";
import {
  backUp,
  lockDatabase,
  renewEpoch,
  restore,
} from "../../server/stores/sqlite/sqlite_files.ts";
import { SqliteStore } from "../../server/stores/sqlite/sqlite_store.ts";
import { StoreOpenError } from "../../server/stores/store_open_error.ts";
import { TestHub, texts } from "../support/hub.ts";
import { TestFolder } from "../support/test_folder.ts";
import { waitUntil } from "../support/wait_until.ts";
import { KEEP_ALL } from "../support/retention.ts";

const alice = { publicToken: "aliceAliceAlice_", displayName: "alice" };

function tea(text: string): Draft {
  return { channel: "room:tea", from: alice, text };
}

/** The epoch and the texts of the store in a file. */
async function contents(path: string): Promise<{ epoch: string; sent: string[] }> {
  await using store = SqliteStore.open(path, KEEP_ALL);
  return { epoch: store.log.epoch, sent: texts(await store.log.read(["room:tea"], 0, 10)) };
}

async function write(path: string, ...sent: string[]): Promise<void> {
  await using store = SqliteStore.open(path, KEEP_ALL);
  for (const text of sent) await store.log.append([tea(text)]);
}

Deno.test("[O12] a backup of a store in use has all messages that were acknowledged before", async () => {
  using folder = TestFolder.make();
  const [path, backup] = [join(folder.path, "halley.db"), join(folder.path, "backup.db")];
  await using store = SqliteStore.open(path, KEEP_ALL);
  await store.log.append([tea("one"), tea("two")]);

  await backUp(path, backup);
  await store.log.append([tea("three")]);

  assertEquals((await contents(backup)).sent, ["one", "two"]);
});

Deno.test("[O12] a backup ends while another process writes", async () => {
  using folder = TestFolder.make();
  const [path, backup] = [join(folder.path, "halley.db"), join(folder.path, "backup.db")];
  await using store = SqliteStore.open(path, KEEP_ALL);
  const large = tea("a".repeat(8_000));
  await store.log.append(Array.from({ length: 500 }, () => large));

  const backingUp = backUp(path, backup).then(() => "done");
  const writing = (async () => {
    for (let n = 0; n < 200; n++) {
      await store.log.append([tea("again")]);
      if (await Promise.race([backingUp, delay(5)]) === "done") return "done";
    }
    return "still copying after 200 writes";
  })();

  assertEquals(await writing, "done");
});

Deno.test("[O12] a backup overwrites no file, and is made of Halley stores only", async () => {
  using folder = TestFolder.make();
  const [path, tea] = [join(folder.path, "halley.db"), join(folder.path, "tea.txt")];
  await write(path, "one");
  Deno.writeTextFileSync(tea, "tea");
  const backUpOf = (path: string, target: string) =>
    assertRejects(() => backUp(path, join(folder.path, target)), StoreOpenError);

  assertStringIncludes((await backUpOf(tea, "backup.db")).message, "not a database");
  assertStringIncludes((await backUpOf(path, "tea.txt")).message, "already exists");
  await backUpOf(join(folder.path, "none.db"), "backup.db");

  assertEquals(Deno.readTextFileSync(tea), "tea");
});

Deno.test("[O13] a restored store has the backup's messages and a new epoch, and the old one is renamed", async () => {
  using folder = TestFolder.make();
  const [path, backup] = [join(folder.path, "halley.db"), join(folder.path, "backup.db")];
  await write(path, "one", "two");
  await backUp(path, backup);
  await write(path, "three");
  const before = await contents(path);

  restore(backup, path);

  const after = await contents(path);
  assertEquals(after.sent, ["one", "two"]);
  assertNotEquals(after.epoch, before.epoch);
  assertEquals(await contents(`${path}.replaced`), before);
});

Deno.test("[O13] a reader that has received more than the backup has sees a gap", async () => {
  using folder = TestFolder.make();
  const [path, backup] = [join(folder.path, "halley.db"), join(folder.path, "backup.db")];
  await write(path, "one");
  await backUp(path, backup);
  await write(path, "two");
  const { epoch } = await contents(path);
  restore(backup, path);
  await using hub = await TestHub.open({}, SqliteStore.open(path, KEEP_ALL));
  const bob = await hub.signIn("bob");
  await hub.say(bob, "room:tea", "another two");

  const answer = await hub.poll(bob, { cursor: `${epoch}.2` });

  assertEquals([answer.gap, texts(answer)], [true, ["one", "another two"]]);
});

Deno.test("[O13] a store in use is not replaced, and an invalid backup replaces nothing", async () => {
  using folder = TestFolder.make();
  const [path, other] = [join(folder.path, "halley.db"), join(folder.path, "other.db")];
  await write(path, "one");
  await write(other, "other");
  const before = await contents(path);
  Deno.writeTextFileSync(join(folder.path, "tea.txt"), "tea");

  assertThrows(() => restore(join(folder.path, "tea.txt"), path), StoreOpenError);
  assertThrows(() => restore(join(folder.path, "none.db"), path), StoreOpenError);
  await using _ = SqliteStore.open(path, KEEP_ALL);
  assertThrows(() => restore(other, path), StoreOpenError, "another Halley");

  assertEquals(texts(await _.log.read(["room:tea"], 0, 10)), before.sent);
  assertEquals(_.log.epoch, before.epoch);
});

Deno.test("[O80] a backup of a newer version is refused, and replaces nothing", async () => {
  using folder = TestFolder.make();
  const [path, backup] = [join(folder.path, "halley.db"), join(folder.path, "backup.db")];
  await write(path, "one");
  await backUp(path, backup);
  {
    using database = new DatabaseSync(backup);
    database.exec("PRAGMA user_version = 1000");
  }
  const before = await contents(path);

  assertThrows(() => restore(backup, path), StoreOpenError, "version 1000");

  assertEquals(await contents(path), before);
});

Deno.test("[O14] a store that is not in use gets a new epoch", async () => {
  using folder = TestFolder.make();
  const path = join(folder.path, "halley.db");
  await write(path, "one");
  const before = await contents(path);

  renewEpoch(path);

  const after = await contents(path);
  assertEquals(after.sent, before.sent);
  assertNotEquals(after.epoch, before.epoch);
  await using _ = SqliteStore.open(path, KEEP_ALL);
  assertThrows(() => renewEpoch(path), StoreOpenError, "another Halley");
});

/** Starts processes, one after the other. */
const STARTER = `
  self.onmessage = async () => {
    while (true) await new Deno.Command(Deno.execPath(), { args: ["--version"], stdout: "null" }).output();
  };
`;

Deno.test("[O14] the lock of a store ends with it, also while other threads of the process start programs", () => {
  using folder = TestFolder.make();
  const path = join(folder.path, "halley.db");
  const url = `data:application/javascript,${encodeURIComponent(STARTER)}`;
  const starter = new Worker(url, { type: "module" });
  starter.postMessage("start");
  const end = Date.now() + 1_000;

  while (Date.now() < end) lockDatabase(path)[Symbol.dispose]();

  starter.terminate();
});

Deno.test({
  name: "[O19] only its owner can use the folder, the database, its WAL and a backup",
  ignore: Deno.build.os === "windows",
  fn: async () => {
    using folder = TestFolder.make();
    const [path, backup] = [join(folder.path, "data", "halley.db"), join(folder.path, "backup.db")];
    const mode = (path: string) => (Deno.statSync(path).mode ?? 0) & 0o777;
    const files = [path, `${path}-wal`, `${path}-shm`, `${path}.lock`];

    await using store = SqliteStore.open(path, KEEP_ALL);
    await store.log.append([tea("one")]);
    await backUp(path, backup);

    assertEquals([mode(join(folder.path, "data")), mode(backup)], [0o700, 0o600]);
    assertEquals(files.map(mode), files.map(() => 0o600));
  },
});

Deno.test({
  name: "[O19] an existing database that others can read is hidden from them",
  ignore: Deno.build.os === "windows",
  fn: async () => {
    using folder = TestFolder.make();
    const path = join(folder.path, "halley.db");
    await write(path, "one");
    Deno.chmodSync(path, 0o644);

    await using _ = SqliteStore.open(path, KEEP_ALL);

    assertEquals((Deno.statSync(path).mode ?? 0) & 0o777, 0o640);
  },
});

Deno.test("[O20] the WAL shrinks again after a reader made it grow", async () => {
  using folder = TestFolder.make();
  const path = join(folder.path, "halley.db");
  await using store = SqliteStore.open(path, KEEP_ALL);
  const append = (count: number) =>
    store.log.append(Array.from({ length: count }, () => tea("a".repeat(8_000))));
  const walMegabytes = () => Math.round(Deno.statSync(`${path}-wal`).size / 1e6);
  await append(1);
  {
    using reader = new DatabaseSync(path, { readOnly: true });
    reader.exec("BEGIN");
    reader.prepare("SELECT count(*) FROM messages").get();
    for (let n = 0; n < 8; n++) await append(500);
  }
  const grown = walMegabytes();

  await append(1);
  await append(1);

  assert(grown > 30, `${grown} MB`);
  assert(walMegabytes() <= 17, `${walMegabytes()} MB`);
});

Deno.test("[O21] a locked store is unavailable, and available by itself when the lock is released", async () => {
  using folder = TestFolder.make();
  const path = join(folder.path, "halley.db");
  await using store = SqliteStore.open(path, KEEP_ALL);
  {
    using other = new DatabaseSync(path);
    other.exec("BEGIN IMMEDIATE");

    await assertRejects(() => store.log.append([tea("one")]), Refused);

    assertStringIncludes(store.unavailableReason ?? "", "locked");
  }
  await waitUntil(() => store.unavailableReason === undefined, "the store is available");
  await store.log.append([tea("two")]);
});
