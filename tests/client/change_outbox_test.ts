import { signal } from "@preact/signals";
import { assertEquals } from "@std/assert";
import { ChangeOutbox } from "../../client/ui/state/change_outbox.ts";
import { Outbox } from "../../client/ui/state/outbox.ts";
import type { Journal } from "../../client/ui/storage/chat_storage.ts";
import { MemoryOutboxStore } from "../../client/ui/storage/outbox_store.ts";
import { memoryValue } from "../../client/ui/storage/stored_value.ts";
import { SETTINGS } from "../support/chat.ts";
import { settle } from "../support/clock.ts";
import { waitUntil } from "../support/wait_until.ts";
import { bob, message, openReader } from "./support/reader.ts";
import { openServer, problem, type ScriptedServer } from "./support/scripted_server.ts";

const one = message(1, "one");

/** What bob has not sent, with a store and a journal that another page may have left. */
function openChanges(
  server: ScriptedServer,
  store = new MemoryOutboxStore(),
  journal = memoryValue<Journal>(),
) {
  const client = openReader(server);
  const outbox = new Outbox({
    client,
    store: Promise.resolve(store),
    journal,
    settings: signal(SETTINGS),
    onSent: () => {},
  });
  const conversations = { find: () => undefined };
  const changes = new ChangeOutbox({ client, outbox, self: bob, conversations });
  return {
    ...{ outbox, changes, store, journal },
    emptied: () => waitUntil(() => changes.entries.peek().length === 0, "all is confirmed"),
    [Symbol.dispose]() {
      outbox[Symbol.dispose]();
      client[Symbol.dispose]();
    },
  };
}

Deno.test("[U132] a change is sent after the messages that were written before it in its conversation", async () => {
  await using server = await openServer();
  using tea = openChanges(server);

  tea.outbox.send("room:tea", "two");
  tea.changes.change(one, { text: "uno" });
  const send = await server.next();
  await settle();
  const waiting = server.waiting;
  send.answer(message(2, "two"));
  const patch = await server.next();
  patch.answer({ ...one, text: "uno", editedAt: 5 });
  await tea.emptied();

  assertEquals([send.method, waiting, patch.method, patch.body.text], ["POST", 0, "PATCH", "uno"]);
});

Deno.test("[U132] a message that the server has refused holds up no change", async () => {
  await using server = await openServer();
  using tea = openChanges(server);

  tea.outbox.send("room:tea", "two");
  tea.changes.change(one, {});
  (await server.next()).answer(...problem(403, "not_allowed"));
  const removal = await server.next();
  removal.answer(undefined, { status: 204 });
  await tea.emptied();

  assertEquals([removal.method, removal.path], ["DELETE", "/api/messages/1"]);
});

Deno.test("[U132] changes are sent one after the other, of several ones of the same kind only the last", async () => {
  await using server = await openServer();
  using tea = openChanges(server);
  tea.changes.change(one, { emoji: "👍", on: true });
  const first = await server.next();

  tea.changes.change(one, { text: "uno" });
  tea.changes.change(one, { text: "eins" });
  tea.changes.change(one, { emoji: "👍", on: false });
  tea.changes.change(one, { emoji: "👍", on: true });
  tea.changes.change(one, { emoji: "👍", on: false });
  await settle();
  assertEquals(server.waiting, 0);
  assertEquals(tea.changes.present(one).text, "eins");
  assertEquals(tea.changes.present(one).reactions, []);
  first.answer(one);
  const second = await server.next();
  second.answer({ ...one, text: "eins" });
  const third = await server.next();
  third.answer({ ...one, text: "eins" });
  await tea.emptied();

  assertEquals([first.method, second.body.text, third.method], ["PUT", "eins", "DELETE"]);
  assertEquals(server.waiting, 0);
});

Deno.test("[U129] a change that was not stored before its page was left is sent by the next one, once", async () => {
  await using server = await openServer();
  const [store, journal] = [new MemoryOutboxStore(), memoryValue<Journal>()];
  const { put } = store;
  store.put = () => new Promise(() => {});
  using left = openChanges(server, store, journal);
  left.changes.change(one, { text: "uno" });
  await settle();
  left.outbox[Symbol.dispose]();
  store.put = put;

  using next = openChanges(server, store, journal);

  assertEquals(next.changes.present(one).text, "uno");
  const patch = await server.next();
  patch.answer({ ...one, text: "uno" });
  await next.emptied();
  await settle();
  assertEquals([patch.body.text, server.waiting, await store.list()], ["uno", 0, []]);
});

Deno.test("[U129] a change that cannot be stored is sent all the same, and once", async () => {
  await using server = await openServer();
  const store = new MemoryOutboxStore();
  store.put = () => Promise.reject(new Error("The disk is full"));
  using tea = openChanges(server, store);

  tea.changes.change(one, { emoji: "🎉", on: true });
  const put = await server.next();
  put.answer(one);
  await tea.emptied();
  await settle();

  assertEquals([put.method, server.waiting], ["PUT", 0]);
});

Deno.test("[U131] a refused change is not sent again by itself, and its message is shown without it", async () => {
  await using server = await openServer();
  using tea = openChanges(server);

  tea.changes.change(one, { text: "uno" });
  (await server.next()).answer(...problem(403, "not_allowed"));
  await waitUntil(() => tea.changes.of(one)[0]?.problem !== undefined, "it is refused");
  tea.changes.change(message(2, "two"), { text: "dos" });
  const next = await server.next();
  next.answer({ ...message(2, "two"), text: "dos" });
  await waitUntil(() => tea.changes.entries.peek().length === 1, "the other one is confirmed");

  assertEquals(next.path, "/api/messages/2");
  assertEquals(tea.changes.present(one).text, "one");
  const [refused] = tea.changes.of(one);
  if (refused) tea.changes.retry(refused);
  const again = await server.next();
  again.answer({ ...one, text: "uno" });
  await tea.emptied();
  assertEquals(again.path, "/api/messages/1");
});

Deno.test("[U131] a change of a message that is gone is discarded", async () => {
  await using server = await openServer();
  using tea = openChanges(server);

  tea.changes.change(one, { text: "uno" });
  (await server.next()).answer(...problem(404, "not_found"));
  await tea.emptied();

  assertEquals(await tea.store.list(), []);
});

Deno.test("[U119] an edit that names somebody who has signed out is saved without a mention", async () => {
  await using server = await openServer();
  using tea = openChanges(server);

  tea.changes.change(one, { text: "@carol", mentions: ["carol-token"] });
  const first = await server.next();
  first.answer(...problem(404, "unknown_mention"));
  const second = await server.next();
  second.answer({ ...one, text: "@carol", editedAt: 5 });
  await tea.emptied();

  assertEquals(first.body, { text: "@carol", mentions: ["carol-token"] });
  assertEquals(second.body, { text: "@carol" });
});
