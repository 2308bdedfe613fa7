import { assertEquals, assertRejects } from "@std/assert";
import { delay } from "../../server/base/delay.ts";
import { Refused } from "../../server/core/model/refused.ts";
import { connectToStore, openThreadStore } from "../../server/stores/thread/thread_store.ts";
import { nodesContract } from "../stores/nodes_contract.ts";
import { texts } from "../support/hub.ts";
import { KEEP_ALL } from "../support/retention.ts";
import { waitUntil } from "../support/wait_until.ts";
import { WorkerHubs, workerOptions } from "../support/worker_hubs.ts";

nodesContract("two workers of a process", async () => {
  const left = await openThreadStore({ kind: "memory" }, KEEP_ALL);
  return [left, await connectToStore(left.connect())];
}, { optionsOf: workerOptions() });

for (const turns of [[1, 2], [undefined, undefined]] as const) {
  const kind = turns[0] === undefined ? "without turns" : "with turns";

  Deno.test(`[Z2] a tab's newer poll ends its older one at another worker, ${kind}`, async () => {
    await using hubs = await WorkerHubs.open();
    const alice = await hubs.signIn("alice");
    const cursor = await hubs.left.cursor(alice.left);
    const older = hubs.left.poll(alice.left, { cursor, tab: "t", turn: turns[0] });
    await waitUntil(() => hubs.left.hub.parked === 1, "the older poll is parked");

    const newer = hubs.right.poll(alice.right, { cursor, tab: "t", turn: turns[1] });

    assertEquals([(await older).outcome, (await older).reason], ["cancelled", "superseded"]);
    await hubs.left.say(alice.left, "room:tea", "hello");
    assertEquals(texts(await newer), ["hello"]);
  });

  Deno.test(`[Z2] a tab whose polls alternate between workers has one parked poll, ${kind}`, async () => {
    await using hubs = await WorkerHubs.open();
    const alice = await hubs.signIn("alice");
    const cursor = await hubs.left.cursor(alice.left);
    const outcomes = [];

    for (let n = 1; n <= 6; n++) {
      const side = n % 2 === 0 ? "left" : "right";
      const turn = turns[0] === undefined ? undefined : n;
      outcomes.push(hubs[side].poll(alice[side], { cursor, tab: "t", turn }));
      await waitUntil(
        () => hubs.left.hub.parked + hubs.right.hub.parked === 1 && hubs[side].hub.parked === 1,
        "only the newest poll is parked",
      );
    }

    await hubs.left.say(alice.left, "room:tea", "hello");
    const replies = await Promise.all(outcomes);
    assertEquals(replies.map(({ outcome }) => outcome), [
      ...Array(5).fill("cancelled"),
      "message",
    ]);
  });
}

Deno.test("[Z2] a session that was ended by an administrator is told so by a worker that did not know it", async () => {
  await using hubs = await WorkerHubs.open();
  const { privateToken } = await hubs.left.hub.signIn("alice");
  const alice = await hubs.left.hub.sessions.authenticate(privateToken);

  await hubs.right.hub.accounts.kick(alice?.publicToken ?? "");

  await waitUntil(() => alice?.hasEnded ?? false, "the left worker has ended it, too");
  const error = await assertRejects(
    () => hubs.right.hub.sessions.authenticate(privateToken),
    Refused,
  );
  assertEquals(error.refusal, "kicked");
});

Deno.test("[Z2] typing and presence reach the readers of another worker", async () => {
  await using hubs = await WorkerHubs.open();
  const [alice, bob] = [await hubs.signIn("alice"), await hubs.signIn("bob")];
  const cursor = await hubs.right.cursor(bob.right);
  const reply = hubs.right.poll(bob.right, { cursor, wantsSignals: true });
  await waitUntil(() => hubs.right.hub.parked === 1, "bob's poll is parked");

  hubs.left.hub.typing(alice.left, "room:tea");

  assertEquals((await reply).signals.map(({ type }) => type), ["typing"]);
  void hubs.left.poll(alice.left, { cursor }).catch(() => {});
  await waitUntil(async () => {
    const { present } = await hubs.right.hub.channelPresence.list(bob.right, "room:tea");
    return present.map(({ displayName }) => displayName).sort().join() === "alice,bob";
  }, "the right worker knows that alice reads the room");
});

