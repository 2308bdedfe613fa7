import { assertEquals } from "@std/assert";
import { readConfig } from "../../server/config/config.ts";
import { DEFAULT_RIGHTS, rightsOf } from "../../server/core/model/rights.ts";
import type { Message } from "../../server/protocol/message.ts";
import { configErrors } from "../config/config_errors.ts";
import { Chat, KEYS, type TestUser } from "../support/chat.ts";
import { texts } from "../support/hub.ts";
import { legacyPage } from "../support/legacy.ts";
import { expectRefusal } from "../support/problem.ts";
import { JWT, tokenFor } from "../support/tokens.ts";

const { visitorRooms } = rightsOf({ visitorRooms: ["room:support-*"] });
const guestRights = { ...DEFAULT_RIGHTS, visitorRooms };

Deno.test("[Q40] the settings name the widest patterns that a session may read", async () => {
  await using chat = await Chat.open({ jwt: JWT, guestRights });
  const patternsFor = async (patterns?: readonly string[]) => {
    const user = await chat.withToken(await tokenFor(patterns && { channels: { patterns } }));
    return (await (await user.request("GET", "/api/session")).json()).settings.patterns;
  };

  assertEquals(await patternsFor(), undefined);
  assertEquals(await patternsFor([]), undefined);
  assertEquals(await patternsFor(["room:team-*", "room:team-a-*"]), ["room:team-*"]);
  assertEquals(await patternsFor(["room:*"]), ["room:support-*"]);
  assertEquals(await patternsFor(["room:support-eu-*"]), ["room:support-eu-*"]);
});

/** What is asked of: a room, and a message in it. */
interface Target {
  readonly room: string;
  readonly id: number;
}

function reading(pathOf: (room: string) => string) {
  const ask = (user: TestUser, { room }: Target) => user.request("GET", pathOf(room));
  return { ask, refused: 403 } as const;
}

/** A request of each route that has to do with a channel or a message, and how it is refused. */
const ROUTES: Record<string, {
  readonly ask: (user: TestUser, target: Target) => Promise<Response>;
  readonly refused: 403 | 404;
}> = {
  "POST /api/messages": { ask: (user, { room }) => user.say(room, "hello"), refused: 403 },
  "PUT /api/messages/:id/reactions/:emoji": {
    ask: (user, { id }) => user.request("PUT", `/api/messages/${id}/reactions/👍`),
    refused: 404,
  },
  "DELETE /api/messages/:id/reactions/:emoji": {
    ask: (user, { id }) => user.request("DELETE", `/api/messages/${id}/reactions/👍`),
    refused: 404,
  },
  "PATCH /api/messages/:id": {
    ask: (user, { id }) => user.request("PATCH", `/api/messages/${id}`, { text: "changed" }),
    refused: 404,
  },
  "DELETE /api/messages/:id": {
    ask: (user, { id }) => user.request("DELETE", `/api/messages/${id}`),
    refused: 404,
  },
  "GET /api/channels/:channel/messages": reading((room) => `/api/channels/${room}/messages`),
  "POST /api/channels/:channel/messages": {
    ask: (user, { room }) => user.post(`/api/channels/${room}/messages`, "hello"),
    refused: 403,
  },
  "POST /api/publish": {
    ask: (user, { room: to }) => user.request("POST", "/api/publish", { to, text: "hello" }),
    refused: 403,
  },
  "GET /api/channels/:channel/first": reading((room) => `/api/channels/${room}/first`),
  "GET /api/search": reading((room) => `/api/search?q=hello&channel=${room}`),
  "GET /api/channels/:channel/presence": reading((room) => `/api/channels/${room}/presence`),
  "PUT /api/conversations/:channel": {
    ask: (user, { room }) => user.request("PUT", `/api/conversations/${room}`, {}),
    refused: 403,
  },
  "POST /api/signals": {
    ask: (user, { room: channel }) =>
      user.request("POST", "/api/signals", { channel, type: "typing" }),
    refused: 403,
  },
  "GET /api/messages/:id/deliveries": {
    ask: (user, { id }) => user.request("GET", `/api/messages/${id}/deliveries`),
    refused: 404,
  },
};

/**
 * Routes that name no channel and no message, tell only the session's own list or the rights of guests, or are for API keys
 * with the scope `admin`.
 */
const OTHERS = [
  "GET /api/channels/:channel/guest-access",
  "POST /api/poll",
  "POST /api/sessions",
  ...["GET", "PATCH", "DELETE"].map((method) => `${method} /api/session`),
  ...["GET", "PUT", "DELETE"].map((method) => `${method} /api/push`),
  "POST /api/session/transfer",
  "POST /api/transfers",
  "POST /api/transfers/preview",
  "GET /api/rooms",
  "GET /api/conversations",
  "DELETE /api/conversations/:channel",
  "DELETE /api/sessions/:publicToken",
  "DELETE /api/users/:userId",
  "GET /api/erasures/:erasureId",
  "GET /api/export",
  "GET /api/trace",
  "GET /api/admin/overview",
  "GET /api/admin/sessions",
  "GET /api/admin/rooms",
  ...["GET", "POST", "DELETE"].map((method) => `${method} /api/admin/bans`),
  "GET /api/admin/audit",
  ...["POST /api/files", "PUT /api/files/:fileId/thumbnail"],
  ...["GET /api/files/:fileId", "GET /api/files/:fileId/thumbnail"],
];

