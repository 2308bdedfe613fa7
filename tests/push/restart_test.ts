import { assertEquals } from "@std/assert";
import { Hub } from "../../server/core/hub/hub.ts";
import { HUB_OPTIONS } from "../support/hub.ts";
import { RemoteChat } from "../support/remote_chat.ts";
import { RestartableServer } from "../support/restartable_server.ts";
import { waitUntil } from "../support/wait_until.ts";
import { between, PushHub } from "./push_hub.ts";
import { CONTACT, PushService, textsOf } from "./push_service.ts";

/** No second attempt within a test. */
const NO_RETRY = { retry: 60_000 };

/** Devices named `busy-…` fail at first. */
function failAtFirst(service: PushService): void {
  service.answer = (device, n) =>
    new Response(null, { status: device.startsWith("busy") && n === 1 ? 503 : 201 });
}

/** How often each device was pushed to, by name. */
function countsIn({ got }: PushService): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { to } of got.toSorted((a, b) => a.to < b.to ? -1 : 1)) {
    counts[to] = (counts[to] ?? 0) + 1;
  }
  return counts;
}

function allAreDone(hub: PushHub): Promise<void> {
  return waitUntil(() => hub.pushes.metrics.at(-1)?.value === 0, "all are done");
}

Deno.test("[I95] of a message that waits for some devices, only those are pushed to after a restart", async () => {
  await using hub = await PushHub.open({}, NO_RETRY);
  failAtFirst(hub.service);
  const { test } = hub;
  const alice = await hub.signIn("alice");
  const bob = await hub.signIn("bob", "phone", "busy-laptop");
  const carol = await hub.signIn("carol", "tablet");
  const dave = await hub.signIn("dave", "watch");
  for (const one of [bob, carol, dave]) await test.hub.conversations.open(one, "room:tea", {});
  await test.poll(dave, { tab: "open", hold: 0 });
  const mentions = [bob, carol, dave].map(({ publicToken }) => publicToken);
  await test.send(alice, { channel: "room:tea", text: "you three", mentions });
  await test.say(alice, between(alice, bob), "are you there?");
  await hub.service.receives(2, "phone");
  await hub.service.receives(2, "busy-laptop");
  await hub.service.receives(1, "tablet");

  await hub.pushes[Symbol.asyncDispose]();
  await hub.start();
  await hub.service.receives(3, "busy-laptop");
  test.hub.presence.remove(dave.publicToken);

  await allAreDone(hub);
  // The service answers the second push to the laptop, whichever message that has.
  assertEquals(countsIn(hub.service), { "busy-laptop": 3, phone: 2, tablet: 1, watch: 1 });
});

Deno.test("[I95] a request that is in progress at a stop ends before, and is not repeated", async () => {
  await using hub = await PushHub.open();
  const [alice, bob] = [await hub.signIn("alice"), await hub.signIn("bob", "phone")];
  const { promise: answer, resolve } = Promise.withResolvers<Response>();
  hub.service.answer = () => answer;
  await hub.test.say(alice, between(alice, bob), "hello");
  await hub.service.receives(1);

  const stopping = hub.pushes[Symbol.asyncDispose]();
  resolve(new Response(null, { status: 201 }));
  await stopping;
  await hub.start();

  await allAreDone(hub);
  assertEquals(textsOf(hub.service.got), ["hello"]);
});

Deno.test("[I96] a notice to everyone goes on where it was after a restart, for each device", async () => {
  await using hub = await PushHub.open();
  await hub.pushes[Symbol.asyncDispose]();
  await hub.start(NO_RETRY, { notices: "all" });
  const { presence, publishing } = hub.test.hub;
  await hub.signIn("alice", "phone", "busy-laptop");
  const bob = await hub.signIn("bob", "tablet");
  await hub.test.poll(bob, { tab: "open", hold: 0 });
  const { promise: reached, resolve } = Promise.withResolvers<void>();
  const { promise: never, resolve: end } = Promise.withResolvers<Response>();
  const answers: string[] = [];
  // Of two hundred others, those of the first hundred requests are reached before the stop.
  hub.service.answer = (device, n) => {
    answers.push(device);
    if (answers.length === 100) resolve();
    // People come in the order of their random tokens; that of the phone is always answered.
    if (answers.length > 100 && device !== "phone") return never;
    return new Response(null, { status: device.startsWith("busy") && n === 1 ? 503 : 201 });
  };
  for (let n = 0; n < 200; n++) await hub.signIn(`person ${n}`, `other-${n}`);
  await publishing.publish("api:shop", [{ to: "everyone", title: "Maintenance", text: "x" }]);
  await reached;

  const stopping = hub.pushes[Symbol.asyncDispose]();
  await stopping;
  const inProgress = new Set(answers.slice(100));
  end(new Response(null));
  hub.service.answer = () => new Response(null, { status: 201 });
  await hub.start({}, { notices: "all" });
  // Those whose request was in progress when the two seconds of the stop were over may get it again.
  await waitUntil(() => new Set(hub.service.got.map(({ to }) => to)).size === 202, "all others");
  presence.remove(bob.publicToken);

  await allAreDone(hub);
  const counts = countsIn(hub.service);
  const repeated = Object.keys(counts).filter((device) => (counts[device] ?? 0) > 1);
  const isExpected = (device: string) => device === "busy-laptop" || inProgress.has(device);
  assertEquals(Object.keys(counts).length, 203);
  assertEquals(repeated.filter((device) => !isExpected(device)), []);
  assertEquals(counts.phone, 1);
});

