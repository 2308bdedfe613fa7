import { assertEquals, assertMatch } from "@std/assert";
import { Hub } from "../../server/core/hub/hub.ts";
import { parseRights } from "../../server/core/model/rights.ts";
import type { Message } from "../../server/protocol/message.ts";
import { createPushKey, PushKeys } from "../../server/push/push_key.ts";
import { HUB_OPTIONS } from "../support/hub.ts";
import { waitUntil } from "../support/wait_until.ts";
import { between, PushHub } from "./push_hub.ts";
import { textsOf } from "./push_service.ts";

Deno.test("[I68] a direct message that nobody reads is pushed to each device once, encrypted, with its contents", async () => {
  await using hub = await PushHub.open();
  const [alice, bob] = [await hub.signIn("alice"), await hub.signIn("bob", "phone", "laptop")];

  const { id, at } = await hub.test.say(alice, between(alice, bob), "are you there?");

  const [push] = await hub.service.receives(1, "phone");
  await hub.service.receives(1, "laptop");
  const channel = between(alice, bob);
  const content = { type: "message", channel, id, at, from: "alice", text: "are you there?" };
  assertEquals(push?.content, content);
  const names = ["content-encoding", "ttl", "urgency"];
  assertEquals(names.map((name) => push?.headers.get(name)), ["aes128gcm", "86400", "high"]);
  assertMatch(push?.headers.get("topic") ?? "", /^[\w-]{24}$/);
  await hub.test.say(alice, between(alice, bob), "last");
  await hub.service.receives(2, "phone");
  assertEquals(textsOf(await hub.service.receives(4)).sort(), [
    ...["are you there?", "are you there?", "last", "last"],
  ]);
});

Deno.test("[I68] mentions, replies and notices are pushed; what is said in a room to nobody in particular is not", async () => {
  await using hub = await PushHub.open();
  const { test } = hub;
  const [alice, bob] = [await hub.signIn("alice"), await hub.signIn("bob", "phone")];
  await test.hub.conversations.open(bob, "room:tea", {});
  const own = await test.say(bob, "room:tea", "who comes?");

  await test.say(alice, "room:tea", "to everybody");
  await test.send(alice, { channel: "room:tea", text: "I do", replyTo: own.id });
  await test.send(alice, { channel: "room:tea", text: "@bob, you?", mentions: [bob.publicToken] });
  await test.send(bob, { channel: "room:tea", text: "I, @bob", mentions: [bob.publicToken] });
  await test.hub.publishing.publish("api:shop", [
    { to: `session:${bob.publicToken}`, title: "Order 1986", text: "was shipped" },
  ]);

  const pushes = await hub.service.receives(3, "phone");
  assertEquals(textsOf(pushes).sort(), ["@bob, you?", "I do", "was shipped"]);
  const topics = new Set(pushes.map(({ headers }) => headers.get("topic")));
  // One for each conversation.
  assertEquals(topics.size, 2);
  const notice = pushes.find(({ content }) => content.title === "Order 1986");
  assertEquals(notice?.headers.get("urgency"), "normal");
});

Deno.test("[I69] what was delivered, read, deleted or muted meanwhile is not pushed, and nothing to who is banned", async () => {
  await using hub = await PushHub.open();
  const { test } = hub;
  const alice = await hub.signIn("alice");
  const names = ["bob", "carol", "dave", "erin", "gina"] as const;
  const [bob, carol, dave, erin, gina] = await Promise.all(
    names.map((name) => hub.signIn(name, name)),
  );
  const cursor = await test.cursor(bob!);
  await test.hub.conversations.open(erin!, between(alice, erin!), { notify: "none" });

  await test.say(alice, between(alice, bob!), "delivered");
  const read = await test.say(alice, between(alice, carol!), "read");
  const deleted = await test.say(alice, between(alice, dave!), "deleted");
  await test.say(alice, between(alice, erin!), "muted");
  await test.say(alice, between(alice, gina!), "banned");
  await test.hub.banning.ban({ kind: "session", id: gina!.publicToken }, { by: "boss" });
  const reply = await test.poll(bob!, { tab: "open", cursor, hold: 0 });
  await test.poll(bob!, { tab: "open", cursor: reply.cursor, hold: 0 });
  await test.hub.receipts.flush();
  await test.hub.conversations.open(carol!, between(alice, carol!), { readUpTo: read.id });
  await test.hub.change(alice, deleted.id);
  const frank = await hub.signIn("frank", "frank");
  await test.say(alice, between(alice, frank), "sent");

  await hub.service.receives(1, "frank");
  await waitUntil(() => hub.pushes.metrics.at(-1)?.value === 0, "all are decided");
  assertEquals(textsOf(hub.service.got), ["sent"]);
});

