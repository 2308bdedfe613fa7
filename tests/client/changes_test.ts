import { assertEquals, assertRejects } from "@std/assert";
import { filterUpdate } from "../../client/comet/cross_tab/follower.ts";
import { HalleyError, type Message } from "../../client/comet/halley.ts";
import { History } from "../../client/ui/state/history.ts";
import type { Change } from "../../server/protocol/message.ts";
import { waitUntil } from "../support/wait_until.ts";
import { message, openReader } from "./support/reader.ts";
import { openServer, problem, reply } from "./support/scripted_server.ts";

function change(id: number, changed: Message): Change {
  return { id, message: changed, channel: changed.channel, at: 5_000 + id };
}

function edited(id: number, text: string): Message {
  return { ...message(id, text), editedAt: 6_000 };
}

function deleted(id: number): Message {
  const { text: _, ...head } = message(id, "");
  return { ...head, deletedAt: 6_000 };
}

Deno.test("[C75] each change is emitted once, after the messages of its reply, also if it comes again", async () => {
  await using server = await openServer();
  using alice = openReader(server, { cursor: "c0" });
  const events: string[] = [];
  alice.on("message", ({ text }) => events.push(`message ${text}`));
  alice.on("change", (one) => events.push(`${one.id}: ${one.message.text ?? "deleted"}`));

  alice.startWaiting();
  const first = { messages: [message(1, "one")], changes: [change(2, edited(1, "uno"))] };
  (await server.next()).answer(reply({ cursor: "c2", ...first }));
  const again = [...first.changes, change(3, deleted(1))];
  (await server.next()).answer(reply({ cursor: "c3", ...first, changes: again }));
  await server.next();

  assertEquals(events, ["message one", "2: uno", "3: deleted"]);
});

Deno.test("[C75] a tab of a group gets the changes of its own rooms", () => {
  const tea = change(2, edited(1, "uno"));
  const milk = { ...change(3, edited(1, "dos")), channel: "room:milk" };
  const update = { gap: false, messages: [], changes: [tea, milk], signals: [] };

  assertEquals(filterUpdate(update, ["room:tea"]).changes, [tea]);
});

Deno.test("[C78] a tab of a group gets what is in the rooms of its patterns", () => {
  const below = { ...change(2, edited(1, "uno")), channel: "room:support-1" };
  const other = { ...below, channel: "room:support" };
  const update = { gap: false, messages: [], changes: [below, other], signals: [] };

  assertEquals(filterUpdate(update, ["room:support-*"]).changes, [below]);
});

Deno.test("[C76] a message is edited and deleted by one request each", async () => {
  await using server = await openServer();
  using alice = openReader(server);

  const editing = alice.change(7, { text: "uno" });
  const patch = await server.next();
  patch.answer(edited(7, "uno"));
  await editing;
  const deleting = alice.change(7);
  const removal = await server.next();
  removal.answer(undefined, { status: 204 });
  await deleting;
  const refused = alice.change(8);
  (await server.next()).answer(...problem(403, "not_allowed"));

  assertEquals([patch.method, patch.path, patch.body.text], ["PATCH", "/api/messages/7", "uno"]);
  assertEquals([removal.method, removal.path], ["DELETE", "/api/messages/7"]);
  assertEquals((await assertRejects(() => refused, HalleyError)).code, "not_allowed");
});

Deno.test("[C79] a reaction is added and taken back by one request each, which returns the message", async () => {
  await using server = await openServer();
  using alice = openReader(server);
  const reacted = { ...message(7, "one"), reactions: [{ emoji: "👍", by: ["alice"] }] };

  const adding = alice.react(7, "👍");
  const put = await server.next();
  put.answer(reacted);
  const removing = alice.react(7, "👍", false);
  const removal = await server.next();
  removal.answer(message(7, "one"));

  assertEquals([await adding, await removing], [reacted, message(7, "one")]);
  const path = "/api/messages/7/reactions/%F0%9F%91%8D";
  assertEquals([put.method, put.path], ["PUT", path]);
  assertEquals([removal.method, removal.path], ["DELETE", path]);
});

Deno.test("[C80] a change and a reaction are repeated until the server answers, if that is wanted", async () => {
  await using server = await openServer();
  using alice = openReader(server);
  const isRepeated = true;

  const editing = alice.change(7, { text: "uno" }, { isRepeated });
  (await server.next()).answer(...problem(500, "store_unavailable"));
  const patch = await server.next();
  patch.answer(edited(7, "uno"));
  await editing;
  const reacting = alice.react(7, "👍", true, { isRepeated });
  (await server.next()).answer(...problem(503, "closing"));
  (await server.next()).answer(...problem(404, "not_found"));

  assertEquals([patch.method, patch.path, patch.body.text], ["PATCH", "/api/messages/7", "uno"]);
  assertEquals((await assertRejects(() => reacting, HalleyError)).code, "not_found");
});

Deno.test("[C77] an edit and a deletion change the messages that are shown, and no others", async () => {
  await using server = await openServer();
  using client = openReader(server);
  const history = new History({ client, channels: ["room:tea"], onFirst() {}, onPage() {} });
  history.add([message(1, "one"), message(2, "two"), message(4, "four")]);

  history.change(edited(1, "uno"));
  history.change(deleted(2));
  history.change(edited(3, "not loaded"));

  assertEquals(textsOf(history), ["uno", "four"]);
  history.change(deleted(1));
  history.change(deleted(4));
  assertEquals(textsOf(history), []);
});

Deno.test("[C77] a page of the history that was requested before a change does not undo it", async () => {
  await using server = await openServer();
  using client = openReader(server);
  const history = new History({ client, channels: ["room:tea"], onFirst() {}, onPage() {} });

  history.loadFirst();
  const request = await server.next();
  history.change(edited(1, "uno"));
  history.change(deleted(2));
  const messages = [message(3, "three"), message(2, "two"), message(1, "one")];
  request.answer({ messages, more: false });
  await waitUntil(() => history.isLoaded.value, "the page is loaded");

  assertEquals(textsOf(history), ["uno", "three"]);
  history.add([message(2, "two")]);
  assertEquals(textsOf(history), ["uno", "three"]);
});

function textsOf(history: History): readonly (string | undefined)[] {
  return history.chunks.value.flatMap(({ messages }) => messages.map(({ text }) => text));
}