Deno.test("[Z3] eight tabs of a session can poll at the same time, at all workers together", async () => {
  await using hubs = await WorkerHubs.open();
  const alice = await hubs.signIn("alice");
  const cursor = await hubs.left.cursor(alice.left);
  const park = (n: number, after = cursor) => {
    const side = n % 2 === 0 ? "left" : "right";
    return hubs[side].poll(alice[side], { cursor: after, tab: `${n}`, turn: 1 });
  };
  const parked = Array.from({ length: 8 }, (_, n) => park(n));
  await waitUntil(() => hubs.left.hub.allParked === 8, "all polls are parked");

  for (const n of [8, 9]) {
    assertEquals((await assertRejects(() => park(n), Refused)).refusal, "too_many_tabs");
  }
  await hubs.left.say(alice.left, "room:tea", "hello");
  const [reply] = await Promise.all(parked);

  assertEquals(hubs.left.hub.allParked, 0);
  const again = park(9, reply?.cursor);
  await waitUntil(() => hubs.left.hub.allParked === 1, "another tab can poll");
  await hubs.left.say(alice.left, "room:tea", "again");
  await again;
});

Deno.test("[Z3] parked polls are limited in all, and by address, at all workers together", async () => {
  const waiting = { seats: 5, tabsPerSession: 8, tabsPerNetwork: 3 };
  await using hubs = await WorkerHubs.open({ waiting });
  const alice = await hubs.signIn("alice");
  const cursor = await hubs.left.cursor(alice.left);
  const park = (n: number, network: string) => {
    const side = n % 2 === 0 ? "left" : "right";
    const connection = { signal: new AbortController().signal, network };
    return hubs[side].poll(alice[side], { cursor, tab: `${n}`, turn: 1, connection });
  };
  const refusals = [];
  const parked = [park(0, "192.0.2.1"), park(1, "192.0.2.1"), park(2, "192.0.2.1")];

  for (const n of [3, 4]) {
    refusals.push((await assertRejects(() => park(n, "192.0.2.1"), Refused)).refusal);
  }
  parked.push(park(5, "192.0.2.2"), park(6, "192.0.2.2"));
  for (const n of [7, 8]) {
    refusals.push((await assertRejects(() => park(n, "192.0.2.3"), Refused)).refusal);
  }

  assertEquals(refusals, [
    ...["too_many_requests", "too_many_requests"],
    ...["too_many_polls", "too_many_polls"],
  ]);
  await hubs.left.say(alice.left, "room:tea", "hello");
  await Promise.all(parked);
  assertEquals(hubs.left.hub.allParked, 0);
});

Deno.test("[Z3] a tab whose polls come to several workers counts once for its address", async () => {
  const waiting = { seats: 20, tabsPerSession: 8, tabsPerNetwork: 3 };
  await using hubs = await WorkerHubs.open({ waiting });
  const alice = await hubs.signIn("alice");
  const connection = { signal: new AbortController().signal, network: "192.0.2.1" };
  let cursor = await hubs.left.cursor(alice.left);
  const park = (side: "left" | "right", tab: string, hold?: number) =>
    hubs[side].poll(alice[side], { cursor, tab, connection, ...(hold && { hold }) });
  const outcomes = [];

  for (const side of ["left", "right", "left", "right"] as const) {
    const parked = ["a", "b", "c"].map((tab) => park(side, tab));
    await waitUntil(() => hubs.left.hub.allParked === 3, "all are parked");
    for (const other of ["left", "right"] as const) {
      outcomes.push((await assertRejects(() => park(other, "d"), Refused)).refusal);
    }
    await hubs.left.say(alice.left, "room:tea", "hello");
    for (const { outcome, cursor: next } of await Promise.all(parked)) {
      outcomes.push(outcome);
      cursor = next;
    }
  }

  const refused = Array(2).fill("too_many_requests");
  assertEquals(outcomes, Array(4).fill([...refused, ...Array(3).fill("message")]).flat());
  // When no worker knows the tabs any more, others take their places.
  for (const tab of ["e", "f", "g"]) {
    await waitUntil(
      () => park("right", tab, 50).then(() => true, () => false),
      "its place is free",
    );
  }
});

Deno.test("[Z3] the number of sessions is limited at all workers together", async () => {
  await using hubs = await WorkerHubs.open({ max: { sessions: 4, rooms: 10 } });
  const { left, right } = hubs;
  for (const { hub } of [left, right, left, right]) await hub.signIn("alice");

  for (const { hub } of [left, right]) {
    const error = await assertRejects(() => hub.signIn("alice"), Refused);
    assertEquals(error.refusal, "too_many_sessions");
  }
  assertEquals([left.hub.sessions.count, right.hub.sessions.count], [4, 4]);
});

Deno.test("[Z4] the list of sessions has the tabs of all workers, each once", async () => {
  await using hubs = await WorkerHubs.open();
  const alice = await hubs.signIn("alice");
  const cursor = await hubs.left.cursor(alice.left);
  const polls = [
    hubs.left.poll(alice.left, { cursor, tab: "phone", turn: 1 }),
    hubs.right.poll(alice.right, { cursor, tab: "desk", turn: 1, channels: ["room:milk"] }),
  ];
  await waitUntil(() => hubs.left.hub.presence.channels === 2, "the left worker knows both rooms");

  const { sessions } = await hubs.left.hub.liveSessions({
    search: "",
    sort: "token",
    after: "",
    limit: 10,
  });

  const [session] = sessions;
  assertEquals(session?.tabs.filter(({ parked }) => parked).map(({ tab }) => tab).sort(), [
    ...["desk", "phone"],
  ]);
  assertEquals([session?.rooms.toSorted(), session?.elsewhere], [["room:milk", "room:tea"], 0]);
  await hubs.left.hub.close(() => 1_000);
  await hubs.right.hub.close(() => 1_000);
  await Promise.all(polls);
});

