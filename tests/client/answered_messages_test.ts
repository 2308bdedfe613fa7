import { signal } from "@preact/signals";
import { assertEquals } from "@std/assert";
import { type Answered, AnsweredMessages } from "../../client/ui/state/answered_messages.ts";
import { addMessages, type Chunk } from "../../client/ui/state/chunks.ts";
import type { History } from "../../client/ui/state/history.ts";
import { message, openReader } from "./support/reader.ts";
import { openServer, problem } from "./support/scripted_server.ts";

/** The answered messages of a conversation in the room tea, of which the message 9 is in memory. */
function answeredIn(client: ReturnType<typeof openReader>): AnsweredMessages {
  const chunks = signal<readonly Chunk[]>(addMessages([], [message(9, "nine")]));
  const history: Pick<History, "chunks"> = { chunks };
  return new AnsweredMessages(client, { channel: "room:tea", history });
}

function textOf(answered: Answered | undefined): string | undefined {
  return answered === "gone" ? "gone" : answered?.text;
}

Deno.test("[C71] the library reads the messages of a channel by their ids", async () => {
  await using server = await openServer();
  using alice = openReader(server);

  const reading = alice.history("room:tea", { ids: [3, 7] });
  const request = await server.next();
  request.answer({ messages: [message(7, "seven")], more: false });

  assertEquals(request.path, "/api/channels/room%3Atea/messages?ids=3%2C7");
  assertEquals((await reading).messages.map(({ text }) => text), ["seven"]);
});

Deno.test("[C72] what several messages answer is asked for in one request, unless it is in memory", async () => {
  await using server = await openServer();
  using alice = openReader(server);
  const answered = answeredIn(alice);

  for (const id of [3, 7, 3]) answered.request(id);
  const request = await server.next();
  request.answer({ messages: [message(7, "seven")], more: false });
  await known(answered, 7);

  assertEquals(request.path, "/api/channels/room%3Atea/messages?ids=3%2C7");
  assertEquals([3, 7, 9].map((id) => textOf(answered.get(id))), ["gone", "seven", "nine"]);
});

Deno.test("[C72] what changes during the request is shown as it is then", async () => {
  await using server = await openServer();
  using alice = openReader(server);
  const answered = answeredIn(alice);
  for (const id of [3, 7]) answered.request(id);
  const request = await server.next();

  answered.change({ ...message(3, "drei"), editedAt: 9 });
  answered.change({ id: 7, channel: "room:tea", at: 1, deletedAt: 9 });
  request.answer({ messages: [message(7, "seven"), message(3, "three")], more: false });
  await known(answered, 3);
  const during = [3, 7].map((id) => textOf(answered.get(id)));
  answered.change({ ...message(3, "tre"), editedAt: 10 });

  assertEquals(during, ["drei", "gone"]);
  assertEquals(textOf(answered.get(3)), "tre");
});

Deno.test("[C72] after a request that failed, it is asked for again", async () => {
  await using server = await openServer();
  using alice = openReader(server);
  const answered = answeredIn(alice);
  answered.request(3);
  (await server.next()).answer(...problem(429, "too_many_requests"));

  let isAnswered = false;
  const again = server.next().then((request) => {
    isAnswered = true;
    request.answer({ messages: [message(3, "three")], more: false });
  });
  while (!isAnswered) {
    answered.request(3);
    await new Promise((resolve) => setTimeout(resolve));
  }
  await again;
  await known(answered, 3);

  assertEquals(textOf(answered.get(3)), "three");
});

/** Resolves when something is known of a message. */
async function known(answered: AnsweredMessages, id: number): Promise<void> {
  while (answered.get(id) === undefined) await new Promise((resolve) => setTimeout(resolve));
}