/** A server with tokens, alice's room with a message, and one with that beginning that belongs to nobody. */
async function openWithRooms() {
  const chat = await Chat.open({ jwt: JWT, guestRights });
  const alice = await chat.withToken(await tokenFor());
  const room = `room:support-${alice.publicToken}`;
  const { id }: Message = await (await alice.say(room, "help")).json();
  const nobody = { channel: "room:support-x", text: "of nobody" };
  const [appended] = await chat.test.store.log.append([nobody]);
  const targets: readonly Target[] = [
    { room, id },
    { room: nobody.channel, id: appended!.message.id },
  ];
  return { chat, alice, own: { room, id }, targets };
}

const EVERYTHING = { read: ["*"], write: ["*"], admin: ["*"] };

for (
  const [who, open] of Object.entries({
    "another user": async (chat: Chat) =>
      await chat.withToken(await tokenFor({ sub: "43", name: "bob" })),
    "a user with all rights but those of patterns": async (chat: Chat) =>
      await chat.withToken(await tokenFor({ sub: "43", name: "bob", channels: EVERYTHING })),
    "an API key that reads": (chat: Chat) => Promise.resolve(withKey(chat, KEYS.read)),
  })
) {
  Deno.test(`[R10] ${who} cannot read or write a visitor's room by any route`, async () => {
    const { chat, targets } = await openWithRooms();
    await using _ = chat;
    const bob = await open(chat);
    const rooms = targets.map(({ room }) => room);

    for (const target of targets) {
      await expectRefusal(bob.send({ channel: target.room, event: "claimed" }), 403, "not_allowed");
      for (const [route, { ask, refused }] of Object.entries(ROUTES)) {
        const { status } = await ask(bob, target);
        const expected = status === 401 ? 401 : status === 403 ? 403 : refused;
        assertEquals([route, target.room, status], [route, target.room, expected]);
      }
    }

    const { cursor } = await bob.poll();
    await chat.test.store.log.append(rooms.map((channel) => ({ channel, text: "more" })));
    const reply = await bob.poll({ cursor, channels: rooms, hold: 0 });
    assertEquals([reply.messages, reply.signals], [[], []]);
    assertEquals(reply.refused, rooms.map((channel) => ({ channel, code: "not_allowed" })));
    assertEquals(await (await bob.request("GET", "/api/rooms")).json(), { rooms: [] });
    const all = await bob.request("GET", "/api/rooms?prefix=support-&all=true");
    assertEquals(all.status, 403);
    assertEquals(chat.internalErrors, []);
  });
}

Deno.test("[R10] these are all routes", async () => {
  await using chat = await Chat.open({ jwt: JWT });

  const routes = chat.app.routes
    .filter(({ method, path }) => method !== "ALL" && path.startsWith("/api/"))
    .map(({ method, path }) => `${method} ${path}`);

  assertEquals(routes.toSorted(), [...Object.keys(ROUTES), ...OTHERS].toSorted());
});

Deno.test("[R10] a visitor reads and writes the own room, whatever guests may do", async () => {
  const none = rightsOf({ visitorRooms: ["room:support-*", "room:help-*"] });
  await using chat = await Chat.open({ guestRights: none });
  const [alice, bob] = [await chat.signIn("alice"), await chat.signIn("bob")];
  const rooms = [`room:support-${alice.publicToken}`, `room:help-${alice.publicToken}`];

  for (const room of rooms) {
    const { id }: Message = await (await alice.say(room, "hello")).json();
    for (const route of ["GET /api/channels/:channel/messages", "POST /api/signals"]) {
      assertEquals((await ROUTES[route]!.ask(alice, { room, id })).ok, true);
      await expectRefusal(ROUTES[route]!.ask(bob, { room, id }), 403, "not_allowed");
    }
    const changed = await ROUTES["PATCH /api/messages/:id"]!.ask(alice, { room, id });
    assertEquals(changed.status, 200);
  }
  const { refused } = await alice.poll({ channels: [...rooms, "room:support-x", "room:tea"] });
  assertEquals(refused?.map(({ channel }) => channel), ["room:support-x", "room:tea"]);
});

