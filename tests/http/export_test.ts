import { assert, assertEquals } from "@std/assert";
import type { ExportLine } from "../../server/protocol/admin_replies.ts";
import type { Message } from "../../server/protocol/message.ts";
import { Chat, KEYS } from "../support/chat.ts";
import { expectRefusal } from "../support/problem.ts";

function get(chat: Chat, query: string, key: string = KEYS.admin): Promise<Response> {
  const headers = { authorization: `Bearer ${key}` };
  return Promise.resolve(chat.app.request(`/api/export?${query}`, { headers }));
}

async function lines(chat: Chat, query: string): Promise<readonly ExportLine[]> {
  const response = await get(chat, query);
  assertEquals(response.status, 200);
  assertEquals(response.headers.get("content-type"), "application/jsonl; charset=utf-8");
  return (await response.text()).trimEnd().split("\n").map((line) => JSON.parse(line));
}

function messagesOf(exported: readonly ExportLine[]): readonly Message[] {
  return exported.flatMap((line) => "message" in line ? [line.message] : []);
}

Deno.test("[M57] the export of a room has its messages as they are now, with the user ids of senders", async () => {
  await using chat = await Chat.open();
  const { hub } = chat.test;
  await hub.signInUser("42", "alice");
  const alice = await hub.sessions.find(await hub.sessions.tokenOf("42"));
  const bob = await chat.signIn("bob");
  assert(alice);
  for (const text of ["one", "two"]) await chat.test.say(alice, "room:tea", text);
  await bob.say("room:tea", "three");
  await bob.say("room:milk", "elsewhere");
  await hub.change(alice, 1, { text: "uno" });
  await hub.change(alice, 2);

  const exported = await lines(chat, "room=tea");

  const messages = messagesOf(exported);
  assertEquals(messages.map(({ text }) => text), ["uno", "three"]);
  assertEquals(messages[0]?.from, { ...alice.person, userId: "42" } as Message["from"]);
  assertEquals(exported.at(-1), { end: true, messages: 2 });
});

Deno.test("[M57] the export of a person has the session, and what was written by and to the person", async () => {
  await using chat = await Chat.open();
  const [alice, bob] = [await chat.signIn("alice"), await chat.signIn("bob")];
  const { hub } = chat.test;
  await alice.say("room:tea", "one");
  await bob.say("room:tea", "of bob");
  await bob.say(`direct:${alice.publicToken}`, "psst");
  await hub.publishing.publish("shop", [{ to: `session:${alice.publicToken}`, text: "order" }]);
  await alice.request("PUT", `/api/conversations/direct:${bob.publicToken}`, { readUpTo: 3 });

  const exported = await lines(chat, `session=${alice.publicToken}`);

  const [first] = exported;
  assert(first && "session" in first);
  assertEquals(first.session.displayName, "alice");
  assertEquals(messagesOf(exported).map(({ text }) => text), ["one", "psst", "order"]);
  const kinds = exported.map((line) => Object.keys(line)[0]);
  assertEquals(kinds.filter((kind) => kind === "receipt").length, 1);
  assert(kinds.includes("readMarker"));
  assertEquals(exported.at(-1), { end: true, messages: 3 });
});

Deno.test("[D63] the export of a person has the settings of conversations", async () => {
  await using chat = await Chat.open();
  const alice = await chat.signIn("alice");
  await alice.request("PUT", "/api/conversations/room:tea", {
    notify: "none",
    pinned: true,
    unreadFrom: 3,
  });

  const exported = await lines(chat, `session=${alice.publicToken}`);

  const marker = { channel: "room:tea", readUpTo: 0, deliveredUpTo: 0 };
  assertEquals(exported.filter((line) => "readMarker" in line), [
    { readMarker: { ...marker, notify: "none", pinned: true, unreadFrom: 3 } },
  ]);
});

Deno.test("[M57] the export of a user has what waits for a user who was never there", async () => {
  await using chat = await Chat.open();
  await chat.test.hub.publishing.publish("shop", [{ to: "user:4 2", text: "order" }]);

  const exported = await lines(chat, "user=4%202");

  assertEquals(messagesOf(exported).map(({ text }) => text), ["order"]);
  assertEquals(exported.at(-1), { end: true, messages: 1 });
});

Deno.test("[M58] an export is read from the store as fast as its client takes it", async () => {
  await using chat = await Chat.open();
  const { log } = chat.test.store;
  for (let n = 0; n < 3_000; n++) {
    await log.append([{ channel: "room:tea", text: `${n} ${"x".repeat(2_000)}` }]);
  }
  let reads = 0;
  const { read } = log;
  log.read = (...args) => (reads++, read.apply(log, args));
  const reader = (await get(chat, "room=tea")).body?.getReader();

  await reader?.read();
  for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setTimeout(resolve, 1));

  assert(reads > 0 && reads <= 3, `${reads}`);
  await reader?.cancel();
});

Deno.test("[M57] an export requires an API key with the scope admin", async () => {
  await using chat = await Chat.open();
  const alice = await chat.signIn("alice");

  for (const key of [KEYS.publish, KEYS.users, KEYS.read]) {
    await expectRefusal(get(chat, "room=tea", key), 403, "not_allowed");
  }
  await expectRefusal(get(chat, "room=tea", alice.privateToken), 401, "not_signed_in");
});

for (
  const [what, query, status, code] of [
    ["no parameter", "", 422, "invalid_request"],
    ["two parameters", "room=tea&user=42", 422, "invalid_request"],
    ["an unknown parameter", "rooms=tea", 422, "invalid_request"],
    ["a name that no room can have", "room=a%20b", 422, "invalid_request"],
    ["an address instead of a name", "room=room:tea", 422, "invalid_request"],
    ["an empty user id", "user=", 422, "invalid_request"],
    ["no public token", "session=nobody", 404, "not_found"],
  ] as const
) {
  Deno.test(`[M57] an export with ${what} is refused with ${status}`, async () => {
    await using chat = await Chat.open();

    await expectRefusal(get(chat, query), status, code);
  });
}
