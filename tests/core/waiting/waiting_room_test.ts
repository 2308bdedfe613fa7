import { HubEvents } from "../../../server/core/model/hub_events.ts";
import { assertEquals } from "@std/assert";
import { type ParkRequest, WaitingRoom } from "../../../server/core/waiting/waiting_room.ts";
import { TimerWheel } from "../../../server/core/waiting/timer_wheel.ts";
import { settle, stopClock } from "../../support/clock.ts";
import { captureErrors } from "../../support/capture_errors.ts";

const TEA = ["room:tea"];

const BOUNDS = { seats: 100, tabsPerSession: 8, tabsPerNetwork: 3 };

function parking(owner: string, changes: Partial<ParkRequest> = {}): ParkRequest {
  const connection = new Request("http://halley.test");
  return { owner, tab: "", turn: undefined, topics: TEA, hold: 25_000, connection, ...changes };
}

Deno.test("[W3] a seat is released once, for the first reason", async () => {
  using room = new WaitingRoom(BOUNDS, new HubEvents());
  const seat = room.park(parking("alice"));

  seat.release("superseded");
  seat.release("closing");
  seat.wake();

  assertEquals(await seat.next(), "superseded");
  assertEquals(await seat.next(), "superseded");
  assertEquals(room.size, 0);
});

Deno.test("[W3] a seat that is woken stays taken, and is woken again", async () => {
  using room = new WaitingRoom(BOUNDS, new HubEvents());
  using seat = room.park(parking("alice"));

  room.wake(["room:tea"]);
  assertEquals(await seat.next(), "growth");
  const again = seat.next();
  room.wake(["room:milk"]);
  room.wake(["room:tea"]);

  assertEquals(await again, "growth");
  assertEquals(room.size, 1);
});

Deno.test("[W3] a seat that is woken before its poll waits is not overlooked", async () => {
  using room = new WaitingRoom(BOUNDS, new HubEvents());
  using seat = room.park(parking("alice"));

  room.wake(["room:tea"]);
  room.wake(["room:tea"]);

  assertEquals(await seat.next(), "growth");
});

Deno.test("[W4] nothing is kept of a tab that polls no more", async () => {
  using clock = stopClock();
  using room = new WaitingRoom(BOUNDS, new HubEvents());
  const seats = ["alice", "bob", "carol"].map((owner) => room.park(parking(owner)));
  assertEquals([room.size, room.readersOf("room:tea")], [3, 3]);

  for (const seat of seats) seat.release("aborted");
  assertEquals(room.size, 0);
  await clock.pass(5_000);

  assertEquals(room.readersOf("room:tea"), 0);
  assertEquals(clock.timers, 0);
});

Deno.test("[W4] a tab that comes back at once is woken as before", async () => {
  using clock = stopClock();
  using room = new WaitingRoom(BOUNDS, new HubEvents());
  for (let n = 0; n < 10; n++) {
    using seat = room.park(parking("alice"));
    await clock.pass(1_000);
    room.wake(["room:tea"]);
    assertEquals(await seat.next(), "growth");
  }

  assertEquals(room.size, 0);
});

Deno.test("[W4] a tab that reads something else is woken for that alone", async () => {
  using room = new WaitingRoom(BOUNDS, new HubEvents());
  room.park(parking("alice"))[Symbol.dispose]();
  using seat = room.park(parking("alice", { topics: ["room:milk"] }));
  const events: string[] = [];
  const next = Promise.resolve(seat.next()).then((event) => events.push(event));

  room.wake(["room:tea"]);
  await settle();
  assertEquals(events, []);
  room.wake(["room:milk"]);
  await next;

  assertEquals(events, ["growth"]);
});

Deno.test("[W4] a client's signal is not looked at before its poll was parked two seconds", async () => {
  using clock = stopClock();
  using room = new WaitingRoom(BOUNDS, new HubEvents());
  let looks = 0;
  const { signal } = new AbortController();
  const request = {
    get signal() {
      looks++;
      return signal;
    },
  };
  using _ = room.park(parking("alice", { connection: request }));

  await clock.pass(2_000);
  assertEquals(looks, 0);
  await clock.pass(2_500);

  assertEquals(looks, 1);
});

