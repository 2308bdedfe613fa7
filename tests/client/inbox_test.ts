import { signal } from "@preact/signals";
import { assertEquals } from "@std/assert";
import type { Message, RoomSummary } from "../../client/comet/halley.ts";
import type { Conversation } from "../../client/ui/state/conversation.ts";
import { Inbox, type InboxRoom, isWaiting } from "../../client/ui/state/inbox.ts";
import { waitUntil } from "../support/wait_until.ts";
import { openReader } from "./support/reader.ts";
import { openServer, type ReceivedRequest, reply } from "./support/scripted_server.ts";

const ann = { publicToken: "annAnnAnnAnnAnn_", displayName: "ann" };
const ben = { publicToken: "benBenBenBenBen_", displayName: "ben" };
const mia = { publicToken: "miaMiaMiaMiaMia_", displayName: "mia" };
const ROOM = `room:support-${mia.publicToken}`;
const PATTERN = "room:support-*";

function message(id: number, more: Partial<Message> = {}): Message {
  return { id, channel: ROOM, from: mia, text: `text ${id}`, at: 1_000 + id, ...more };
}

function summary(last: Message, more: Partial<RoomSummary> = {}): RoomSummary {
  return { channel: last.channel, last, present: 0, people: [], unread: 1, ...more };
}

