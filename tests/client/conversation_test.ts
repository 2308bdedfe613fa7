import { signal } from "@preact/signals";
import { assertEquals } from "@std/assert";
import { addMessages, type Chunk } from "../../client/ui/state/chunks.ts";
import { Conversation } from "../../client/ui/state/conversation.ts";
import { memoryValue } from "../../client/ui/storage/stored_value.ts";
import { Names } from "../../client/ui/state/names.ts";
import { Outbox } from "../../client/ui/state/outbox.ts";
import { MemoryOutboxStore } from "../../client/ui/storage/outbox_store.ts";
import type { Drafts } from "../../client/ui/storage/chat_storage.ts";
import type { Message } from "../../client/comet/halley.ts";
import { bob, message, openReader } from "./support/reader.ts";
import { HOUR, SETTINGS } from "./support/server_settings.ts";
import { openServer, problem, type ScriptedServer } from "./support/scripted_server.ts";

const self = { publicToken: "alice", displayName: "alice" };
const own = { ...message(5, "hello"), from: self };

Deno.test("[C29] an own message that a poll brings before the reply to its send is shown once", async () => {
  await using server = await openServer();
  using tea = openTea(server);

  tea.conversation.send("hello");
  const asked = await server.next();
  assertEquals(tea.shown(), ["hello (waiting)"]);
  tea.conversation.add([own]);
  assertEquals(tea.shown(), ["hello"]);
  asked.answer(own);
  await tea.emptied();

  assertEquals(tea.shown(), ["hello"]);
});

Deno.test("[C29] an own message whose send is answered before a poll brings it is shown once", async () => {
  await using server = await openServer();
  using tea = openTea(server);

  tea.conversation.send("hello");
  (await server.next()).answer(own);
  await tea.emptied();
  tea.conversation.add([own]);

  assertEquals(tea.shown(), ["hello"]);
});

Deno.test("[C30] a failed send is shown as failed, delays no other message, and is retried with its key", async () => {
  await using server = await openServer();
  using tea = openTea(server);

  tea.conversation.send("one");
  tea.conversation.send("two");
  const refused = await server.next();
  refused.answer(...problem(422, "invalid_request"));
  (await server.next()).answer({ ...own, id: 6, text: "two" });
  await tea.settled(1);
  assertEquals(tea.shown(), ["two", "one (failed)"]);

  const [failed] = tea.conversation.pending.value;
  if (failed) tea.outbox.retry(failed);
  const again = await server.next();
  again.answer({ ...own, id: 7, text: "one" });
  await tea.emptied();

  assertEquals(again.body.key, refused.body.key);
  assertEquals(tea.shown(), ["two", "one"]);
});

Deno.test("[C31] history and polls merge by id, in the order of the log", () => {
  const newest = addMessages([], [message(4, "four"), message(5, "five")]);
  const page = [message(4, "four"), message(3, "three"), message(2, "two")];

  assertEquals(idsOf(addMessages(newest, page)), [2, 3, 4, 5]);
  assertEquals(idsOf(addMessages(newest, [message(7, "seven"), message(6, "six")])), [4, 5, 6, 7]);
});

Deno.test("[C31] chunks without new messages stay the same objects", () => {
  const many = Array.from({ length: 500 }, (_, n) => message(2 * n + 1000, ""));
  const chunks = addMessages([], many);

  const later = addMessages(chunks, [message(9_000, "")]);
  const earlier = addMessages(chunks, [message(1, ""), message(2, "")]);
  const between = addMessages(chunks, [message(1501, "")]);

  const same = (other: readonly Chunk[]) => chunks.filter((chunk) => other.includes(chunk)).length;
  assertEquals([later, earlier].map(same), [chunks.length - 1, chunks.length]);
  assertEquals(idsOf(between), [...idsOf(chunks), 1501].sort((one, other) => one - other));
  assertEquals(addMessages(chunks, many.slice(3, 9)), chunks);
});

Deno.test("[U37] a message whose key expires within a minute is sent only when the user says so", async () => {
  await using server = await openServer();
  const at = Date.now() - HOUR + 59_000;
  const store = new MemoryOutboxStore();
  await store.put({ key: "k1", channel: "room:tea", text: "old", at });
  using tea = openTea(server, store);
  await tea.settled(1);
  assertEquals([tea.shown(), server.waiting], [["old (old)"], 0]);

  const [old] = tea.conversation.pending.value;
  if (old) tea.outbox.retry(old);
  const asked = await server.next();
  asked.answer({ ...own, text: "old" });
  await tea.emptied();

  assertEquals(asked.body.key, "k1");
});

Deno.test("[U37] a message whose key is not about to expire is sent at once", async () => {
  await using server = await openServer();
  const at = Date.now() - HOUR + 70_000;
  const store = new MemoryOutboxStore();
  await store.put({ key: "k1", channel: "room:tea", text: "young", at });
  using tea = openTea(server, store);

  const asked = await server.next();
  asked.answer({ ...own, text: "young" });
  await tea.emptied();

  assertEquals(asked.body.key, "k1");
});

