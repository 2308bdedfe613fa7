import {
  assertEquals,
  assertNotEquals,
  assertRejects,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import { join } from "node:path";
import type { Draft } from "../../server/core/model/message.ts";
import { backUp, renewEpoch, restore } from "../../server/stores/sqlite/sqlite_files.ts";
import { SqliteStore } from "../../server/stores/sqlite/sqlite_store.ts";
import { StoreOpenError } from "../../server/stores/store_open_error.ts";
import { TestHub, texts } from "../support/hub.ts";
import { TestFolder } from "../support/test_folder.ts";
import { KEEP_ALL } from "../support/retention.ts";

const alice = { publicToken: "aliceAliceAlice_", displayName: "alice" };

function tea(text: string): Draft {
  return { channel: "room:tea", from: alice, text };
}

/** What the store in this file has, and the name of its life. */
async function contents(path: string): Promise<{ epoch: string; said: string[] }> {
  await using store = SqliteStore.open(path, KEEP_ALL);
  return { epoch: store.log.epoch, said: texts(await store.log.read(["room:tea"], 0, 10)) };
}

async function write(path: string, ...said: string[]): Promise<void> {
  await using store = SqliteStore.open(path, KEEP_ALL);
  for (const text of said) await store.log.append([tea(text)]);
}

Deno.test("[O12] a backup has what was acknowledged before, while the store is in use", async () => {
  using folder = TestFolder.make();
  const [path, backup] = [join(folder.path, "halley.db"), join(folder.path, "backup.db")];
  await using store = SqliteStore.open(path, KEEP_ALL);
  await store.log.append([tea("one"), tea("two")]);

  await backUp(path, backup);
  await store.log.append([tea("three")]);

  assertEquals((await contents(backup)).said, ["one", "two"]);
});

Deno.test("[O12] a backup does not write over a file, and is not made of what is no store", async () => {
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

Deno.test("[O13] a restored store has the backup's messages and a new epoch, and the old one is kept", async () => {
  using folder = TestFolder.make();
  const [path, backup] = [join(folder.path, "halley.db"), join(folder.path, "backup.db")];
  await write(path, "one", "two");
  await backUp(path, backup);
  await write(path, "three");
  const before = await contents(path);

  restore(backup, path);

  const after = await contents(path);
  assertEquals(after.said, ["one", "two"]);
  assertNotEquals(after.epoch, before.epoch);
  assertEquals(await contents(`${path}.replaced`), before);
});

Deno.test("[O13] a reader that has seen more than the backup is told of the gap", async () => {
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

Deno.test("[O13] a store that is in use is not replaced, nor is one by what is no backup", async () => {
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

  assertEquals(texts(await _.log.read(["room:tea"], 0, 10)), before.said);
  assertEquals(_.log.epoch, before.epoch);
});

Deno.test("[O14] a new epoch is given to a store that nobody uses", async () => {
  using folder = TestFolder.make();
  const path = join(folder.path, "halley.db");
  await write(path, "one");
  const before = await contents(path);

  renewEpoch(path);

  const after = await contents(path);
  assertEquals(after.said, before.said);
  assertNotEquals(after.epoch, before.epoch);
  await using _ = SqliteStore.open(path, KEEP_ALL);
  assertThrows(() => renewEpoch(path), StoreOpenError, "another Halley");
});
