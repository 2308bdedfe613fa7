import { delay } from "../../server/base/delay.ts";
import { assertEquals, assertRejects } from "@std/assert";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import type { Draft } from "../../server/core/model/message.ts";
import { Refused } from "../../server/core/model/refused.ts";
import type { NodeEvent } from "../../server/core/model/node_event.ts";
import { KvStore } from "../../server/stores/kv/kv_store.ts";
import { waitUntil } from "../support/wait_until.ts";
import { TestHub, texts } from "../support/hub.ts";
import { KEEP_ALL } from "../support/retention.ts";
import { TestFolder } from "../support/test_folder.ts";

const alice = { publicToken: "aliceAliceAlice_", displayName: "alice" };

function tea(text: string, changes: Partial<Draft> = {}): Draft {
  return { channel: "room:tea", from: alice, text, ...changes };
}

function openInMemory(): Promise<KvStore> {
  return KvStore.open(":memory:", KEEP_ALL);
}

async function refusalOf(appending: Promise<unknown>): Promise<string> {
  const { refusal, message } = await assertRejects(() => appending, Refused);
  return `${refusal}: ${message}`;
}

Deno.test("[F32] a message that is too large for the database is refused, the largest possible one is not", async () => {
  await using store = await openInMemory();
  const draft = (length: number): Draft => ({ channel: "notice", data: "茶".repeat(length / 3) });

  assertEquals(
    await refusalOf(store.log.append([draft(66_000)])),
    "body_too_large: A message can have 65000 bytes as JSON in this server's store",
  );
  const [appended] = await store.log.append([draft(64_500)]);

  const page = await store.log.read(["notice"], 0, 10);
  assertEquals([page.messages[0], page.messages.length], [appended?.message, 1]);
});

Deno.test("[F32] messages that do not fit into one commit are refused together, and the refusal says how many fit", async () => {
  await using store = await openInMemory();
  const many = Array.from({ length: 1_000 }, (_, n) => tea(`${n}`, { key: `${n}` }));
  const large = Array.from({ length: 20 }, () => tea("x".repeat(60_000)));

  assertEquals(
    await refusalOf(store.log.append(many)),
    "too_many_messages: 1000 messages are too many for one request to this server's store: " +
      "the first 197 of these fit",
  );
  assertEquals(
    (await refusalOf(store.log.append(large))).endsWith("the first 12 of these fit"),
    true,
  );
  assertEquals(await store.log.newestId(), 0);

  const parts = await Promise.all([
    store.log.append(many.slice(0, 197)),
    store.log.append(large.slice(0, 12)),
    store.log.append(many.slice(197, 394)),
  ]);

  const ids = parts.flat().map(({ message }) => message.id);
  assertEquals(ids, Array.from({ length: 406 }, (_, n) => n + 1));
});

Deno.test("[F32] an event and a task can be larger than a value of the database", async () => {
  using folder = TestFolder.make();
  const path = join(folder.path, "tea.kv");
  await using left = await KvStore.open(path, KEEP_ALL);
  await using right = await KvStore.open(path, KEEP_ALL);
  const received: NodeEvent[] = [];
  using _ = right.bus.listen((event) => received.push(event));
  const rooms = Array.from({ length: 5_000 }, (_, n) => `room:茶 ${n} 😀`);
  const presence = { person: alice, state: "active", active: rooms, background: [] } as const;
  const event: NodeEvent = { type: "presence", node: "left", length: 1, presences: [presence] };

  left.bus.broadcast(event);
  left.bus.broadcast({ type: "hello", node: "left" });
  await left.queue.add([{ due: 1, tries: 0, body: "茶".repeat(100_000) }], 10);

  await waitUntil(() => received.length === 2, "the events are received");
  assertEquals(received, [event, { type: "hello", node: "left" }]);
  const [task] = await right.queue.listDue(1, 1);
  assertEquals(task?.body, "茶".repeat(100_000));
  await right.queue.remove([task?.id ?? 0]);
  assertEquals([await left.queue.size(), (await left.queue.listDue(1, 1)).length], [0, 0]);
});

Deno.test("[F2] two nodes that append concurrently lose and duplicate nothing, and see one order", async () => {
  using folder = TestFolder.make();
  const path = join(folder.path, "tea.kv");
  await using left = await KvStore.open(path, KEEP_ALL);
  await using right = await KvStore.open(path, KEEP_ALL);
  const nodes = [left, right];
  const seen: string[][] = [[], []];
  await using following = new AsyncDisposableStack();
  for (const [n, { log }] of nodes.entries()) {
    following.use(await log.follow(0, (messages) => seen[n]?.push(...texts({ messages }))));
  }
  const ownFirst: boolean[] = [];

  await Promise.all(nodes.flatMap(({ log }, n) =>
    Array.from({ length: 200 }, async (_, count) => {
      // Spread over time, so that there are many commits.
      await delay(count);
      await log.append([tea(`${n} ${count}`, { key: `${n} ${count}` })]);
      ownFirst.push(seen[n]?.includes(`${n} ${count}`) ?? false);
    })
  ));

  const inLog: string[] = [];
  for (let after = 0; after < 400; after = inLog.length) {
    inLog.push(...texts(await left.log.read(["room:tea"], after, 100)));
  }
  await waitUntil(() => seen.every((one) => one.length >= 400), "both followers have all messages");
  assertEquals(seen, [inLog, inLog]);
  assertEquals(new Set(inLog).size, 400);
  assertEquals(ownFirst.every(Boolean), true);
});

Deno.test("[F33] while the database cannot be written, sends are refused and polls continue; then sends do too", async () => {
  using folder = TestFolder.make();
  const path = join(folder.path, "tea.kv");
  await using test = await TestHub.open({}, await KvStore.open(path, KEEP_ALL));
  const alice = await test.signIn("alice");
  const cursor = await test.cursor(alice);
  await test.say(alice, "room:tea", "before");
  using other = new DatabaseSync(path, { timeout: 10_000 });
  other.exec("BEGIN IMMEDIATE");

  const refused = refusalOf(test.say(alice, "room:tea", "refused"));
  const during = await test.poll(alice, { cursor });
  assertEquals(await refused, "store_unavailable: Cannot reach the store: database is locked");
  other.exec("ROLLBACK");
  await test.say(alice, "room:tea", "after");

  assertEquals(texts(during), ["before"]);
  assertEquals(texts(await test.poll(alice, { cursor: during.cursor })), ["after"]);
  await waitUntil(() => test.store.unavailableReason === undefined, "the store is available");
});
