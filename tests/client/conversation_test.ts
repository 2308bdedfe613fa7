import { assertEquals } from "@std/assert";
import { Conversation } from "../../client/ui/state/conversation.ts";
import { merge } from "../../client/ui/state/merge.ts";
import { groupMessages } from "../../client/ui/state/timeline.ts";
import { message, openReader } from "./support/reader.ts";
import { openServer, problem, type ScriptedServer } from "./support/scripted_server.ts";

const self = { publicToken: "alice", displayName: "alice" };
const own = { ...message(5, "hello"), from: self };

Deno.test("[C29] an own message that a poll brings before its send is answered is shown once", async () => {
  await using server = await openServer();
  using tea = openTea(server);

  tea.conversation.outbox.send("hello");
  const asked = await server.next();
  assertEquals(tea.shown(), ["hello (waiting)"]);
  tea.conversation.admit(own);
  assertEquals(tea.shown(), ["hello"]);
  asked.answer(own);
  await tea.emptied();

  assertEquals(tea.shown(), ["hello"]);
});

Deno.test("[C29] an own message whose send is answered before a poll brings it is shown once", async () => {
  await using server = await openServer();
  using tea = openTea(server);

  tea.conversation.outbox.send("hello");
  (await server.next()).answer(own);
  await tea.emptied();
  tea.conversation.admit(own);

  assertEquals(tea.shown(), ["hello"]);
});

Deno.test("[C30] a send that failed is shown so, holds up nothing, and is tried again with its key", async () => {
  await using server = await openServer();
  using tea = openTea(server);

  tea.conversation.outbox.send("one");
  tea.conversation.outbox.send("two");
  const refused = await server.next();
  refused.answer(...problem(422, "invalid_request"));
  (await server.next()).answer({ ...own, id: 6, text: "two" });
  await tea.settled(1);
  assertEquals(tea.shown(), ["two", "one (failed)"]);

  const [failed] = tea.conversation.outbox.pending.value;
  if (failed) tea.conversation.outbox.retry(failed);
  const again = await server.next();
  again.answer({ ...own, id: 7, text: "one" });
  await tea.emptied();

  assertEquals(again.body.key, refused.body.key);
  assertEquals(tea.shown(), ["two", "one"]);
});

Deno.test("[C31] history and polls merge by id, in the order of the log", () => {
  const newest = [message(4, "four"), message(5, "five")];
  const page = [message(4, "four"), message(3, "three"), message(2, "two")];

  assertEquals(merge(newest, page).map(({ id }) => id), [2, 3, 4, 5]);
});

Deno.test("[C32] messages are grouped by sender, by day, and by silence", () => {
  const noon = new Date(2026, 0, 1, 12).getTime();
  const at = (id: number, minutes: number) => ({ ...message(id, ""), at: noon + minutes * 60_000 });

  const groups = groupMessages([
    at(1, 0),
    at(2, 1),
    { ...at(3, 2), from: self },
    at(4, 3),
    at(5, 60),
  ]);
  const days = groupMessages([at(1, 0), at(2, 24 * 60)]);

  assertEquals(groups.map((group) => group.messages.length), [2, 1, 1, 1]);
  assertEquals(groups.map((group) => group.isNewDay), [true, false, false, false]);
  assertEquals(days.map((group) => group.isNewDay), [true, true]);
});

function openTea(server: ScriptedServer) {
  const client = openReader(server);
  const conversation = new Conversation({ channel: "room:tea" }, { client, self });
  const { pending } = conversation.outbox;
  const settled = (count: number) =>
    new Promise<void>((resolve) => {
      const stop = pending.subscribe((messages) => {
        const waiting = messages.filter((one) => one.state !== "failed");
        if (messages.length === count && waiting.length === 0) {
          queueMicrotask(() => (stop(), resolve()));
        }
      });
    });
  return {
    conversation,
    /** Resolves when all that is pending has failed, and that is so many. */
    settled,
    emptied: () => settled(0),
    shown: () => [
      ...conversation.messages.value.map(({ text }) => text),
      ...pending.value.filter(({ state }) => state !== "arrived")
        .map(({ text, state }) => `${text} (${state})`),
    ],
    [Symbol.dispose]: () => client[Symbol.dispose](),
  };
}