Deno.test("[U37] a message that the library gives up because its key has expired waits for the user", async () => {
  await using server = await openServer();
  using tea = openTea(server);

  tea.conversation.send("hello");
  const asked = await server.next();
  asked.answer(...problem(422, "key_expired"));
  await tea.settled(1);

  assertEquals(tea.shown(), ["hello (old)"]);
});

Deno.test("[U37] at most a thousand messages can wait", async () => {
  await using server = await openServer();
  using tea = openTea(server);

  const sent = Array.from({ length: 1_001 }, (_, n) => tea.conversation.send(`text ${n}`));

  assertEquals(sent.filter((isSent) => !isSent).length, 1);
  assertEquals(tea.conversation.pending.value.length, 1_000);
});

Deno.test("[U24] messages that the server has counted and that polls bring are counted once", async () => {
  await using server = await openServer();
  using tea = openTea(server);
  const { conversation } = tea;
  const textOf = (id: number): Message => message(id, `text ${id}`);

  conversation.add([textOf(41)]);
  conversation.applyServerState({
    channel: "room:tea",
    readUpTo: 30,
    unread: 7,
    mentions: 0,
    last: textOf(42),
  });
  assertEquals(conversation.unread.value, 7);
  conversation.add([textOf(42), { ...textOf(43), from: self }, textOf(44)]);

  assertEquals(conversation.unread.value, 8);
  conversation.applyReadMarker(44);
  assertEquals(conversation.unread.value, 0);
});

Deno.test("[T3] a message that arrives after sign-in is unread, though the first page already has it", async () => {
  await using server = await openServer();
  using tea = openTea(server);
  const newMessage = message(6, "new");

  const marking = tea.conversation.markAllRead();
  const newest = await server.next();
  newest.answer({ messages: [message(5, "old")], more: true });
  await marking;
  tea.conversation.history.loadFirst();
  (await server.next()).answer({ messages: [newMessage, message(5, "old")], more: false });
  await loaded(tea.conversation);
  tea.conversation.add([newMessage]);

  assertEquals(newest.path, "/api/channels/room%3Atea/messages?limit=1");
  assertEquals([tea.conversation.readUpTo.value, tea.conversation.unread.value], [5, 1]);
});

function idsOf(chunks: readonly Chunk[]): number[] {
  return chunks.flatMap(({ messages }) => messages.map(({ id }) => id));
}

/** Resolves when the first page is loaded. */
function loaded({ history }: Conversation): Promise<void> {
  return new Promise((resolve) => {
    const stop = history.isLoaded.subscribe((isLoaded) => {
      if (isLoaded) queueMicrotask(() => (stop(), resolve()));
    });
  });
}

function openTea(
  server: ScriptedServer,
  store = new MemoryOutboxStore(),
  drafts = memoryValue<Drafts>(),
) {
  const client = openReader(server);
  const onSent = (sent: Message) => conversation.add([sent]);
  const outbox = new Outbox({
    client,
    store: Promise.resolve(store),
    journal: memoryValue(),
    settings: signal(SETTINGS),
    onSent,
  });
  const names = new Names(bob);
  const deps = { client, self, outbox, names, drafts, onRead: () => {} };
  const conversation = new Conversation({ channel: "room:tea" }, deps);
  const settled = (count: number) =>
    new Promise<void>((resolve) => {
      const stop = conversation.pending.subscribe((messages) => {
        const waiting = messages.filter(({ state }) => state === "waiting" || state === "arrived");
        if (messages.length === count && waiting.length === 0) {
          queueMicrotask(() => (stop(), resolve()));
        }
      });
    });
  return {
    conversation,
    outbox,
    /** Resolves when this number of messages is pending, and none of them waits. */
    settled,
    emptied: () => settled(0),
    shown: () => [
      ...conversation.history.chunks.value.flatMap(({ messages }) =>
        messages.map(({ text }) => text)
      ),
      ...conversation.pending.value.filter(({ state }) => state !== "arrived")
        .map(({ text, state }) => `${text} (${state})`),
    ],
    [Symbol.dispose]: () => {
      outbox[Symbol.dispose]();
      client[Symbol.dispose]();
    },
  };
}

Deno.test("[U99] a draft replies to nothing when the answered message is deleted, also after a reload", async () => {
  await using server = await openServer();
  const drafts = memoryValue<Drafts>();
  using tea = openTea(server, undefined, drafts);
  tea.conversation.draft.replyTo(message(4, "secret"));
  tea.conversation.draft.write("yes");
  using reloaded = openTea(server, undefined, drafts);
  assertEquals(reloaded.conversation.draft.answers.value, 4);

  for (const id of [3, 4]) {
    reloaded.conversation.change({ id, channel: "room:tea", at: 1, deletedAt: 2 });
    assertEquals(reloaded.conversation.draft.answers.value === undefined, id === 4);
  }

  assertEquals(reloaded.conversation.draft.text.value, "yes");
  assertEquals(drafts.read(), { "room:tea": "yes", "room:tea>": undefined });
});