Deno.test("[I69] a mention is not pushed while a tab is open, and is when it has closed without reading it", async () => {
  await using hub = await PushHub.open();
  const { test } = hub;
  const [alice, bob] = [await hub.signIn("alice"), await hub.signIn("bob", "phone")];
  await test.hub.conversations.open(bob, "room:tea", {});
  await test.poll(bob, { tab: "open", hold: 0 });

  await test.send(alice, { channel: "room:tea", text: "@bob", mentions: [bob.publicToken] });
  await test.say(bob, between(alice, bob), "bob is here");
  await hub.signIn("carol", "carol").then((carol) => test.say(alice, between(alice, carol), "c"));
  await hub.service.receives(1, "carol");
  assertEquals(textsOf(hub.service.got), ["c"]);
  test.hub.presence.remove(bob.publicToken);

  assertEquals(textsOf(await hub.service.receives(1, "phone")), ["@bob"]);
});

Deno.test("[I70] without contents by choice, or of a room that the person may not be allowed to read, no text is pushed", async () => {
  const guestRights = parseRights({ read: ["room:lobby"], write: ["*"] })!;
  await using hub = await PushHub.open({ guestRights });
  const { test } = hub;
  const [alice, bob] = [await hub.signIn("alice"), await hub.signIn("bob")];
  const carol = await hub.signIn("carol", "carol");
  await hub.subscribe(bob, "phone", false);
  const marker = { channel: "room:tea", readUpTo: 0, deliveredUpTo: 0 };
  await test.store.sessions.setReadMarker(carol.publicToken, marker);

  const first = await test.say(alice, between(alice, bob), "secret");
  const mentions = [carol.publicToken];
  const second = await test.send(alice, { channel: "room:tea", text: "secret", mentions });

  const [toBob] = await hub.service.receives(1, "phone");
  const [toCarol] = await hub.service.receives(1, "carol");
  const head = ({ id, channel, at }: Message) => ({ type: "message", channel, id, at });
  assertEquals([toBob?.content, toCarol?.content], [head(first), head(second)]);
});

Deno.test("[I71] a subscription that is gone is forgotten, and never used again", async () => {
  for (const status of [404, 410]) {
    await using hub = await PushHub.open();
    const [alice, bob] = [await hub.signIn("alice"), await hub.signIn("bob", "old", "new")];
    hub.service.answer = (device) =>
      new Response(null, { status: device === "old" ? status : 201 });
    const list = () => hub.test.hub.accounts.devices.list(bob.publicToken);

    await hub.test.say(alice, between(alice, bob), "first");
    await hub.service.receives(1, "old");
    await hub.service.receives(1, "new");
    await waitUntil(() => hub.pushes.metrics.at(-1)?.value === 0, "the push is done");
    assertEquals((await list()).map(({ endpoint }) => endpoint.split("/").at(-1)), ["new"]);
    await hub.test.say(alice, between(alice, bob), "second");

    await hub.service.receives(2, "new");
    assertEquals(hub.service.got.filter(({ to }) => to === "old").length, 1);
    assertEquals(hub.pushes.counts, { sent: 2, failed: 0, dropped: 0 });
  }
});

Deno.test("[I72] a push is tried again after 429, 5xx and silence, not after a refusal, and no redirect is followed", async () => {
  await using hub = await PushHub.open({}, { timeout: 400 });
  const names = ["busy", "broken", "silent", "moved", "refusing"] as const;
  const alice = await hub.signIn("alice");
  const { promise: never, resolve } = Promise.withResolvers<Response>();
  hub.service.answer = (device, n) => {
    if (n > 1 && device !== "moved" && device !== "refusing") {
      return new Response(null, { status: 201 });
    }
    if (device === "silent") return never;
    const location = `http://${hub.service.host}/send/stolen`;
    if (device === "moved") return new Response(null, { status: 302, headers: { location } });
    const status = { busy: 429, broken: 503, refusing: 403 }[device] ?? 201;
    return new Response(null, { status });
  };

  for (const name of names) {
    const person = await hub.signIn(name, name);
    await hub.test.say(alice, between(alice, person), "hello");
  }

  for (const name of ["busy", "broken", "silent"]) await hub.service.receives(2, name);
  await waitUntil(() => hub.pushes.metrics.at(-1)?.value === 0, "all are done");
  resolve(new Response(null));
  const counts = names.map((name) => hub.service.got.filter(({ to }) => to === name).length);
  assertEquals(counts, [2, 2, 2, 1, 1]);
  assertEquals(hub.pushes.counts, { sent: 3, failed: 5, dropped: 0 });
  const [line = ""] = hub.log;
  assertEquals(JSON.parse(line).host, hub.service.host);
  assertEquals(hub.log.some((one) => one.includes("/send/")), false);
});

