import { type Signal, signal } from "@preact/signals";
import { assertEquals } from "@std/assert";
import type { Chat } from "../../client/ui/state/chat.ts";
import { ChatSession } from "../../client/ui/state/chat_session.ts";
import type { StoredSession } from "../../client/ui/state/stored_session.ts";
import { openMemoryStorage } from "../../client/ui/storage/chat_storage.ts";
import { memoryValue } from "../../client/ui/storage/stored_value.ts";
import { settle } from "../support/clock.ts";
import { message } from "./support/reader.ts";
import { openServer, reply, type ScriptedServer } from "./support/scripted_server.ts";
import { HOUR, SETTINGS } from "./support/server_settings.ts";

const alice = { publicToken: "aliceAliceAli1ce", displayName: "alice" };
const credentials = { privateToken: "secret" };

Deno.test("[U1] a session that was stored without the server's settings goes on with those of the server", async () => {
  await using server = await openServer();
  using page = openPage(server, { ...alice, ...credentials });
  assertEquals([page.session.chat.value, page.session.signingIn.value], [undefined, "yes"]);

  await answer(server, {
    "/api/session": { ...alice, settings: { ...SETTINGS, home: "room:tea" } },
    "/api/conversations": { conversations: [] },
  });
  const chat = await page.opened();

  const { rename: _, ...self } = chat.self;
  assertEquals([self, chat.conversations.home?.channel], [alice, "room:tea"]);
  assertEquals(page.stored.read(), {
    ...alice,
    ...credentials,
    settings: { ...SETTINGS, home: "room:tea" },
  });
});

Deno.test("[U37] the settings of a stored session are replaced by those that the server has now", async () => {
  await using server = await openServer();
  const settings = { ...SETTINGS, keyAge: 24 * HOUR };
  using page = openPage(server, { ...alice, ...credentials, settings });
  const chat = await page.opened();
  assertEquals(chat.settings.value.keyAge, 24 * HOUR);

  await answer(server, { "/api/session": { ...alice, settings: SETTINGS } });
  await changed(chat.settings);
  await settle();

  assertEquals(chat.settings.value.keyAge, HOUR);
  assertEquals(page.stored.read()?.settings, SETTINGS);
});

Deno.test("[T3] a chat with one room has no other conversations but the notices", async () => {
  await using server = await openServer();
  const isVisible = signal(false);
  const stored = { ...alice, ...credentials, settings: SETTINGS };
  using page = openPage(server, stored, { roomOf: () => "room:tea", isVisible });
  const chat = await page.opened();

  const messages = [message(1, "hello"), { ...message(2, "hi"), channel: "room:milk" }];
  await answer(server, {
    "/api/poll": reply({ messages }),
    "/api/conversations": {
      conversations: [
        { channel: "room:tea", readUpTo: 0, unread: 1, mentions: 0, last: messages[0] },
        { channel: "room:milk", readUpTo: 0, unread: 1, mentions: 0 },
      ],
    },
  });
  await changed(chat.unread);

  const channels = chat.conversations.all.value.map(({ channel }) => channel);
  assertEquals(channels, ["room:tea", "notice"]);
  assertEquals(chat.unread.value, 1);
});

/** A page that has stored this session. */
function openPage(
  server: ScriptedServer,
  session: StoredSession,
  options: { readonly roomOf?: () => string; readonly isVisible?: Signal<boolean> } = {},
) {
  const stored = memoryValue<StoredSession>(session);
  const openStorage = openMemoryStorage;
  const chatSession = new ChatSession({
    url: server.url,
    fetch: server.fetch,
    stored,
    openStorage,
    ...options,
  });
  return {
    session: chatSession,
    stored,
    opened: async (): Promise<Chat> => chatSession.chat.value ?? await changed(chatSession.chat),
    [Symbol.dispose]: () => chatSession[Symbol.dispose](),
  };
}

/** Answers one request of each path. Other requests fail. */
async function answer(server: ScriptedServer, bodies: Record<string, unknown>): Promise<void> {
  const paths = new Set(Object.keys(bodies));
  while (paths.size > 0) {
    const asked = await server.next();
    if (paths.delete(asked.path)) asked.answer(bodies[asked.path]);
    else asked.cut();
  }
}

/** Resolves with the next value. */
function changed<T>(value: { subscribe(listener: (value: T) => void): () => void }) {
  return new Promise<NonNullable<T>>((resolve) => {
    let isFirst = true;
    const stop = value.subscribe((next) => {
      if (!isFirst && next) queueMicrotask(() => (stop(), resolve(next)));
      isFirst = false;
    });
  });
}
