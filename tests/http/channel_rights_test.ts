import { assertEquals } from "@std/assert";
import { guestRightsOf } from "../../server/http/auth/auth_settings.ts";
import { rightsOf } from "../../server/core/model/rights.ts";
import { Chat, KEYS, type TestUser } from "../support/chat.ts";
import { settle } from "../support/clock.ts";
import { texts } from "../support/hub.ts";
import { legacyPage } from "../support/legacy.ts";
import { expectRefusal } from "../support/problem.ts";
import { JWT, tokenFor } from "../support/tokens.ts";

/** All routes that read a channel. */
const READING: Record<string, (user: TestUser, channel: string) => Promise<Response>> = {
  "read its history": (user, channel) => user.request("GET", `/api/channels/${channel}/messages`),
  "see its presence": (user, channel) => user.request("GET", `/api/channels/${channel}/presence`),
  "open it": (user, channel) => user.request("PUT", `/api/conversations/${channel}`, {}),
};

/** All routes that write to a channel. */
const WRITING: Record<string, (user: TestUser, channel: string) => Promise<Response>> = {
  "send to it": (user, channel) => user.say(channel, "hello"),
  "send data to it": (user, channel) => user.send({ channel, data: 1 }),
  "type in it": (user, channel) =>
    user.request("POST", "/api/signals", { channel, type: "typing" }),
};

const CHANNELS = { read: ["room:tea", "room:team-*"], write: ["room:tea"] };

/** Users with the rights above: from their token, or because guests have them. */
const USERS: Record<string, () => Promise<{ chat: Chat; alice: TestUser }>> = {
  "[Q7] user with a token with rights": async () => {
    const chat = await Chat.open({ jwt: JWT });
    return { chat, alice: await chat.withToken(await tokenFor({ channels: CHANNELS })) };
  },
  "[Q7] user with a token without rights": async () => {
    const guestRights = guestRightsOf({ ...CHANNELS, direct: false, reservedNames: [] });
    const chat = await Chat.open({ jwt: JWT, guestRights });
    return { chat, alice: await chat.withToken(await tokenFor()) };
  },
  "[Q8] guest": async () => {
    const guestRights = guestRightsOf({ ...CHANNELS, direct: false, reservedNames: [] });
    const chat = await Chat.open({ guestRights });
    return { chat, alice: await chat.signIn("alice") };
  },
};

Deno.test("[Q21] pages of history say which rooms a user may administer", async () => {
  await using chat = await Chat.open({ jwt: JWT });
  const channels = { read: ["room:tea"], write: ["*"], admin: ["room:milk", "direct:*", "notice"] };
  const alice = await chat.withToken(await tokenFor({ channels }));
  const { publicToken } = await chat.test.hub.signInUser("43", "bob");
  const asked = ["room:tea", "room:milk", `direct:${publicToken}`, "notice"];

  const replies = await Promise.all(asked.map(async (channel) => {
    const path = `/api/channels/${channel}/messages`;
    return (await (await alice.request("GET", path)).json()).mayAdminister;
  }));

  assertEquals(replies, [undefined, true, undefined, undefined]);
});

