import { assertEquals } from "@std/assert";
import type { Session } from "../../../server/core/model/session.ts";
import { settle, stopClock } from "../../support/clock.ts";
import { TestHub, texts } from "../../support/hub.ts";

const WITHOUT = { notices: false } as const;

function notify(hub: TestHub, to: string, ...notices: string[]) {
  return hub.hub.publishing.publish("shop", notices.map((text) => ({ to, text })));
}

async function stateFor({ hub }: TestHub, id: number) {
  await hub.receipts.flush();
  const { state, tabs } = await hub.receipts.describe(id);
  return { state, tabs: tabs?.map(({ tab, state }) => `${tab} ${state}`) };
}

/** A tab fetches everything after `cursor`, and acknowledges it. */
async function fetchAll(hub: TestHub, session: Session, poll: Parameters<TestHub["poll"]>[1]) {
  const reply = await hub.poll(session, { ...poll, hold: 0 });
  await hub.poll(session, { ...poll, cursor: reply.cursor, hold: 0 });
  return reply;
}

Deno.test("[P30] without notices, a poll gets direct messages and rooms, but neither kind of notice", async () => {
  await using hub = await TestHub.open();
  const [alice, bob] = [await hub.signIn("alice"), await hub.signIn("bob")];
  const cursor = await hub.cursor(alice);
  await notify(hub, "everyone", "to all");
  await notify(hub, `session:${alice.publicToken}`, "to alice");
  await hub.say(bob, `direct:${alice.publicToken}`, "direct");
  await hub.say(bob, "room:tea", "in the room");

  const reply = await hub.poll(alice, { cursor, ...WITHOUT });
  const all = await hub.poll(alice, { cursor, tab: "page" });

  assertEquals(texts(reply), ["direct", "in the room"]);
  assertEquals(texts(all), ["to all", "to alice", "direct", "in the room"]);
});

Deno.test("[P30] notices do not answer a poll without them, and its cursor passes them", async () => {
  using clock = stopClock();
  await using hub = await TestHub.open();
  const alice = await hub.signIn("alice");
  const cursor = await hub.cursor(alice);
  let isAnswered = false;
  const parked = hub.poll(alice, { cursor, hold: 10_000, ...WITHOUT });
  parked.then(() => isAnswered = true);
  await settle();

  await notify(hub, "everyone", "to all");
  await notify(hub, `session:${alice.publicToken}`, "to alice");
  await settle();
  assertEquals(isAnswered, false);
  await clock.pass(10_500);

  const reply = await parked;
  assertEquals([reply.outcome, reply.messages], ["timedout", []]);
  assertEquals(reply.cursor, await hub.cursor(alice));
});

Deno.test("[P30] a message behind several pages of notices is found at once, in memory and in the store", async () => {
  for (const messages of [1_000, 1]) {
    await using hub = await TestHub.open({ window: { messages, bytes: 2 ** 20 } });
    const [alice, bob] = [await hub.signIn("alice"), await hub.signIn("bob")];
    const cursor = await hub.cursor(alice);
    const to = `session:${alice.publicToken}`;
    await notify(hub, to, ...Array.from({ length: 250 }, (_, n) => `notice ${n}`));
    await hub.say(bob, `direct:${alice.publicToken}`, "direct");

    const reply = await hub.poll(alice, { cursor, ...WITHOUT });

    assertEquals(texts(reply), ["direct"]);
  }
});

Deno.test("[P30] a tab that takes notices again gets those from then on", async () => {
  await using hub = await TestHub.open();
  const alice = await hub.signIn("alice");
  const to = `session:${alice.publicToken}`;
  const first = await hub.cursor(alice);
  await notify(hub, to, "passed");
  const { cursor } = await hub.poll(alice, { cursor: first, hold: 0, ...WITHOUT });
  const parked = hub.poll(alice, { cursor, turn: 1, ...WITHOUT });
  await settle();

  const next = hub.poll(alice, { cursor, turn: 2 });
  await settle();
  await notify(hub, to, "taken");

  assertEquals((await parked).reason, "superseded");
  assertEquals(texts(await next), ["taken"]);
});

