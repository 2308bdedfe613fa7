import { assert, assertEquals } from "@std/assert";
import type { Person } from "../../server/protocol/message.ts";
import type { HistoryReply, PollReply, PresenceReply } from "../../server/protocol/replies.ts";
import { Chat, KEYS, type TestUser } from "../support/chat.ts";
import { stopClock } from "../support/clock.ts";

const USER_ID = "user id 42";

/** A request with an API key. */
async function ask(chat: Chat, scope: keyof typeof KEYS, path: string, body?: unknown) {
  const response = await chat.app.request(path, {
    method: body === undefined ? "GET" : "POST",
    headers: { authorization: `Bearer ${KEYS[scope]}`, "content-type": "application/json" },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  assert(response.ok, await response.clone().text());
  return await response.json();
}

/** Alice, a user of the application, and bob, a guest. */
async function signIn(chat: Chat): Promise<{ alice: TestUser; bob: TestUser }> {
  const body = { userId: USER_ID, displayName: "alice" };
  return {
    alice: chat.user(await ask(chat, "users", "/api/sessions", body)),
    bob: await chat.signIn("bob"),
  };
}

Deno.test("[M31] programs with an API key get the user ids of senders, of signals and of readers", async () => {
  using clock = stopClock();
  await using chat = await Chat.open();
  const { alice, bob } = await signIn(chat);
  const poll = { channels: ["room:tea"], tab: "bot" };
  const { cursor }: PollReply = await ask(chat, "read", "/api/poll", poll);
  await alice.poll({ channels: ["room:tea"] });
  await alice.say("room:tea", "from a user");
  await bob.say("room:tea", "from a guest");
  await clock.pass(100);

  const reply: PollReply = await ask(chat, "read", "/api/poll", { ...poll, cursor, hold: 0 });
  const path = "/api/channels/room:tea";
  const history: HistoryReply = await ask(chat, "read", `${path}/messages`);
  const presence: PresenceReply = await ask(chat, "read", `${path}/presence`);

  const ids = (people: readonly (Person | undefined)[]) => people.map((one) => one?.userId);
  assertEquals(ids(reply.messages.map(({ from }) => from)), [USER_ID, undefined]);
  assertEquals(ids(reply.signals.map(({ from }) => from)), [USER_ID]);
  assertEquals(ids(history.messages.map(({ from }) => from)), [undefined, USER_ID]);
  assertEquals(ids(presence.present), [USER_ID]);
});

Deno.test("[M31] sessions get no user ids, not even their own, in any reply", async () => {
  using clock = stopClock();
  await using chat = await Chat.open();
  const { alice, bob } = await signIn(chat);
  const direct = `direct:${alice.publicToken}`;
  const before = { alice: await alice.poll(), bob: await bob.poll({ channels: ["room:tea"] }) };
  const channels = ["room:tea"];
  const key = { channel: "room:tea", text: "hello", key: "k" };
  const sent = [await alice.send(key), await alice.send(key), await bob.say(direct, "hi")];
  await alice.say(`direct:${bob.publicToken}`, "hi, too");
  await ask(chat, "publish", "/api/publish", { to: `user:${USER_ID}`, text: "a notice" });
  // A program polls for the same messages: what it gets must not be reused.
  await ask(chat, "read", "/api/poll", { channels, cursor: before.bob.cursor, hold: 0 });
  const poll = { channels, hold: 0 };
  const polled = [
    await alice.poll({ ...poll, cursor: before.alice.cursor }),
    await bob.poll({ ...poll, cursor: before.bob.cursor }),
  ];
  await clock.pass(1_000);
  const paths = [
    "session",
    "rooms",
    "conversations",
    "channels/room:tea/messages",
    "channels/room:tea/presence",
    `channels/${direct}/messages`,
    `channels/${direct}/presence`,
    `channels/notice:${alice.publicToken}/messages`,
  ];

  const replies = [...sent];
  for (const user of [alice, bob]) {
    for (const path of paths) replies.push(await user.request("GET", `/api/${path}`));
  }

  const bodies = await Promise.all(replies.map((reply) => reply.text()));
  const all = JSON.stringify([bodies, polled]);
  assert(all.includes("a notice") && all.includes("hi, too"));
  assertEquals([all.includes("userId"), all.includes(USER_ID)], [false, false]);
});

Deno.test("[M31] deliveries have the user id of a recipient who has never connected", async () => {
  await using chat = await Chat.open();
  const { messages: [{ id }] } = await ask(chat, "publish", "/api/publish", {
    to: `user:${USER_ID}`,
    text: "a notice",
  });

  const { recipient } = await ask(chat, "read", `/api/messages/${id}/deliveries`);

  assertEquals(recipient.userId, USER_ID);
});
