import { assertEquals } from "@std/assert";
import type { AdminOverview, LiveSessionsReply } from "../../server/protocol/admin_replies.ts";
import { stopClock } from "../support/clock.ts";
import { waitUntil } from "../support/wait_until.ts";
import { answer, Chat, KEYS, type TestUser } from "../support/chat.ts";

const PATHS = ["/api/admin/overview", "/api/admin/sessions", "/api/admin/rooms"];

async function get(chat: Chat, path: string, key: string = KEYS.admin): Promise<Response> {
  return await chat.app.request(path, { headers: { authorization: `Bearer ${key}` } });
}

async function overview(chat: Chat): Promise<AdminOverview> {
  return await (await get(chat, "/api/admin/overview")).json();
}

async function sessions(chat: Chat, query = ""): Promise<LiveSessionsReply> {
  return await (await get(chat, `/api/admin/sessions${query}`)).json();
}

/** Starts a poll of a room, and returns when it is parked. */
async function park(chat: Chat, user: TestUser, room: string, tab: string) {
  const { cursor } = await user.poll({ tab });
  const before = chat.test.hub.parked;
  const reply = user.poll({ cursor, channels: [room], tab });
  await waitUntil(() => chat.test.hub.parked > before, "the poll is parked");
  return { reply };
}

for (const path of PATHS) {
  Deno.test(`[J1] ${path} requires an API key with the scope admin`, async () => {
    await using chat = await Chat.open();
    const alice = await chat.signIn("alice");

    assertEquals((await get(chat, path)).status, 200);
    assertEquals((await get(chat, path, KEYS.publish)).status, 403);
    assertEquals((await get(chat, path, KEYS.read)).status, 403);
    assertEquals((await get(chat, path, "an-unknown-api-key-------")).status, 401);
    assertEquals((await get(chat, path, alice.privateToken)).status, 401);
    assertEquals((await chat.request("GET", path)).status, 401);
  });
}

Deno.test("[J2] the overview has gauges and counters", async () => {
  await using chat = await Chat.open();
  const [alice, bob] = [await chat.signIn("alice"), await chat.signIn("bob")];
  const { reply } = await park(chat, bob, "room:tea", "b1");
  const before = await overview(chat);

  await alice.say("room:tea", "hello");
  await reply;
  await answer(chat.request("GET", "/api/session"));

  const after = await overview(chat);
  assertEquals([before.parked, before.present, before.rooms, before.sessions], [1, 1, 1, 2]);
  assertEquals([before.counts.messages, after.counts.messages], [0, 1]);
  assertEquals(after.counts.deliveries - before.counts.deliveries, 1);
  assertEquals(after.counts.polls - before.counts.polls, 1);
  assertEquals(after.counts.refusals - before.counts.refusals, 1);
  assertEquals(after.parked, 0);
  assertEquals(after.startedAt <= after.now, true);
});

Deno.test("[J3] the sessions are listed with their tabs, their rooms and their parked polls", async () => {
  await using chat = await Chat.open();
  const bob = await chat.signIn("bob");
  await bob.poll({ channels: ["room:milk"], tab: "b2", state: "background" });
  const { reply } = await park(chat, bob, "room:tea", "b1");

  const { sessions: [found, ...others], more } = await sessions(chat);

  const { since, lastSeen, ...rest } = found!;
  assertEquals(rest, {
    publicToken: bob.publicToken,
    displayName: "bob",
    state: "active",
    rooms: ["room:milk", "room:tea"],
    tabs: [
      { tab: "b2", state: "background", parked: false, rooms: ["room:milk"] },
      { tab: "b1", state: "active", parked: true, rooms: ["room:tea"] },
    ],
    elsewhere: 0,
  });
  assertEquals(since <= lastSeen, true);
  assertEquals([others, more], [[], false]);
  await bob.request("DELETE", "/api/session");
  await reply;
});

Deno.test("[J3] the pages contain each session once", async () => {
  await using chat = await Chat.open();
  const tokens: string[] = [];
  for (let n = 0; n < 7; n++) {
    const user = await chat.signIn(`guest ${n}`);
    await user.poll({ channels: ["room:tea"] });
    tokens.push(user.publicToken);
  }

  const pages: string[][] = [];
  let [after, more] = ["", true];
  while (more) {
    const page = await sessions(chat, `?limit=3&after=${after}`);
    pages.push(page.sessions.map(({ publicToken }) => publicToken));
    after = page.sessions.at(-1)?.publicToken ?? "";
    more = page.more;
  }

  assertEquals(pages.map(({ length }) => length), [3, 3, 1]);
  assertEquals(pages.flat(), tokens.sort());
});

Deno.test("[J24] the sessions are sorted by name, or the newest first, over all pages", async () => {
  using clock = stopClock();
  await using chat = await Chat.open();
  for (const name of ["guest 10", "Bob", "guest 2", "alice", "bob"]) {
    await (await chat.signIn(name)).poll();
    await clock.pass(2_000);
  }
  const pagesBy = async (sort: string) => {
    const names: string[] = [];
    for (let after = "";;) {
      const query = new URLSearchParams({ sort, after, limit: "2" });
      const page = await sessions(chat, `?${query}`);
      names.push(...page.sessions.map(({ displayName }) => displayName));
      if (page.next === undefined) return names;
      after = page.next;
    }
  };

  const byName = await pagesBy("name");

  assertEquals(byName.map((name) => name.toLowerCase()), [
    ...["alice", "bob", "bob", "guest 2", "guest 10"],
  ]);
  assertEquals(await pagesBy("since"), ["bob", "alice", "guest 2", "Bob", "guest 10"]);
});

Deno.test("[J3] a session is found by a part of its name or the beginning of its public token", async () => {
  await using chat = await Chat.open();
  const [alice, bob] = [await chat.signIn("Alice"), await chat.signIn("bob")];
  for (const user of [alice, bob]) await user.poll();
  const found = async (search: string) =>
    (await sessions(chat, `?search=${encodeURIComponent(search)}`)).sessions
      .map(({ displayName }) => displayName);

  assertEquals(await found("LIC"), ["Alice"]);
  assertEquals(await found(bob.publicToken), ["bob"]);
  assertEquals(await found("nobody"), []);
});

Deno.test("[J3] no reply contains a private token", async () => {
  await using chat = await Chat.open();
  const bob = await chat.signIn("bob");
  await bob.poll({ channels: ["room:tea"] });

  for (const path of PATHS) {
    assertEquals((await (await get(chat, path)).text()).includes(bob.privateToken), false, path);
  }
});

Deno.test("[J3] an invalid query is refused", async () => {
  await using chat = await Chat.open();

  for (
    const query of [
      "limit=0",
      "limit=101",
      "limit=x",
      "sort=age",
      `search=${"x".repeat(129)}`,
      "of=tea",
    ]
  ) {
    assertEquals((await get(chat, `/api/admin/sessions?${query}`)).status, 422, query);
  }
});

Deno.test("[J4] the rooms are listed even if sessions may not list them", async () => {
  await using chat = await Chat.open({ listsRooms: false });
  const [alice, bob] = [await chat.signIn("alice"), await chat.signIn("bob")];
  await alice.poll({ channels: ["room:tea", "room:milk"] });
  await bob.poll({ channels: ["room:tea"] });

  assertEquals(await (await get(chat, "/api/admin/rooms")).json(), {
    rooms: [{ channel: "room:tea", present: 2 }, { channel: "room:milk", present: 1 }],
    total: 2,
  });
});