Deno.test("[W4] a client that left early is noticed when its signal is looked at", async () => {
  using clock = stopClock();
  using room = new WaitingRoom(BOUNDS, new HubEvents());
  const request = { signal: AbortSignal.abort() };
  const seat = room.park(parking("alice", { connection: request }));

  await clock.pass(4_500);

  assertEquals(await seat.next(), "aborted");
});

Deno.test("[P21] a poll that comes in a rush is woken after those who wait already", async () => {
  using clock = stopClock();
  using room = new WaitingRoom({ ...BOUNDS, seats: 1_000 }, new HubEvents());
  const seats = Array.from({ length: 300 }, (_, n) => room.park(parking(`${n}`)));
  const woken: number[] = [];
  for (const [n, seat] of seats.entries()) {
    Promise.resolve(seat.next()).then(() => woken.push(n));
  }
  // The first time, the room has been quiet.
  room.wake(["room:tea"]);
  room.wake(["room:tea"]);
  using late = room.park(parking("late"));
  using calm = new WaitingRoom(BOUNDS, new HubEvents());
  using other = calm.park(parking("alice"));
  assertEquals([late.isInLine, other.isInLine], [true, false]);

  await clock.pass(10);

  assertEquals(woken.length, 300);
  assertEquals(await late.next(), "growth");
});

Deno.test("[P21] a large room is woken in one turn after it was quiet, then in slices", async () => {
  using clock = stopClock();
  using room = new WaitingRoom({ ...BOUNDS, seats: 1_000 }, new HubEvents());
  const seats = Array.from({ length: 300 }, (_, n) => room.park(parking(`${n}`)));
  let woken = 0;
  const wake = async () => {
    woken = 0;
    for (const seat of seats) Promise.resolve(seat.next()).then(() => woken++);
    room.wake(["room:tea"]);
    // No turn of the event loop, in which the next slice would be woken.
    await Promise.resolve();
    await Promise.resolve();
  };

  const counts: number[] = [];
  for (const pauseMs of [0, 400, 600]) {
    await clock.pass(pauseMs);
    await wake();
    counts.push(woken);
    await clock.pass(1);
  }

  assertEquals(counts, [300, 250, 300]);
});

Deno.test("[F6] a tab that comes back from another node, where a poll of it is parked, arrives again", () => {
  const turns: (number | undefined)[] = [];
  const events = new HubEvents();
  using _ = events.tabConnected.add(({ turn }) => turns.push(turn));
  using room = new WaitingRoom(BOUNDS, events);
  const older = room.park(parking("alice", { turn: 1 }));

  room.yield("alice", "", 2);
  using newest = room.park(parking("alice", { turn: 3 }));

  assertEquals([older.released, newest.released, room.size], ["superseded", undefined, 1]);
  assertEquals(turns, [1, 3]);
});

Deno.test("[O17] what goes wrong for one whose time has come keeps nobody else waiting", async () => {
  using clock = stopClock();
  const reported: unknown[] = [];
  using _ = captureErrors(reported);
  using wheel = new TimerWheel();
  const tick = wheel.after(1_000);
  let hasCome = false;
  wheel.schedule({
    onDue: () => {
      throw new Error("no tea");
    },
  }, tick);
  wheel.schedule({ onDue: () => void (hasCome = true) }, tick);

  await clock.pass(2_000);

  assertEquals([hasCome, reported.map(String)], [true, ["Error: no tea"]]);
  assertEquals(clock.timers, 0);
});

Deno.test("[Y18] a topic counts for the network of the tab that has waited for it the longest", async () => {
  using clock = stopClock();
  using room = new WaitingRoom(BOUNDS, new HubEvents());
  const { signal } = new AbortController();
  const park = (owner: string, network: string, topics: string[]) =>
    room.park(parking(owner, { connection: { signal, network }, topics }));
  const counts = () => ["home", "office"].map((network) => room.topicsOf(network));

  const alice = park("alice", "home", ["room:tea", "room:milk"]);
  const bob = park("bob", "office", ["room:tea", "room:water"]);
  assertEquals(counts(), [2, 1]);
  park("alice", "home", ["room:milk"]);
  assertEquals(counts(), [1, 2]);
  bob.release("aborted");
  await clock.pass(10_000);

  assertEquals(counts(), [1, 0]);
  assertEquals(alice.released, "superseded");
});