Deno.test("[Z4] the trace of a message has the polls that another worker answered, in order", async () => {
  await using hubs = await WorkerHubs.open({ traceBytes: 2 ** 20 });
  const [alice, bob] = [await hubs.signIn("alice"), await hubs.signIn("bob")];
  const cursor = await hubs.right.cursor(bob.right);
  const parked = hubs.right.poll(bob.right, { cursor, tab: "phone", turn: 1 });
  await waitUntil(() => hubs.right.hub.parked === 1, "bob's poll is parked");
  const message = await hubs.left.say(alice.left, `direct:${bob.left.publicToken}`, "hello");
  const reply = await parked;
  await delay(5);
  await hubs.left.poll(bob.left, { cursor: reply.cursor, tab: "phone", turn: 2, hold: 0 });

  const trace = await hubs.left.hub.traces.ofMessage(message);

  const phone = trace.readers.find(({ tab }) => tab === "phone");
  assertEquals(phone?.verdict, "acknowledged");
  assertEquals(phone?.events.map(({ event }) => event), [
    ...["polled", "woken", "answered", "polled"],
  ]);
  const { events } = await hubs.left.hub.traces.ofSession(bob.left.publicToken);
  assertEquals(events.filter(({ event }) => event === "appended").length, 1);
});

Deno.test("[Z4] what became of a message counts the readers of all workers, each once", async () => {
  await using hubs = await WorkerHubs.open();
  const [alice, bob] = [await hubs.signIn("alice"), await hubs.signIn("bob")];
  const cursor = await hubs.left.cursor(alice.left);
  const [one, other] = [
    hubs.left.poll(alice.left, { cursor, tab: "a", turn: 1 }),
    hubs.right.poll(bob.right, { cursor, tab: "b", turn: 1 }),
  ];
  await waitUntil(() => hubs.left.hub.presence.count("room:tea") === 2, "both read the room");
  const { id } = await hubs.left.say(alice.left, "room:tea", "hello");
  const [, reply] = await Promise.all([one, other]);
  await hubs.right.poll(bob.right, { cursor: reply.cursor, tab: "b", turn: 2, hold: 0 });

  const { readers } = await hubs.left.hub.receipts.describe(id);

  assertEquals(readers, { delivered: 1, waiting: 1 });
});

Deno.test("[Z2] a signal that comes between two polls of a tab at different workers is not lost", async () => {
  await using hubs = await WorkerHubs.open();
  const [alice, bob] = [await hubs.signIn("alice"), await hubs.signIn("bob")];
  const { cursor } = await hubs.left.poll(bob.left, { tab: "t", wantsSignals: true });
  await hubs.right.poll(bob.right, { tab: "t", cursor, hold: 0, wantsSignals: true });
  const last = await hubs.left.poll(bob.left, { tab: "t", cursor, hold: 0, wantsSignals: true });
  hubs.left.hub.typing(alice.left, "room:tea");
  await delay(100);

  const poll = { tab: "t", cursor: last.cursor, hold: 0, wantsSignals: true };
  const first = await hubs.right.poll(bob.right, poll);
  const second = await hubs.right.poll(bob.right, poll);
  const third = await hubs.left.poll(bob.left, poll);

  const types = [first, second, third].map(({ signals }) => signals.map(({ type }) => type));
  assertEquals(types, [["typing"], [], []]);
});

Deno.test("[Z2] a direct message counts as delivered if its reader's next poll comes to another worker", async () => {
  await using hubs = await WorkerHubs.open();
  const [alice, bob] = [await hubs.signIn("alice"), await hubs.signIn("bob")];
  const { cursor } = await hubs.left.poll(bob.left, { tab: "t", turn: 1 });
  await hubs.right.poll(bob.right, { tab: "t", turn: 2, cursor, hold: 0 });
  const { id } = await hubs.left.say(alice.left, `direct:${bob.left.publicToken}`, "psst");
  const reply = await hubs.left.poll(bob.left, { tab: "t", turn: 3, cursor });

  await hubs.right.poll(bob.right, { tab: "t", turn: 4, cursor: reply.cursor, hold: 0 });

  await waitUntil(
    async () => (await hubs.left.hub.receipts.describe(id)).state === "delivered",
    "the message counts as delivered",
  );
});
