import { assertEquals, assertRejects } from "@std/assert";
import { DatabaseSync } from "node:sqlite";
import { join } from "node:path";
import { SYSTEM_RUNTIME } from "../../server/base/runtime.ts";
import type { Message } from "../../server/protocol/message.ts";
import { GroupCommit } from "../../server/stores/sqlite/group_commit.ts";
import { migrate } from "../../server/stores/sqlite/sqlite_schema.ts";
import { SqliteLog } from "../../server/stores/sqlite/sqlite_log.ts";
import type { Sync } from "../../server/stores/sqlite/wal_sync.ts";
import { SqliteStore } from "../../server/stores/sqlite/sqlite_store.ts";
import { KEEP_ALL } from "../support/retention.ts";
import { TestFolder } from "../support/test_folder.ts";
import { waitUntil } from "../support/wait_until.ts";

const alice = { publicToken: "aliceAliceAlice_", displayName: "alice" };
const TEA = "room:tea";

/** A disk that takes until it is told to be ready. */
class SlowDisk implements Sync {
  #waiting: PromiseWithResolvers<void>[] = [];

  get count(): number {
    return this.#waiting.length;
  }

  sync(): Promise<void> {
    const waiting = Promise.withResolvers<void>();
    this.#waiting.push(waiting);
    return waiting.promise;
  }

  syncNow(): void {}

  /** Ends the oldest wait. */
  finish(error?: Error): void {
    const oldest = this.#waiting.shift();
    if (error === undefined) oldest?.resolve();
    else oldest?.reject(error);
  }
}

function openLog(sync: Sync, onLost = (_reason: string) => {}) {
  const database = new DatabaseSync(":memory:");
  migrate(database);
  const group = new GroupCommit({
    beforeCommit: () => log.beforeCommit(),
    database,
    sync,
    onCommit: () => log.onCommit(),
    onRollback: () => log.onRollback(),
    onLost,
  });
  const log: SqliteLog = new SqliteLog(database, {
    group,
    retention: KEEP_ALL,
    runtime: SYSTEM_RUNTIME,
  });
  return { database, log, group };
}

function draft(text: string, key?: string) {
  return { channel: TEA, from: alice, text, ...(key !== undefined && { key }) };
}

function textsOf(messages: readonly Message[]): string {
  return messages.map(({ text }) => text).join(" ");
}

Deno.test("[L21] a message is acknowledged, delivered and readable only when it is durable", async () => {
  const disk = new SlowDisk();
  const { log, group } = openLog(disk);
  const followed: Message[] = [];
  using _ = await log.follow(0, (messages) => followed.push(...messages));
  let acknowledged = 0;

  const appending = log.append([draft("one")]);
  appending.then(() => acknowledged++);
  await waitUntil(() => disk.count === 1, "the disk works");

  const seen = async () => [
    acknowledged,
    textsOf(followed),
    textsOf((await log.read([TEA], 0, 10)).messages),
    textsOf(await log.history(TEA, undefined, 10)),
    (await log.get(1))?.text,
    await log.newestId(),
  ];
  assertEquals(await seen(), [0, "", "", "", undefined, 0]);
  const late: Message[] = [];
  using _late = await log.follow(0, (messages) => late.push(...messages));
  disk.finish();
  await appending;
  assertEquals(await seen(), [1, "one", "one", "one", "one", 1]);
  assertEquals(textsOf(late), "one");
  await group[Symbol.asyncDispose]();
});

Deno.test("[L21] messages that are sent while the disk works share the next wait for it", async () => {
  const disk = new SlowDisk();
  const { log, group } = openLog(disk);
  const followed: Message[] = [];
  using _ = await log.follow(0, (messages) => followed.push(...messages));
  const first = log.append([draft("one")]);
  await waitUntil(() => disk.count === 1, "the disk works");

  const others = ["two", "three", "two"].map((text) => log.append([draft(text, text)]));
  await new Promise((resolve) => setTimeout(resolve, 20));
  assertEquals([disk.count, textsOf(followed)], [1, ""]);
  disk.finish();
  await first;
  assertEquals([disk.count, textsOf(followed)], [1, "one"]);
  disk.finish();
  const appended = (await Promise.all(others)).flat();

  assertEquals(textsOf(followed), "one two three");
  assertEquals(appended.map(({ message, repeated }) => [message.id, repeated]), [
    [2, false],
    [3, false],
    [2, true],
  ]);
  assertEquals(disk.count, 0);
  await group[Symbol.asyncDispose]();
});

