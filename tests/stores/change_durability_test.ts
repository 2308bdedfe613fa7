import { assert, assertEquals } from "@std/assert";
import { join } from "node:path";
import type { Draft } from "../../server/core/model/message.ts";
import type { Store } from "../../server/core/model/store.ts";
import { KvStore } from "../../server/stores/kv/kv_store.ts";
import { NatsClient } from "../../server/stores/nats/nats_client.ts";
import { CHANGE_HEADER, JetStream } from "../../server/stores/nats/nats_jetstream.ts";
import type { StreamInfo } from "../../server/stores/nats/nats_stream_info.ts";
import { SqliteStore } from "../../server/stores/sqlite/sqlite_store.ts";
import { KEEP_ALL } from "../support/retention.ts";
import { TestFolder } from "../support/test_folder.ts";
import { waitUntil } from "../support/wait_until.ts";
import { change, present, short } from "./change_contract.ts";
import { administer, alice, natsTest, openNode, tea } from "./nats_server.ts";

const SECRETS = ["first-secret", "second-secret", "third-secret"];

/** A text of several pages of a database. */
function long(secret: string): string {
  return Array(1_000).fill(secret).join(" ").slice(0, 8_000);
}

/** Three messages, of which one is edited, one edited and deleted, and one deleted. */
async function changeAll(store: Store): Promise<void> {
  for (const secret of SECRETS) await store.log.append([tea(long(secret), secret)]);
  await change(store, 1, "uno");
  await change(store, 2, long("draft-secret"));
  await change(store, 2);
  await change(store, 3);
  await change(store, 1, "eins");
}

async function checkAll(store: Store): Promise<void> {
  assertEquals(await present(store), ["1 eins"]);
  assertEquals((await store.log.get(1))?.text, "eins");
  const { messages, trimmedUpTo } = await store.log.read(["room:tea"], 3, 10);
  assertEquals(trimmedUpTo <= 3, true);
  const last = new Map(
    messages.map(({ message }) => [message?.id, short(message ? [message] : [])]),
  );
  assertEquals([...last.values()].flat().sort(), ["1 eins", "2 deleted", "3 deleted"]);
  assert(!JSON.stringify(messages).includes("secret"));
  for (const [n, secret] of SECRETS.entries()) {
    const [again] = await store.log.append([tea(long(secret), secret)]);
    assertEquals([again?.repeated, again?.message.id], [true, n + 1]);
  }
  assertEquals(await store.log.newestId(), 8);
}

/** The texts that should be gone and are in one of the files of a folder. */
async function leftIn(folder: string): Promise<readonly string[]> {
  const found: string[] = [];
  for await (const { name, isFile } of Deno.readDir(folder)) {
    if (!isFile) continue;
    const content = new TextDecoder("latin1").decode(await Deno.readFile(join(folder, name)));
    for (const text of [...SECRETS, "draft-secret"]) {
      if (content.includes(`${text} ${text}`)) found.push(`${text} in ${name}`);
    }
  }
  return found;
}

Deno.test("[L23] a reopened SQLite log has messages as they are now", async () => {
  using folder = TestFolder.make();
  const path = join(folder.path, "halley.db");
  {
    await using store = SqliteStore.open(path, KEEP_ALL);
    await changeAll(store);
  }

  await using store = SqliteStore.open(path, KEEP_ALL);

  await checkAll(store);
});

Deno.test("[L26] after a sweep, no file of a SQLite store has what was replaced", async () => {
  using folder = TestFolder.make();
  await using store = SqliteStore.open(join(folder.path, "halley.db"), KEEP_ALL);
  await changeAll(store);
  const before = await leftIn(folder.path);

  while (await store.log.trim(Date.now()));

  assert(before.length > 0);
  assertEquals(await leftIn(folder.path), []);
});

Deno.test("[L23] a reopened log in Deno KV has messages as they are now", async () => {
  using folder = TestFolder.make();
  const path = join(folder.path, "halley.kv");
  {
    await using store = await KvStore.open(path, KEEP_ALL);
    await changeAll(store);
  }

  await using store = await KvStore.open(path, KEEP_ALL);

  await checkAll(store);
});

natsTest("[L23] a node that starts over NATS has messages as they are now", async (server) => {
  {
    await using store = await openNode(server);
    await changeAll(store);
  }

  await using store = await openNode(server);

  await checkAll(store);
});