for (const [title, open] of Object.entries(USERS)) {
  const [id, user] = [title.slice(0, 4), title.slice(5)];

  Deno.test(`${id} a ${user} can only read and write these rooms, by every route`, async () => {
    const { chat, alice } = await open();
    await using _ = chat;

    for (const [what, read] of Object.entries(READING)) {
      for (const channel of ["room:tea", "room:team-a"]) {
        const { ok } = await read(alice, channel);
        assertEquals([what, channel, ok], [what, channel, true]);
      }
      await expectRefusal(read(alice, "room:milk"), 403, "not_allowed");
    }
    const { refused } = await alice.poll({ channels: ["room:tea", "room:team-a", "room:milk"] });
    assertEquals(refused, [{ channel: "room:milk", code: "not_allowed" }]);
    for (const [what, write] of Object.entries(WRITING)) {
      const { ok } = await write(alice, "room:tea");
      assertEquals([what, ok], [what, true]);
      for (const channel of ["room:team-a", "room:milk", "room:lobby"]) {
        await expectRefusal(write(alice, channel), 403, "not_allowed");
      }
    }
    assertEquals(chat.internalErrors, []);
  });

  Deno.test(`${id} a ${user} cannot send direct messages, but receives them`, async () => {
    const { chat, alice } = await open();
    await using _ = chat;
    const { hub } = chat.test;
    const { publicToken } = await hub.signInUser("43", "bob");
    const bob = await hub.sessions.find(publicToken);
    const { cursor } = await alice.poll();
    const direct = `direct:${publicToken}`;

    for (const write of Object.values(WRITING)) {
      await expectRefusal(write(alice, direct), 403, "not_allowed");
    }
    await hub.send(bob ?? fail(), { channel: `direct:${alice.publicToken}`, text: "hello" });

    assertEquals(texts(await alice.poll({ cursor })), ["hello"]);
    assertEquals((await alice.request("GET", `/api/channels/${direct}/messages`)).status, 200);
  });

  Deno.test(`[Q21] pages of history say where a ${user} may not write`, async () => {
    const { chat, alice } = await open();
    await using _ = chat;
    const { publicToken } = await chat.test.hub.signInUser("43", "bob");
    const channels = ["room:tea", "room:team-a", `direct:${publicToken}`, "notice"];

    const replies = await Promise.all(channels.map(async (channel) => {
      const path = `/api/channels/${channel}/messages`;
      return await (await alice.request("GET", path)).json();
    }));

    assertEquals(replies, [
      { messages: [], more: false },
      ...Array(3).fill({ messages: [], more: false, readOnly: true }),
    ]);
  });

  Deno.test(`${id} the legacy page of a ${user} cannot write to the lobby, but reads its own messages`, async () => {
    const { chat, alice } = await open();
    await using _ = chat;
    const page = legacyPage(chat, alice);
    await chat.test.store.log.append([
      { channel: "room:lobby", text: "not for alice" },
      { channel: `notice:${alice.publicToken}`, text: "for alice" },
    ]);

    await expectRefusal(page.say("hello"), 403, "not_allowed");

    assertEquals((await page.poll()).includes("Message:for alice;"), true);
  });

  Deno.test(`${id} a ${user} sees no other rooms in the list`, async () => {
    const { chat, alice } = await open();
    await using _ = chat;
    const { hub } = chat.test;
    const { publicToken } = await hub.signInUser("43", "bob");
    const bob = await hub.sessions.find(publicToken) ?? fail();
    await chat.test.poll(bob, { channels: ["room:tea", "room:milk"] });

    const { rooms } = await (await alice.request("GET", "/api/rooms")).json();

    assertEquals(rooms, [{ channel: "room:tea", present: 1 }]);
  });
}

Deno.test("[Q7] a new token with fewer rights closes rooms to a tab that goes on reading, and in the list", async () => {
  await using chat = await Chat.open({ jwt: JWT });
  const wide = await chat.withToken(await tokenFor());
  const { cursor } = await wide.poll({ channels: ["room:milk"] });
  await wide.request("PUT", "/api/conversations/room:milk", {});
  await wide.say("room:milk", "a secret");

  const narrow = await chat.withToken(await tokenFor({ channels: CHANNELS }));

  const { messages, refused } = await narrow.poll({ cursor, channels: ["room:milk"], hold: 0 });
  assertEquals(messages, []);
  assertEquals(refused, [{ channel: "room:milk", code: "not_allowed" }]);
  const list = await (await narrow.request("GET", "/api/conversations")).json();
  assertEquals(list, { conversations: [] });
});

Deno.test("[Q7] the right to write to one person does not include others", async () => {
  await using chat = await Chat.open({ jwt: JWT });
  const bob = await chat.withToken(await tokenFor({ sub: "43", name: "bob" }));
  const carol = await chat.withToken(await tokenFor({ sub: "44", name: "carol" }));
  const write = [`direct:${bob.publicToken}`];
  const alice = await chat.withToken(await tokenFor({ channels: { write } }));

  assertEquals((await alice.say(`direct:${bob.publicToken}`, "hello")).status, 201);
  const pair = `direct:${bob.publicToken}:${alice.publicToken}`;
  assertEquals((await alice.say(pair, "hello")).status, 201);
  await expectRefusal(alice.say(`direct:${carol.publicToken}`, "hello"), 403, "not_allowed");
});

Deno.test("[Q7] an administrator of a room publishes there, and nowhere else", async () => {
  await using chat = await Chat.open({ jwt: JWT });
  const alice = await chat.withToken(await tokenFor({ channels: { admin: ["room:tea"] } }));
  const bob = await chat.withToken(await tokenFor({ sub: "43", name: "bob" }));
  const publish = (user: TestUser, to: string) =>
    user.request("POST", "/api/publish", { to, text: "closing time" });

  const { cursor } = await bob.poll();
  assertEquals((await publish(alice, "room:tea")).status, 201);
  const { messages } = await bob.poll({ cursor, channels: ["room:tea"] });
  assertEquals(messages.map(({ from, text }) => [from, text]), [[undefined, "closing time"]]);
  assertEquals((await alice.say("room:tea", "hello")).status, 201);
  for (const to of ["room:milk", "everyone", "user:43", `session:${bob.publicToken}`]) {
    await expectRefusal(publish(alice, to), 403, "not_allowed");
  }
  await expectRefusal(publish(bob, "room:tea"), 403, "not_allowed");
});

