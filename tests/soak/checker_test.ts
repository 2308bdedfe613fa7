import { assertEquals, assertGreaterOrEqual } from "@std/assert";
import { Checker } from "../../server/commands/soak/checker.ts";

/** Alice's message number `n` to the room tea, in the place `id`. */
function tea(n: number, id: number) {
  return { sender: "alice", channel: "room:tea", n, id };
}

/** What was found, without what was counted. */
function findings(checker: Checker) {
  const { lost, duplicated, outOfOrder, cases } = checker.judge(0);
  return { lost, duplicated, outOfOrder, cases };
}

const NOTHING = { lost: 0, duplicated: 0, outOfOrder: 0, cases: [] };

Deno.test("[K2] what everybody was given once, in order, is no finding, and is counted", () => {
  const checker = new Checker();
  const bob = checker.enter("bob", ["room:tea"]);
  const carol = checker.enter("carol", ["room:tea", "room:milk"]);
  for (const [n, id] of [[1, 4], [2, 7]] as const) {
    checker.sent();
    checker.acknowledge(tea(n, id), 0);
    checker.give(bob, tea(n, id), 0);
    checker.give(carol, tea(n, id), 0);
  }

  const { sent, acknowledged, delivered, gaps } = checker.judge(0);

  assertEquals(findings(checker), NOTHING);
  assertEquals({ sent, acknowledged, delivered, gaps }, {
    sent: 2,
    acknowledged: 2,
    delivered: 4,
    gaps: 0,
  });
});

Deno.test("[K2] an acknowledged message that an entitled reader was not given is lost", () => {
  const checker = new Checker();
  const bob = checker.enter("bob", ["room:tea"]);
  checker.enter("carol", ["room:milk"]);
  for (const n of [1, 2, 3]) checker.acknowledge(tea(n, n), 100);

  checker.give(bob, tea(1, 1), 110);
  checker.give(bob, tea(3, 3), 110);

  assertEquals(checker.outstanding, 1);
  assertEquals(checker.lag(150), 50);
  assertEquals(findings(checker), {
    ...NOTHING,
    lost: 1,
    cases: [
      "lost: bob was not given 2 (number 2 of alice in room:tea), acknowledged -100 ms ago; " +
      "it had 1 before and 3 after",
    ],
  });
});

Deno.test("[K2] a message that was never acknowledged may be missing, and may be given", () => {
  const checker = new Checker();
  const bob = checker.enter("bob", ["room:tea"]);
  checker.enter("carol", ["room:tea"]);
  checker.sent();

  checker.give(bob, tea(1, 1), 0);

  assertEquals(findings(checker), NOTHING);
});

Deno.test("[K2] a message may be given before its sender is told", () => {
  const checker = new Checker();
  const bob = checker.enter("bob", ["room:tea"]);

  checker.give(bob, tea(1, 1), 0);
  checker.acknowledge(tea(1, 1), 10);

  assertEquals(checker.outstanding, 0);
  assertEquals(findings(checker), NOTHING);
});

Deno.test("[K3] a message that comes again is duplicated", () => {
  const checker = new Checker();
  const bob = checker.enter("bob", ["room:tea"]);
  for (const n of [1, 2]) checker.acknowledge(tea(n, n), 0);

  for (const n of [1, 2, 1]) checker.give(bob, tea(n, n), 0);

  assertEquals(findings(checker), {
    ...NOTHING,
    duplicated: 1,
    cases: [
      "duplicated: bob was given 1 (number 1 of alice in room:tea) again; " +
      "it had nothing before and 1, 2 after",
    ],
  });
});

Deno.test("[K3] a key that became two messages is duplicated, however many were given it", () => {
  const checker = new Checker();
  const bob = checker.enter("bob", ["room:tea"]);
  const carol = checker.enter("carol", ["room:tea"]);
  checker.acknowledge(tea(1, 1), 0);

  for (const reader of [bob, carol]) {
    checker.give(reader, tea(1, 1), 0);
    checker.give(reader, tea(1, 2), 0);
  }

  const { duplicated, lost, outOfOrder } = findings(checker);
  assertEquals({ duplicated, lost, outOfOrder }, { duplicated: 1, lost: 0, outOfOrder: 0 });
});

Deno.test("[K3] two answers to one key that name different messages are a duplicate", () => {
  const checker = new Checker();

  checker.acknowledge(tea(1, 1), 0);
  checker.acknowledge(tea(1, 2), 0);

  assertEquals(findings(checker).cases, [
    "duplicated: of alice in room:tea, number 1 is in the log twice: as 1 and as 2",
  ]);
});

Deno.test("[K4] a message that is given after a later one is out of order, and not lost", () => {
  const checker = new Checker();
  const bob = checker.enter("bob", ["room:tea", "room:milk"]);
  const milk = { sender: "carol", channel: "room:milk", n: 1, id: 2 };
  checker.acknowledge(tea(1, 1), 0);
  checker.acknowledge(milk, 0);

  checker.give(bob, milk, 0);
  checker.give(bob, tea(1, 1), 0);

  assertEquals(findings(checker), {
    ...NOTHING,
    outOfOrder: 1,
    cases: [
      "outOfOrder: bob was given 1 (number 1 of alice in room:tea) after 2; " +
      "it had nothing before and 2 after",
    ],
  });
});

Deno.test("[K4] messages of one sender that stand in the log in another order are out of order", () => {
  const checker = new Checker();

  checker.acknowledge(tea(1, 5), 0);
  checker.acknowledge(tea(2, 4), 0);

  assertEquals(findings(checker).cases, [
    "outOfOrder: of alice in room:tea, number 1 has the id 5, number 2 the id 4",
  ]);
});

Deno.test("[K5] a gap excuses what is missing before the next message, and nothing after it", () => {
  const checker = new Checker();
  const bob = checker.enter("bob", ["room:tea"]);
  for (const n of [1, 2, 3, 4]) checker.acknowledge(tea(n, n), 0);
  checker.give(bob, tea(1, 1), 0);

  checker.gap(bob);
  checker.give(bob, tea(3, 3), 0);

  assertEquals(checker.outstanding, 1);
  const { lost, cases, gaps } = checker.judge(0);
  assertEquals({ lost, gaps }, { lost: 1, gaps: 1 });
  assertEquals(cases[0]?.includes("was not given 4"), true);
});

Deno.test("[K5] a gap after which the ids begin anew excuses all of the old log", () => {
  const checker = new Checker();
  const bob = checker.enter("bob", ["room:tea"]);
  for (const n of [1, 2, 3]) checker.acknowledge(tea(n, 10 * n), 0);
  checker.give(bob, tea(1, 10), 0);

  checker.gap(bob);
  const milk = { sender: "carol", channel: "room:tea", n: 1, id: 1 };
  checker.acknowledge(milk, 0);
  checker.give(bob, milk, 0);

  assertEquals(findings(checker), NOTHING);
});

Deno.test("[K6] latency counts from the acknowledgement to the delivery, right within 2 %", () => {
  const checker = new Checker();
  const bob = checker.enter("bob", ["room:tea"]);
  for (let n = 1; n <= 100; n++) {
    checker.acknowledge(tea(n, n), 1_000);
    checker.give(bob, tea(n, n), 1_000 + n);
  }

  const { p50, p99, max } = checker.judge(0).latency;

  assertEquals([p50, max], [50, 100]);
  assertGreaterOrEqual(p99, 97);
  assertGreaterOrEqual(100, p99);
});