Deno.test("[I74] after another key was set, devices get pushes with the key that they know, and with the new one once they have subscribed again", async () => {
  await using hub = await PushHub.open();
  const [alice, bob] = [await hub.signIn("alice"), await hub.signIn("bob", "phone", "laptop")];
  await hub.pushes[Symbol.asyncDispose]();
  const key = await createPushKey();
  await hub.start({}, { key });
  const { devices } = hub.test.hub.accounts;
  const { publicKey: old } = await PushKeys.load(hub.test.store.keyValue, undefined);
  assertEquals(old, key.split(".")[0]);

  await hub.subscribe(bob, "phone");
  const lost = await hub.service.subscribe("lost", old);
  const unknown = { ...lost, serverKey: (await createPushKey()).split(".")[0]!, contents: true };
  await devices.add(bob.publicToken, unknown, [hub.service.host]);
  await hub.test.say(alice, between(alice, bob), "hello");

  // The service has checked for each device that the push has the key with which that has subscribed.
  await hub.service.receives(2);
  await waitUntil(() => hub.pushes.metrics.at(-1)?.value === 0, "the pushes are done");
  assertEquals(hub.service.got.map(({ to }) => to).sort(), ["laptop", "phone"]);
  assertEquals((await devices.list(bob.publicToken)).length, 3);
});

Deno.test("[I75] a thousand devices of as many people get one push each", async () => {
  await using hub = await PushHub.open();
  const alice = await hub.signIn("alice");
  const people = [];
  for (let n = 0; n < 1_000; n++) people.push(await hub.signIn(`person ${n}`, `device-${n}`));

  await Promise.all(people.map((one) => hub.test.say(alice, between(alice, one), "hello")));

  // On a busy machine all of them take longer than one wait.
  for (let count = 100; count <= 1_000; count += 100) await hub.service.receives(count);
  await waitUntil(() => hub.pushes.metrics.at(-1)?.value === 0, "all are done");
  const devices = hub.service.got.map(({ to }) => to);
  assertEquals([devices.length, new Set(devices).size], [1_000, 1_000]);
});

Deno.test("[I76] of several nodes one pushes, and after a stop another one pushes what was not done, once", async () => {
  await using hub = await PushHub.open({}, { after: 500 });
  await using other = await Hub.open(hub.test.store, HUB_OPTIONS);
  const [alice, bob] = [await hub.signIn("alice"), await hub.signIn("bob", "phone")];
  const first = hub.pushes;
  await hub.start({ after: 500 }, { node: other });

  await hub.test.say(alice, between(alice, bob), "pushed by the first");
  await hub.service.receives(1);
  await hub.test.say(alice, between(alice, bob), "before the stop");
  await first[Symbol.asyncDispose]();

  await hub.service.receives(2);
  await waitUntil(() => hub.pushes.metrics.at(-1)?.value === 0, "all are done");
  assertEquals(textsOf(hub.service.got), ["pushed by the first", "before the stop"]);
  assertEquals([first.counts.sent, hub.pushes.counts.sent], [1, 1]);
});

Deno.test("[I90] what was pushed before a stop is not pushed again, also if an earlier message still waits", async () => {
  await using hub = await PushHub.open({}, { retry: 60_000 });
  const [alice, bob] = [await hub.signIn("alice"), await hub.signIn("bob", "phone")];
  const carol = await hub.signIn("carol", "busy");
  hub.service.answer = (device, n) =>
    new Response(null, { status: device === "busy" && n === 1 ? 503 : 201 });
  await hub.test.say(alice, between(alice, carol), "to be repeated");
  await hub.service.receives(1, "busy");
  await hub.test.say(alice, between(alice, bob), "pushed");
  await hub.service.receives(1, "phone");
  await waitUntil(() => hub.pushes.metrics.at(-1)?.value === 1, "one waits for its repetition");

  await hub.pushes[Symbol.asyncDispose]();
  await hub.start();

  await hub.service.receives(2, "busy");
  await hub.test.say(alice, between(alice, bob), "after the stop");
  assertEquals(textsOf(await hub.service.receives(2, "phone")), ["pushed", "after the stop"]);
});