Deno.test("[P30] without notices, a poll gets the changes of other messages, but not those of notices", async () => {
  await using hub = await TestHub.open();
  const [alice, bob] = [await hub.signIn("alice"), await hub.signIn("bob")];
  const [notice] = await notify(hub, `session:${alice.publicToken}`, "to alice");
  const direct = await hub.say(bob, `direct:${alice.publicToken}`, "direct");
  const cursor = await hub.cursor(alice);
  await hub.hub.change(undefined, notice!.message.id);
  await hub.hub.change(bob, direct.id);

  const reply = await hub.poll(alice, { cursor, ...WITHOUT });
  const all = await hub.poll(alice, { cursor });

  const changed = [reply, all].map(({ changes = [] }) => changes.map(({ message: { id } }) => id));
  assertEquals(changed, [[direct.id], [notice!.message.id, direct.id]]);
});

Deno.test("[M30] a notice that a tab has refused is not delivered, whatever the tab acknowledges after it", async () => {
  using _clock = stopClock();
  await using hub = await TestHub.open();
  const [alice, bob] = [await hub.signIn("alice"), await hub.signIn("bob")];
  const cursor = await hub.cursor(alice);
  const [notice] = await notify(hub, `session:${alice.publicToken}`, "to alice");
  const direct = await hub.say(bob, `direct:${alice.publicToken}`, "direct");

  await fetchAll(hub, alice, { tab: "widget", cursor, ...WITHOUT });
  const refused = await stateFor(hub, notice!.message.id);
  const got = await stateFor(hub, direct.id);
  await fetchAll(hub, alice, { tab: "page", cursor });
  const shown = await stateFor(hub, notice!.message.id);

  assertEquals(refused, { state: "waiting", tabs: [" waiting"] });
  assertEquals(got, { state: "delivered", tabs: ["widget delivered", " waiting"] });
  assertEquals(shown, { state: "delivered", tabs: ["page delivered", " waiting"] });
});

Deno.test("[M30] a tab that was sent a notice has it, also if it takes none any more", async () => {
  using _clock = stopClock();
  await using hub = await TestHub.open();
  const alice = await hub.signIn("alice");
  const first = await hub.cursor(alice);
  const [notice] = await notify(hub, `session:${alice.publicToken}`, "to alice");

  const { cursor } = await hub.poll(alice, { cursor: first });
  await hub.poll(alice, { cursor, hold: 0, ...WITHOUT });

  assertEquals(await stateFor(hub, notice!.message.id), {
    state: "delivered",
    tabs: [" delivered"],
  });
});

Deno.test("[M30] a notice to everyone is waited for only by tabs that take it", async () => {
  await using hub = await TestHub.open();
  const [alice, bob] = [await hub.signIn("alice"), await hub.signIn("bob")];
  await hub.poll(alice, { tab: "widget", ...WITHOUT });
  await hub.cursor(bob);

  const [notice] = await notify(hub, "everyone", "to all");

  const { readers } = await hub.hub.receipts.describe(notice!.message.id);
  assertEquals(readers, { delivered: 0, waiting: 1 });
});

Deno.test("[M30] the trace of a notice has no tab that has refused it", async () => {
  using clock = stopClock();
  await using hub = await TestHub.open({ traceBytes: 2 ** 20 });
  const alice = await hub.signIn("alice");
  const cursor = await hub.cursor(alice);
  const [notice] = await notify(hub, `session:${alice.publicToken}`, "to alice");
  await clock.pass(1_000);
  await fetchAll(hub, alice, { tab: "page", cursor });
  const { cursor: passed } = await hub.poll(alice, { tab: "x", cursor, hold: 0, ...WITHOUT });
  await hub.poll(alice, { tab: "x", cursor: passed, hold: 0 });

  const { readers } = await hub.hub.traces.ofMessage(notice!.message);

  assertEquals(readers.map(({ tab, verdict }) => `${tab} ${verdict}`), [
    " polling",
    "page acknowledged",
  ]);
});