/** Ann's inbox, and a server whose replies the test writes. */
async function open() {
  const stack = new AsyncDisposableStack();
  const server = stack.use(await openServer());
  const client = stack.use(openReader(server, { cursor: "c0" }));
  const inbox = stack.use(
    new Inbox({
      client,
      self: ann,
      patterns: signal([PATTERN]),
      isReadByPattern: (channel) => channel.startsWith("room:support-"),
      conversations: { all: signal<readonly Conversation[]>([]) },
    }),
  );
  const polls: ReceivedRequest[] = [];
  const lists: ReceivedRequest[] = [];
  const receive = async (): Promise<void> => {
    const request = await server.next();
    (request.path.startsWith("/api/rooms") ? lists : polls).push(request);
    return await receive();
  };
  receive();
  client.startWaiting();
  const next = async (requests: ReceivedRequest[]) => {
    await waitUntil(() => requests.length > 0, "it sends a request");
    return requests.shift()!;
  };
  return {
    inbox,
    /** Answers the next poll, and waits until the next one comes. */
    async tell(...messages: readonly Message[]) {
      (await next(polls)).answer(reply({ cursor: "c1", messages }));
      await waitUntil(() => polls.length > 0, "it polls again");
    },
    /** Answers the next poll with the erasure of a message. */
    async erase(id: number, channel = ROOM) {
      const changed = { id, channel, at: 1_000, deletedAt: 2_000 };
      const change = { id: 100 + id, channel, at: 2_000, message: changed };
      (await next(polls)).answer(reply({ cursor: "c1", outcome: "message", changes: [change] }));
      await waitUntil(() => polls.length > 0, "it polls again");
    },
    async list(rooms: readonly RoomSummary[], before?: number): Promise<string> {
      const request = await next(lists);
      request.answer({ rooms, ...(before !== undefined && { before }) });
      await waitUntil(
        () => inbox.find(rooms[0]!.channel)?.visitor !== undefined,
        "it has the list",
      );
      return request.path;
    },
    /** The open rooms, and the closed ones: each visitor, the number of unread messages, and who answers. */
    rooms() {
      const [section] = inbox.sections.value;
      const short = (rooms: readonly InboxRoom[]) =>
        rooms.map(({ visitor, unread, claimedBy, last }) =>
          [visitor?.displayName, unread, last?.text, claimedBy?.displayName].filter(Boolean).join()
        );
      return [short(section!.open), short(section!.closed)];
    },
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}

Deno.test("[U93] the inbox has the rooms that the server lists, and those of messages that arrive", async () => {
  await using alice = await open();
  const other = { publicToken: "zoeZoeZoeZoeZoe_", displayName: "zoe" };
  const room = `room:support-${other.publicToken}`;

  await alice.tell();
  await alice.list([summary(message(1), { visitor: mia, claimedBy: ben })]);
  await alice.tell(message(2, { channel: "room:tea" }), message(3, { channel: room, from: other }));

  assertEquals(alice.rooms(), [["zoe,1,text 3", "mia,1,text 1,ben"], []]);
  await alice.tell(message(4), message(5, { from: ann }));
  assertEquals(alice.rooms(), [["mia,2,text 5,ben", "zoe,1,text 3"], []]);
  assertEquals(alice.inbox.unread.value, 3);
});

Deno.test("[U93] rooms with older messages are loaded page by page", async () => {
  await using alice = await open();
  const zoe = { publicToken: "zoeZoeZoeZoeZoe_", displayName: "zoe" };
  await alice.tell();
  await alice.list([summary(message(9), { visitor: mia })], 9);

  const loading = alice.inbox.loadMore(PATTERN);
  const older = message(2, { channel: `room:support-${zoe.publicToken}`, from: zoe });
  const path = await alice.list([summary(older, { visitor: zoe })]);
  await loading;

  assertEquals(path, "/api/rooms?prefix=support-&all=true&before=9");
  assertEquals(alice.rooms(), [["mia,1,text 9", "zoe,1,text 2"], []]);
  assertEquals(alice.inbox.sections.value[0]?.hasMore, false);
});

Deno.test("[U94] the first claim counts, until the room is released or closed; a message of another one opens it", async () => {
  await using alice = await open();
  let id = 1;
  const state = async (...messages: Partial<Message>[]) => {
    await alice.tell(...messages.map((one) => message(++id, { text: "event", ...one })));
    const { claimedBy, closedBy } = alice.inbox.find(ROOM) ?? {};
    return [claimedBy?.displayName, closedBy?.displayName];
  };

  await alice.tell(message(1));
  assertEquals(await state({ from: ann, event: "claimed" }, { from: ben, event: "claimed" }), [
    "ann",
    undefined,
  ]);
  assertEquals(await state({ from: ann, event: "released" }), [undefined, undefined]);
  assertEquals(await state({ from: ben, event: "claimed" }, { from: ann, event: "closed" }), [
    undefined,
    "ann",
  ]);
  assertEquals(await state({ from: ann, text: "bye" }), [undefined, "ann"]);
  assertEquals(await state({ from: mia, text: "one more thing" }), [undefined, undefined]);
  assertEquals(alice.rooms(), [["mia,2,one more thing"], []]);
});

Deno.test("[D40] in the room of a visitor, the team's messages are not unread for the team", async () => {
  await using alice = await open();
  await alice.tell();
  await alice.list([summary(message(1), { visitor: mia })]);

  await alice.tell(message(2, { from: ben }), message(3));

  assertEquals(alice.rooms(), [["mia,2,text 3"], []]);
});

Deno.test("[U98] the inbox says that it loads until the server has listed the rooms", async () => {
  await using alice = await open();
  const isLoaded = () => alice.inbox.sections.value[0]?.isLoaded;
  await alice.tell();
  assertEquals(isLoaded(), false);

  await alice.list([summary(message(1), { visitor: mia })]);

  assertEquals(isLoaded(), true);
});

Deno.test("[U98] after an erasure, all loaded rooms are claimed and closed as the server lists them", async () => {
  await using alice = await open();
  const zoe = { publicToken: "zoeZoeZoeZoeZoe_", displayName: "zoe" };
  const room = `room:support-${zoe.publicToken}`;
  const older = message(2, { channel: room, from: zoe });
  const stateOf = () =>
    [ROOM, room].map((channel) => {
      const { claimedBy, closedBy } = alice.inbox.find(channel) ?? {};
      return [claimedBy?.displayName, closedBy?.displayName];
    });
  await alice.tell();
  await alice.list([summary(message(9), { visitor: mia, claimedBy: ben })], 9);
  const loading = alice.inbox.loadMore(PATTERN);
  await alice.list([summary(older, { visitor: zoe, closedBy: ben })], 2);
  await loading;
  assertEquals(stateOf(), [["ben", undefined], [undefined, "ben"]]);

  await alice.erase(8);
  await alice.erase(1, room);
  const first = await alice.list([summary(message(9), { visitor: mia })], 9);
  const second = await alice.list([summary(older, { visitor: zoe })], 2);

  await waitUntil(() => stateOf().flat().every((one) => one === undefined), "nobody answers");
  assertEquals([first.includes("before"), second.includes("before=9")], [false, true]);
  assertEquals(alice.inbox.sections.value[0]?.hasMore, true);
});

Deno.test("[U93] a room waits while nobody has claimed it and its last message is not one of the team", () => {
  const more = { channel: ROOM, unread: 0 };
  const rooms: [Omit<InboxRoom, "channel" | "unread">, boolean][] = [
    [{ last: message(1) }, true],
    [{ last: message(1), visitor: mia }, true],
    [{ last: { id: 1, channel: ROOM, as: { displayName: "bot" }, text: "hi", at: 1 } }, true],
    [{ last: message(1, { from: ben }), visitor: mia }, false],
    [{ last: message(1, { from: ann }) }, false],
    [{ last: message(1), claimedBy: ben }, false],
    [{ last: message(1), closedBy: ben }, false],
  ];

  for (const [room, expected] of rooms) {
    assertEquals(isWaiting({ ...more, ...room }), expected, JSON.stringify(room));
  }
});
