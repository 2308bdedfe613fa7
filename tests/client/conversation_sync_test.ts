import { signal } from "@preact/signals";
import { assertEquals } from "@std/assert";
import type { Conversation } from "../../client/ui/state/conversation.ts";
import { Conversations } from "../../client/ui/state/conversations.ts";
import { ConversationSync } from "../../client/ui/state/conversation_sync.ts";
import type { Drafts } from "../../client/ui/storage/chat_storage.ts";
import { memoryValue } from "../../client/ui/storage/stored_value.ts";
import { Names } from "../../client/ui/state/names.ts";
import { Outbox } from "../../client/ui/state/outbox.ts";
import { MemoryOutboxStore } from "../../client/ui/storage/outbox_store.ts";
import { settle, stopClock } from "../support/clock.ts";
import { openReader } from "./support/reader.ts";
import { SETTINGS } from "./support/server_settings.ts";
import { openServer, type ScriptedServer } from "./support/scripted_server.ts";

const alice = { publicToken: "alice", displayName: "alice" };
const closed = { type: "closed", channel: "room:tea", from: alice, at: 0 } as const;

Deno.test("[U23] a read marker that waits is dropped when the conversation is closed in another tab", async () => {
  using clock = stopClock();
  await using server = await openServer();
  using here = openConversations(server);
  here.sync.open("room:tea");
  (await server.next()).answer("");
  await synced(here.tea);
  await settle();
  here.sync.open("room:tea", 5);

  here.sync.applySignal(closed);
  await clock.pass(5_000);

  assertEquals([here.open(), server.waiting], [["room:lobby"], 0]);
});

Deno.test("[U23] a read marker that is being sent does not open a conversation again that another tab has closed", async () => {
  await using server = await openServer();
  using here = openConversations(server);
  here.sync.open("room:tea", 5);
  const telling = await server.next();

  here.sync.applySignal(closed);
  telling.answer("");
  const next = await server.next();
  next.answer("");

  assertEquals([next.method, next.path], ["DELETE", "/api/conversations/room%3Atea"]);
  assertEquals(here.open(), ["room:lobby"]);
});

Deno.test("[U23] what another device has read in part is counted by the server", async () => {
  await using server = await openServer();
  using here = openConversations(server);
  const last = { id: 5, channel: "room:tea", text: "last", at: 0 };
  const list = (readUpTo: number, unread: number) => ({
    conversations: [{ channel: "room:tea", readUpTo, unread, last }],
  });
  const pulling = here.sync.pull();
  (await server.next()).answer(list(1, 2));
  await pulling;
  assertEquals(here.tea.unread.value, 2);

  here.sync.applySignal({ type: "read", channel: "room:tea", from: alice, upTo: 4, at: 0 });
  // The lobby, which the server does not list, loads its history.
  const paths = [(await server.next()).path, (await server.next()).path];

  assertEquals(paths.includes("/api/conversations"), true);
});

/** The lobby and the room tea, open in one tab of alice's. */
function openConversations(server: ScriptedServer) {
  const client = openReader(server);
  const outbox = new Outbox({
    client,
    store: Promise.resolve(new MemoryOutboxStore()),
    journal: memoryValue(),
    settings: signal(SETTINGS),
    onSent: () => {},
  });
  const deps = {
    client,
    self: alice,
    outbox,
    names: new Names(alice),
    drafts: memoryValue<Drafts>(),
    onRead: () => {},
  };
  const conversations = new Conversations({
    home: ["room:lobby"],
    start: "room:lobby",
    isFixed: false,
    stored: [],
  }, deps);
  const tea = conversations.open({ channel: "room:tea" });
  const sync = new ConversationSync({
    ...{ client, self: alice, conversations },
    join: (channel) => client.join(channel),
  });
  return {
    sync,
    tea,
    open: () => conversations.all.value.map(({ channel }) => channel),
    [Symbol.dispose]: () => {
      sync[Symbol.dispose]();
      outbox[Symbol.dispose]();
      client[Symbol.dispose]();
    },
  };
}

/** Resolves when the server has confirmed that it is open. */
function synced({ isSynced }: Conversation): Promise<void> {
  return new Promise((resolve) => {
    const stop = isSynced.subscribe((isTrue) => {
      if (isTrue) queueMicrotask(() => (stop(), resolve()));
    });
  });
}