Deno.test("[L21] a group that fails while the disk works for the one before leaves that one alone", async () => {
  const disk = new SlowDisk();
  const { database, log, group } = openLog(disk);
  const first = log.append([draft("one")]);
  await waitUntil(() => disk.count === 1, "the disk works");
  database.exec(`CREATE TRIGGER full BEFORE INSERT ON messages WHEN NEW.message LIKE '%two%'
    BEGIN SELECT RAISE(ABORT, 'no room'); END`);

  const second = log.append([draft("two")]).catch(({ refusal }) => refusal);
  disk.finish();
  assertEquals((await first).map(({ message }) => message.text), ["one"]);
  assertEquals(await second, "store_unavailable");
  database.exec("DROP TRIGGER full");
  const third = log.append([draft("three")]);
  await waitUntil(() => disk.count === 1, "the disk works");
  disk.finish();

  assertEquals((await third).map(({ message }) => message.id), [2]);
  assertEquals(textsOf((await log.read([TEA], 0, 10)).messages), "one three");
  await group[Symbol.asyncDispose]();
});

Deno.test("[L21] after a disk that fails, nothing is acknowledged, and the process is told to end", async () => {
  const disk = new SlowDisk();
  const reasons: string[] = [];
  const { log } = openLog(disk, (reason) => reasons.push(reason));
  let settled = 0;

  const appending = log.append([draft("one")]);
  appending.then(() => settled++, () => settled++);
  await waitUntil(() => disk.count === 1, "the disk works");
  disk.finish(new Error("input/output error"));
  await waitUntil(() => reasons.length > 0, "the process is told");
  log.append([draft("two")]).then(() => settled++, () => settled++);
  await new Promise((resolve) => setTimeout(resolve, 20));

  assertEquals(reasons, ["Cannot make messages durable: input/output error"]);
  assertEquals([settled, disk.count, await log.newestId()], [0, 0, 0]);
});

Deno.test("[L21] a store that is closed while the disk works loses nothing", async () => {
  using folder = TestFolder.make();
  const path = join(folder.path, "halley.db");
  const texts = Array.from({ length: 50 }, (_, n) => `tea ${n}`);
  const store = SqliteStore.open(path, KEEP_ALL);
  const appending = texts.map((text) => store.log.append([draft(text)]));
  await new Promise((resolve) => setImmediate(resolve));
  await store[Symbol.asyncDispose]();
  await Promise.all(appending);

  await using again = SqliteStore.open(path, KEEP_ALL);
  const { messages } = await again.log.read([TEA], 0, 100);
  assertEquals(messages.map(({ text }) => text), texts);
});

Deno.test("[L21] until a change is durable, readers get its message as it was before", async () => {
  const disk = new SlowDisk();
  const { log } = openLog(disk);
  const appending = log.append([draft("one")]);
  await waitUntil(() => disk.count === 1, "the disk works");
  disk.finish();
  await appending;
  const read = async () => textsOf((await log.read([TEA], 0, 10)).messages);

  const editing = log.append([{ channel: TEA, changes: 1, text: "uno" }]);
  await waitUntil(() => disk.count === 1, "the disk works on the edit");
  const deleting = log.append([{ channel: TEA, changes: 1 }]);
  const before = [await read(), textsOf(await log.history(TEA, undefined, 10))];
  disk.finish();
  await editing;
  await waitUntil(() => disk.count === 1, "the disk works on the deletion");
  const between = [await read(), (await log.get(1))?.text];
  disk.finish();
  await deleting;

  assertEquals(before, ["one", "one"]);
  assertEquals(between, ["uno ", "uno"]);
  assertEquals((await log.get(1))?.text, undefined);
});

Deno.test("[L13] a change in a transaction that fails changes nothing", async () => {
  const { database, log, group } = openLog({ sync: () => Promise.resolve(), syncNow: () => {} });
  await log.append([draft("one")]);
  database.exec(
    "CREATE TRIGGER full BEFORE INSERT ON messages BEGIN SELECT raise(FAIL, 'full'); END",
  );

  const changing = log.append([{ channel: TEA, changes: 1, text: "uno" }]);
  await assertRejects(() => changing);
  database.exec("DROP TRIGGER full");

  assertEquals((await log.get(1))?.text, "one");
  const [edited] = await log.append([{ channel: TEA, changes: 1, text: "dos" }]);
  assertEquals([edited?.message.id, (await log.get(1))?.text], [2, "dos"]);
  await group[Symbol.asyncDispose]();
});
