import { assertEquals } from "@std/assert";
import { type ReaderEvent, tallyOf } from "./tally.ts";

const SENT = new Map([[0, 1_000], [1, 2_000], [2, 3_000], [3, 4_000]]);

function arrival(n: number, at = 0): ReaderEvent {
  return { kind: "message", n, at };
}

const GAP: ReaderEvent = { kind: "gap" };
const INTERRUPTED: ReaderEvent = { kind: "interrupted" };

Deno.test("[K60] what every reader receives once and in order is delivered, with its latency", () => {
  const alice = [arrival(-1), arrival(0, 1_010), arrival(1, 2_030), arrival(2, 3_020)];

  const tally = tallyOf([[...alice, arrival(3, 4_040)]], SENT);

  assertEquals(tally, {
    sent: 4,
    expected: 4,
    delivered: 4,
    lostTold: 0,
    lostInterrupted: 0,
    lostSilently: 0,
    duplicated: 0,
    outOfOrder: 0,
    stopped: 0,
    latencies: [10, 20, 30, 40],
  });
});

Deno.test("[K60] a loss is told if a gap was reported before the next message", () => {
  const cases: [readonly ReaderEvent[], "lostTold" | "lostInterrupted" | "lostSilently"][] = [
    [[arrival(0), INTERRUPTED, GAP, arrival(2), arrival(3)], "lostTold"],
    [[arrival(0), INTERRUPTED, arrival(2), arrival(3)], "lostInterrupted"],
    [[arrival(0), arrival(2), arrival(3)], "lostSilently"],
    [[arrival(0), arrival(2), GAP, INTERRUPTED, arrival(3)], "lostSilently"],
    [[GAP, arrival(0), arrival(2), arrival(3)], "lostSilently"],
  ];

  for (const [events, expected] of cases) {
    const { delivered, ...tally } = tallyOf([events], SENT);

    assertEquals(delivered, 3);
    assertEquals(tally[expected], 1, expected);
    assertEquals(tally.lostTold + tally.lostInterrupted + tally.lostSilently, 1);
  }
});

Deno.test("[K60] what is lost at the end counts by what was reported since the last message", () => {
  const tally = tallyOf([[arrival(0), arrival(1), GAP]], SENT);

  assertEquals([tally.lostTold, tally.stopped], [2, 1]);
});

Deno.test("[K60] duplicated messages, and those after a later one, are counted once each", () => {
  const events = [arrival(0), arrival(2), arrival(1), arrival(1), arrival(2), arrival(3)];

  const { delivered, duplicated, outOfOrder } = tallyOf([events], SENT);

  assertEquals([delivered, duplicated, outOfOrder], [4, 2, 1]);
});

Deno.test("[K60] a message that was not acknowledged is not lost, and may arrive", () => {
  const events = [arrival(0), arrival(1), arrival(2), arrival(3)];
  const sent = new Map([[0, 1_000], [3, 4_000]]);

  const { expected, delivered, outOfOrder } = tallyOf([events, [arrival(0), arrival(3)]], sent);

  assertEquals([expected, delivered, outOfOrder], [4, 4, 0]);
});
