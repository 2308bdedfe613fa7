import { assertEquals } from "@std/assert";
import type { AuditEntry, AuditReply } from "../../server/protocol/moderation_replies.ts";
import { asAdmin, ban } from "../support/bans.ts";
import { Chat, KEYS, type TestUser } from "../support/chat.ts";
import { stopClock } from "../support/clock.ts";
import { TestHub } from "../support/hub.ts";
import { expectRefusal } from "../support/problem.ts";
import { JWT, tokenFor } from "../support/tokens.ts";

async function send(
  chat: Chat,
  method: string,
  path: string,
  body?: unknown,
  key: string = KEYS.admin,
) {
  const response = await chat.app.request(path, {
    method,
    headers: { authorization: `Bearer ${key}`, "content-type": "application/json" },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  await response.text();
  return response;
}

async function audit(chat: Chat, query = ""): Promise<AuditReply> {
  const response = await chat.app.request(`/api/admin/audit${query}`, {
    headers: { authorization: `Bearer ${KEYS.admin}` },
  });
  return await response.json();
}

/** The entries, oldest first, without their ids and times. */
async function actions(chat: Chat): Promise<Partial<AuditEntry>[]> {
  const { entries } = await audit(chat);
  return entries.map(({ id: _1, at: _2, ...action }) => action).reverse();
}

/** The id of a message that alice sends. */
async function messageOf(alice: TestUser): Promise<number> {
  return (await (await alice.say("room:tea", "hello")).json()).id;
}

Deno.test("[J40] what administrators do is listed with who, when and on whom", async () => {
  using _clock = stopClock();
  await using chat = await Chat.open();
  const alice = await chat.signIn("alice");
  const { publicToken } = await chat.signIn("bob");
  const id = await messageOf(alice);

  await send(chat, "DELETE", `/api/sessions/${publicToken}`);
  await ban(chat, { user: "42", duration: 60_000, reason: "spam" });
  await asAdmin(chat, "DELETE", "?user=42");
  await send(chat, "PATCH", `/api/messages/${id}`, { text: "hello, all" });
  await send(chat, "DELETE", `/api/messages/${id}`);
  await send(chat, "GET", "/api/export?room=tea");
  await send(chat, "POST", "/api/publish", { to: "room:tea", text: "Tea is ready" });

  const by = "api:adminer";
  const at = Date.UTC(2026, 0, 1);
  assertEquals(await actions(chat), [
    { by, action: "kick", kind: "session", target: publicToken },
    { by, action: "ban", kind: "user", target: "42", until: at + 60_000 },
    { by, action: "lift", kind: "user", target: "42" },
    { by, action: "edit", kind: "message", target: String(id) },
    { by, action: "delete", kind: "message", target: String(id) },
    { by, action: "export", kind: "room", target: "tea" },
    { by, action: "notice", kind: "room", target: "tea" },
  ]);
  const { entries } = await audit(chat);
  assertEquals(entries.map(({ id }) => id), [6, 5, 4, 3, 2, 1, 0]);
  assertEquals(entries.every((entry) => entry.at === at), true);
});

Deno.test("[J40] the list contains no text, no reason and no token that signs anybody in", async () => {
  await using chat = await Chat.open();
  const alice = await chat.signIn("alice");
  const id = await messageOf(alice);

  await ban(chat, { session: alice.publicToken, reason: "a secret reason" });
  await send(chat, "PATCH", `/api/messages/${id}`, { text: "a secret text" });
  await send(chat, "POST", "/api/publish", { to: "everyone", title: "secret", text: "secret" });

  const list = JSON.stringify(await audit(chat));
  assertEquals([list.includes("secret"), list.includes(alice.privateToken)], [false, false]);
  assertEquals(list.includes(KEYS.admin), false);
});

Deno.test("[J40] what fails, and what people and back ends do for themselves, is not listed", async () => {
  await using chat = await Chat.open();
  const alice = await chat.signIn("alice");
  const id = await messageOf(alice);

  await send(chat, "DELETE", "/api/sessions/0123456789abcdef");
  await asAdmin(chat, "DELETE", "?user=42");
  await send(chat, "DELETE", "/api/messages/999");
  await send(chat, "GET", "/api/export?room=a%20b");
  await send(chat, "POST", "/api/publish", { to: "everyone", text: "hello" }, KEYS.publish);
  await alice.request("PATCH", `/api/messages/${id}`, { text: "hi" });
  await alice.request("DELETE", `/api/messages/${id}`);

  assertEquals(await audit(chat), { entries: [], more: false });
});

Deno.test("[J40] moderators are listed by their public tokens", async () => {
  await using chat = await Chat.open({ jwt: JWT });
  const alice = await chat.withToken(await tokenFor());
  const id = await messageOf(alice);
  const rights = { channels: { read: ["*"], write: ["*"], admin: ["*"] } };
  const boss = await chat.withToken(await tokenFor({ sub: "43", name: "boss", ...rights }));

  await boss.request("DELETE", `/api/messages/${id}`);
  await boss.request("POST", "/api/publish", { to: "user:42", text: "be kind" });

  const by = `user:${boss.publicToken}`;
  assertEquals(await actions(chat), [
    { by, action: "delete", kind: "message", target: String(id) },
    { by, action: "notice", kind: "user", target: "42" },
  ]);
});

Deno.test("[J40] notices to the same recipient within a minute are one entry, and so are those of one request", async () => {
  using clock = stopClock();
  await using chat = await Chat.open();
  const publish = (to: string | string[]) =>
    send(chat, "POST", "/api/publish", { to, text: "hello" });

  for (let n = 0; n < 3; n++) await publish("everyone");
  await publish(["room:tea", "room:milk"]);
  await publish("everyone");
  await clock.pass(60_000);
  await publish("everyone");

  const by = "api:adminer";
  assertEquals(await actions(chat), [
    { by, action: "notice", kind: "everyone", count: 3 },
    { by, action: "notice", kind: "several", count: 2 },
    { by, action: "notice", kind: "everyone" },
    { by, action: "notice", kind: "everyone" },
  ]);
});

Deno.test("[J40] what a back end does to many messages within a minute is one entry, but not what people do", async () => {
  using clock = stopClock();
  await using chat = await Chat.open({ jwt: JWT });
  const alice = await chat.withToken(await tokenFor());
  const ids: number[] = [];
  for (let n = 0; n < 5; n++) ids.push(await messageOf(alice));
  const rights = { channels: { read: ["*"], write: ["*"], admin: ["*"] } };
  const boss = await chat.withToken(await tokenFor({ sub: "43", name: "boss", ...rights }));

  for (const id of ids.slice(0, 3)) await send(chat, "DELETE", `/api/messages/${id}`);
  await clock.pass(60_000);
  await send(chat, "PATCH", `/api/messages/${ids[3]}`, { text: "hi" });
  await send(chat, "PATCH", `/api/messages/${ids[3]}`, { text: "hi all" });
  for (const id of ids.slice(3)) await boss.request("DELETE", `/api/messages/${id}`);

  const [by, person] = ["api:adminer", `user:${boss.publicToken}`];
  assertEquals(await actions(chat), [
    { by, action: "delete", kind: "message", count: 3 },
    { by, action: "edit", kind: "message", target: String(ids[3]), count: 2 },
    { by: person, action: "delete", kind: "message", target: String(ids[3]) },
    { by: person, action: "delete", kind: "message", target: String(ids[4]) },
  ]);
});

Deno.test("[J41] the list is the same on all nodes, in pages, and survives a restart", async () => {
  await using chat = await Chat.open();
  const second = await TestHub.open({}, chat.test.store);
  await using _ = second.hub;
  const other = Chat.over(second);

  const exports = Array.from(
    { length: 130 },
    (_, n) => send(n % 2 === 0 ? chat : other, "GET", `/api/export?room=r${n}`),
  );
  await Promise.all(exports);

  const ids: number[] = [];
  for (let query = "?limit=40";;) {
    const { entries, more } = await audit(ids.length % 80 === 0 ? chat : other, query);
    ids.push(...entries.map(({ id }) => id));
    if (!more) break;
    query = `?limit=40&before=${ids.at(-1)}`;
  }
  assertEquals(ids, Array.from({ length: 130 }, (_, n) => 129 - n));
  const test = await TestHub.open({}, chat.test.store);
  await using _restarted = test.hub;
  assertEquals((await audit(Chat.over(test))).entries.length, 50);
});

Deno.test("[J41] the newest 10,000 actions are kept", async () => {
  await using test = await TestHub.open();
  const { audit } = test.hub;
  const record = (n: number) =>
    audit.record({ by: "api:boss", action: "export", kind: "room", target: `r${n}` });

  await Promise.all(Array.from({ length: 10_120 }, (_, n) => record(n)));

  const last = await audit.list({ limit: 1 });
  const oldest = await audit.list({ before: 150, limit: 100 });
  assertEquals(last.entries.map(({ target }) => target), ["r10119"]);
  assertEquals(oldest, { entries: oldest.entries, more: false });
  assertEquals(oldest.entries.length <= 50, true);
  assertEquals(await test.store.keyValue.get("audit 0"), undefined);
});

Deno.test("[J42] an erased person is named by no entry, also not by that of the erasure", async () => {
  using clock = stopClock();
  await using chat = await Chat.open();
  const { publicToken } = await (await chat.app.request("/api/sessions", {
    method: "POST",
    headers: { authorization: `Bearer ${KEYS.users}`, "content-type": "application/json" },
    body: JSON.stringify({ displayName: "alice", userId: "42" }),
  })).json();
  await send(chat, "POST", "/api/publish", { to: "user:42", text: "hello" });
  await send(chat, "GET", `/api/export?session=${publicToken}`);
  await send(chat, "GET", "/api/export?room=tea");
  await using _job = chat.test.hub.erasures.startJob({
    onDone: () => {},
    onError: (error) => chat.internalErrors.push(error),
  });

  await send(chat, "DELETE", "/api/users/42");
  await clock.pass(20_000);

  const by = "api:adminer";
  assertEquals(await actions(chat), [
    { by, action: "notice", kind: "user" },
    { by, action: "export", kind: "session" },
    { by, action: "export", kind: "room", target: "tea" },
    { by, action: "erase", kind: "user" },
  ]);
  assertEquals(chat.internalErrors, []);
});

Deno.test("[J43] the list needs the scope admin, and a valid query", async () => {
  await using chat = await Chat.open();

  for (const key of [KEYS.publish, KEYS.read, KEYS.users]) {
    const headers = { authorization: `Bearer ${key}` };
    const asked = chat.app.request("/api/admin/audit", { headers });
    await expectRefusal(asked, 403, "not_allowed");
  }
  for (const query of ["limit=0", "limit=101", "before=x", "after=1"]) {
    const headers = { authorization: `Bearer ${KEYS.admin}` };
    const asked = chat.app.request(`/api/admin/audit?${query}`, { headers });
    await expectRefusal(asked, 422, "invalid_request");
  }
});