Deno.test("[R10] who holds a pattern reads the rooms below it, and writes and administers with these rights", async () => {
  const { chat, alice, own, targets } = await openWithRooms();
  await using _ = chat;
  const patterns = ["room:support-*"];
  const channels = { patterns, write: patterns, admin: patterns };
  const withRights = async (sub: string, channels: unknown) =>
    await chat.withToken(await tokenFor({ sub, name: "bob", channels }));
  const [bob, carol] = [
    await withRights("43", channels),
    await withRights("44", { patterns }),
  ];

  for (const target of targets) {
    for (const [route, { ask }] of Object.entries(ROUTES)) {
      if (route.endsWith("deliveries")) continue;
      assertEquals([route, (await ask(bob, target)).ok], [route, true]);
    }
  }
  await expectRefusal(carol.say(own.room, "hello"), 403, "not_allowed");
  const page = await carol.request("GET", `/api/channels/${own.room}/messages`);
  assertEquals((await page.json()).readOnly, true);
  await expectRefusal(withKey(chat, KEYS.read).say(own.room, "hello"), 403, "not_allowed");
  const { id }: Message = await (await alice.say(own.room, "hello")).json();
  const deliveries = ROUTES["GET /api/messages/:id/deliveries"]!;
  assertEquals((await deliveries.ask(withKey(chat, KEYS.admin), { ...own, id })).status, 200);
  assertEquals((await alice.poll({ channels: [own.room] })).refused, undefined);
});

Deno.test("[R10] legacy pages cannot reach a visitor's room", async () => {
  await using chat = await Chat.open({ guestRights });
  const [alice, bob] = [await chat.signIn("alice"), await chat.signIn("bob")];
  const room = `room:support-${alice.publicToken}`;
  const page = legacyPage(chat, bob);

  await alice.say(room, "help");
  for (const sendto of [room, `support-${alice.publicToken}`]) {
    assertEquals((await page.say("hello", sendto)).ok, false);
  }
  await chat.test.store.log.append([{ channel: `notice:${bob.publicToken}`, text: "for bob" }]);

  assertEquals((await page.poll()).includes("Message:for bob;"), true);
  const { messages } = await (await alice.request("GET", `/api/channels/${room}/messages`)).json();
  assertEquals(texts({ messages }), ["help"]);
});

Deno.test("[R10] the client library gets nothing of another visitor's room", async () => {
  await using chat = await Chat.open({ guestRights });
  const [alice, bob] = [await chat.signIn("alice"), await chat.signIn("bob")];
  const room = `room:support-${alice.publicToken}`;
  // The library polls with these members.
  const poll = { channels: [room], tab: "tab", state: "active", hold: 0 } as const;

  const { cursor } = await bob.poll(poll);
  await alice.say(room, "help");
  const { messages, refused } = await bob.poll({ ...poll, cursor });

  assertEquals([messages, refused], [[], [{ channel: room, code: "not_allowed" }]]);
});

Deno.test("[R11] rooms of visitors are in no list, and who is there only their visitor and holders are told", async () => {
  await using chat = await Chat.open({ guestRights });
  const [alice, bob] = [await chat.signIn("alice"), await chat.signIn("bob")];
  const room = `room:support-${alice.publicToken}`;
  const { cursor } = await bob.poll({ channels: [room, "room:tea"] });

  await alice.poll({ channels: [room] });

  const { signals } = await bob.poll({ cursor, channels: [room, "room:tea"], hold: 0 });
  assertEquals(signals, []);
  for (const user of [alice, bob, withKey(chat, KEYS.admin)]) {
    const { rooms } = await (await user.request("GET", "/api/rooms")).json();
    assertEquals(rooms, [{ channel: "room:tea", present: 1 }]);
  }
  const seen = await alice.request("GET", `/api/channels/${room}/presence`);
  assertEquals((await seen.json()).total, 1);
});

Deno.test("[R12] VISITOR_ROOMS is a list of patterns with space for a public token", () => {
  const roomsOf = (list: string) => readConfig({ VISITOR_ROOMS: list }).auth.visitorRooms;

  assertEquals(roomsOf("none"), []);
  assertEquals(roomsOf("support-*, room:help.*"), ["room:support-*", "room:help.*"]);
  const long = "s".repeat(47);
  assertEquals(roomsOf(`${long}-*`), [`room:${long}-*`]);
  const wrong = ["*", "support*", "support-", "direct:*", "a-b-c-d-e-*", `${long}s-*`, "a b-*"];
  for (const list of wrong) {
    assertEquals(configErrors({ VISITOR_ROOMS: list }), [
      `VISITOR_ROOMS is "${list}"; allowed: none, or patterns separated by commas, such as ` +
      "support-*, whose beginnings end in -, _ or . and have at most 48 characters",
    ]);
  }
  assertEquals(configErrors({ VISITOR_ROOMS: "support-*", HOME_ROOM: "support-home" }), [
    "HOME_ROOM is a room of VISITOR_ROOMS, which nobody could read",
  ]);
});

function withKey(chat: Chat, key: string): TestUser {
  return chat.user({ publicToken: "key:test", privateToken: key, displayName: "test" });
}