Deno.test("[I95] [I96] when another node takes over, it pushes to those that wait alone", async () => {
  await using hub = await PushHub.open();
  await hub.pushes[Symbol.asyncDispose]();
  await hub.start(NO_RETRY, { notices: "all" });
  failAtFirst(hub.service);
  await using other = await Hub.open(hub.test.store, HUB_OPTIONS);
  const first = hub.pushes;
  await hub.start(NO_RETRY, { node: other, notices: "all" });
  const alice = await hub.signIn("alice");
  const bob = await hub.signIn("bob", "phone", "busy-laptop");
  const publishing = hub.test.hub.publishing;
  await publishing.publish("api:shop", [{ to: "everyone", title: "Maintenance", text: "x" }]);
  await hub.service.receives(1, "phone");
  await hub.service.receives(1, "busy-laptop");
  await hub.test.say(alice, between(alice, bob), "hello");
  await hub.service.receives(2, "phone");
  await hub.service.receives(2, "busy-laptop");

  await first[Symbol.asyncDispose]();

  await hub.service.receives(3, "busy-laptop");
  await allAreDone(hub);
  assertEquals(countsIn(hub.service), { "busy-laptop": 3, phone: 2 });
});

Deno.test("[I97] after kill -9, a device that was reached more than a second before is not pushed to again", async () => {
  await using service = new PushService();
  await using server = await RestartableServer.start({
    PUSH: "on",
    PUSH_CONTACT: CONTACT,
    PUSH_HOSTS: service.host,
  });
  using chat = new RemoteChat(server.url);
  const [alice, bob] = [await chat.signIn("alice"), await chat.signIn("bob")];
  const { publicKey } = await (await bob.request("GET", "/api/push")).json();
  for (const name of ["phone", "laptop"]) {
    const subscription = await service.subscribe(name, publicKey);
    assertEquals((await bob.request("PUT", "/api/push", { subscription })).ok, true);
  }
  let isBroken = true;
  service.answer = (device) =>
    new Response(null, { status: device === "laptop" && isBroken ? 503 : 201 });
  const channel = `direct:${[alice.publicToken, bob.publicToken].sort().join(":")}`;
  assertEquals((await alice.say(channel, "hello")).status, 201);
  await service.receives(1, "phone");
  // The second attempt is five seconds after the first one.
  await service.receives(2, "laptop");

  await server.kill();
  isBroken = false;
  await server.restart();

  await service.receives(3, "laptop");
  await waitUntil(async () => {
    using later = new RemoteChat(server.url);
    const metrics = await (await later.request("GET", "/metrics")).text();
    return metrics.includes("halley_push_waiting 0\n");
  }, "all are done");
  assertEquals(countsIn(service), { laptop: 3, phone: 1 });
});

Deno.test("[I98] a message that is too old is not tried again, also after restarts", async () => {
  await using hub = await PushHub.open({}, { ...NO_RETRY, maxAge: 2_000 });
  const [alice, bob] = [await hub.signIn("alice"), await hub.signIn("bob", "phone", "busy")];
  failAtFirst(hub.service);
  const { at } = await hub.test.say(alice, between(alice, bob), "hello");
  await hub.service.receives(1, "phone");
  await hub.service.receives(1, "busy");
  await hub.pushes[Symbol.asyncDispose]();

  await waitUntil(() => Date.now() > at + 2_000, "it is too old");
  await hub.start({ maxAge: 2_000 });

  await allAreDone(hub);
  assertEquals(countsIn(hub.service), { busy: 1, phone: 1 });
});