Deno.test("[Q8] guests without the right to write can read", async () => {
  const guestRights = guestRightsOf({
    read: ["room:*"],
    write: [],
    direct: true,
    reservedNames: [],
  });
  await using chat = await Chat.open({ guestRights });
  const [alice, bob] = [await chat.signIn("alice"), await chat.signIn("bob")];
  const { cursor } = await alice.poll({ channels: ["room:tea"] });
  const parked = alice.poll({ cursor, channels: ["room:tea"] });
  await settle();

  await expectRefusal(bob.say("room:tea", "hello"), 403, "not_allowed");
  await chat.test.store.log.append([{ channel: "room:tea", text: "hello" }]);

  assertEquals(texts(await parked), ["hello"]);
  assertEquals((await bob.say(`direct:${alice.publicToken}`, "hello")).status, 201);
});

Deno.test("[Q8] users that a back end signs in are not guests", async () => {
  await using chat = await Chat.open({ guestRights: rightsOf({}) });
  const alice = chat.user(await chat.test.hub.signInUser("42", "alice"));

  assertEquals((await alice.say("room:tea", "hello")).status, 201);
});

Deno.test("[Q7] a pattern is a channel, the beginning of one, or *", () => {
  const { read } = rightsOf({ read: ["room:Rene\u0301", "room:team-*", "notice"] });

  const covered = ["room:Ren\u00e9", "room:team-", "room:team-a", "notice"];
  const others = ["room:Ren", "room:team", "room:Team-a", "direct:x", "notice:aliceAliceAlice_"];
  assertEquals([...covered, ...others].filter((address) => read.covers(address)), covered);
  for (const wrong of ["tea", "", "room:", "room:*tea", "r*", "room:a*b", "room:a b*", "inbox:*"]) {
    assertThrowsAny(() => rightsOf({ read: [wrong] }), wrong);
  }
});

function assertThrowsAny(run: () => void, what: string): void {
  try {
    run();
  } catch {
    return;
  }
  throw new Error(`"${what}" is accepted as a pattern`);
}

function fail(): never {
  throw new Error("There is no such session");
}

Deno.test("[R13] patterns are read with the claim of a token or the scope of a key, and by no guest", async () => {
  const channels = ["room:support-*", "room:support-eu-*"];
  const guestRights = guestRightsOf({
    ...{ read: ["room:*"], write: ["room:*"], direct: true, reservedNames: [] },
  });
  await using chat = await Chat.open({ jwt: JWT, guestRights });
  const withClaims = async (channels?: unknown) =>
    await chat.withToken(await tokenFor(channels === undefined ? {} : { channels }));
  const withKey = (key: string) =>
    chat.user({ publicToken: "key:test", privateToken: key, displayName: "test" });
  const all = ["room:*"];
  const users: readonly (readonly [TestUser, number])[] = [
    [await withClaims(), 2],
    [await withClaims({ read: all, write: all, admin: ["*"] }), 2],
    [await withClaims({ patterns: ["room:support-eu-*"] }), 1],
    [await withClaims({ patterns: ["room:support-*"] }), 0],
    [await withClaims({ patterns: ["room:sup*"] }), 0],
    [await withClaims({ patterns: ["*"] }), 0],
    [withKey(KEYS.read), 2],
    [withKey(KEYS.admin), 0],
  ];

  for (const [user, expected] of users) {
    const { refused = [] } = await user.poll({ channels });
    const pages = await Promise.all(
      channels.map((channel) => user.request("GET", `/api/channels/${channel}/messages`)),
    );
    const refusedPages = pages.filter(({ status }) => status === 403);
    assertEquals([refused.length, refusedPages.length], [expected, expected]);
  }
});

Deno.test("[R13] a claim of patterns that are none makes the token invalid", async () => {
  await using chat = await Chat.open({ jwt: JWT });

  for (const pattern of ["room:tea", "direct:*", "notice", "notice:*", "support-*", ""]) {
    const token = await tokenFor({ channels: { patterns: [pattern] } });
    const headers = { authorization: `Bearer ${token}` };
    await expectRefusal(chat.app.request("/api/session", { headers }), 401, "not_signed_in");
  }
});

Deno.test("[R13] nothing is sent to a pattern, and it is no conversation", async () => {
  await using chat = await Chat.open({ jwt: JWT });
  const channels = { read: ["*"], write: ["*"], patterns: ["*"] };
  const alice = await chat.withToken(await tokenFor({ channels }));

  for (
    const ask of [...Object.values(WRITING), READING["open it"]!, READING["see its presence"]!]
  ) {
    await expectRefusal(ask(alice, "room:support-*"), 422, "invalid_request");
  }
});