natsTest("[L27] NATS servers that restart forget no key of a changed message", async (server) => {
  await using store = await openNode(server);
  await changeAll(store);
  await server.kill();
  await waitUntil(() => store.unavailableReason !== undefined, "the server is missed");
  await server.restart();
  await waitUntil(() => store.unavailableReason === undefined, "the server is back");

  await checkAll(store);
});

natsTest("[L26] a stream has only the last change of a message", async (server) => {
  await using store = await openNode(server);
  await changeAll(store);
  await store.log.append([tea("last")]);

  while (await store.log.trim(Date.now()));

  const { state } = await administer<StreamInfo>(server, "STREAM.INFO.HALLEY");
  assertEquals(state.messages, 4);
});

natsTest("[L26] a node erases what another one, which was killed, has left", async (server) => {
  await using store = await openNode(server);
  await store.log.append([tea("first-secret"), tea("two")]);
  const message = { id: 1, channel: "room:tea", text: "uno", at: 1, editedAt: 2 };
  await using client = await NatsClient.open({ servers: [server.address], tls: false });
  await new JetStream(client).publish(
    "halley.log.room.tea",
    JSON.stringify({ message, channel: "room:tea", at: 2 }),
    { headers: { [CHANGE_HEADER]: JSON.stringify({ of: 1, at: 1, erased: [1] }) } },
  );
  await store.log.append([tea("last")]);

  while (await store.log.trim(Date.now()));

  const { state } = await administer<StreamInfo>(server, "STREAM.INFO.HALLEY");
  assertEquals(state.messages, 3);
  assertEquals(await present(store), ["4 last", "2 two", "1 uno"]);
});

const carol = { publicToken: "carolCarolCarol_", displayName: "carol-secret" };
const DIRECT = `direct:${alice.publicToken}:${carol.publicToken}`;

/** Erases carol's messages: one that was edited, one that was deleted, and a direct one; one of alice stays. */
async function eraseAll({ log }: Store): Promise<void> {
  for (const text of ["one", "two"]) {
    await log.append([{ channel: "room:tea", from: carol, text, key: text }]);
  }
  await log.append([{ channel: DIRECT, from: carol, text: "psst" }]);
  await log.append([tea("stays")]);
  await log.append([{ channel: "room:tea", changes: 1, text: "uno" }]);
  await log.append([{ channel: "room:tea", changes: 2 }]);
  for (const [n, channel] of ["room:tea", "room:tea", DIRECT].entries()) {
    await log.append([{ channel, changes: n + 1, erases: true }]);
  }
  await log.append([tea("last")]);
  while (await log.trim(Date.now()));
}

async function checkErased(store: Store): Promise<void> {
  const all = JSON.stringify(await store.log.scan(0, 100));
  assert(!all.includes(carol.displayName) && !all.includes("uno"), all);
  assertEquals(await present(store), ["10 last", "4 stays"]);
  assertEquals((await store.log.get(2))?.from, undefined);
  const again: Draft = { channel: "room:tea", from: carol, text: "one", key: "one" };
  const [repeated] = await store.log.append([again]);
  assertEquals([repeated?.repeated, repeated?.message.text], [true, undefined]);
}

Deno.test("[L29] after a sweep, no file of a SQLite store has the name of an erased sender", async () => {
  using folder = TestFolder.make();
  const path = join(folder.path, "halley.db");
  {
    await using store = SqliteStore.open(path, KEEP_ALL);
    await eraseAll(store);
    for (const ending of ["", "-wal"]) {
      const content = new TextDecoder("latin1").decode(await Deno.readFile(`${path}${ending}`));
      assert(!content.includes(carol.displayName), ending);
    }
  }

  await using store = SqliteStore.open(path, KEEP_ALL);

  await checkErased(store);
});

Deno.test("[L29] a reopened log in Deno KV has no name of an erased sender", async () => {
  using folder = TestFolder.make();
  const path = join(folder.path, "halley.kv");
  {
    await using store = await KvStore.open(path, KEEP_ALL);
    await eraseAll(store);
  }

  await using store = await KvStore.open(path, KEEP_ALL);

  await checkErased(store);
});

natsTest(
  "[L29] a stream and a node that starts over it have no name of an erased sender",
  async (server) => {
    {
      await using store = await openNode(server);
      await eraseAll(store);
    }

    await using store = await openNode(server);

    await checkErased(store);
    const { state } = await administer<StreamInfo>(server, "STREAM.INFO.HALLEY");
    // What alice has sent, and the last change of each erased message.
    assertEquals(state.messages, 5);
  },
);
