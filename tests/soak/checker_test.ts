import { assertEquals, assertGreaterOrEqual } from "@std/assert";
import { Referee } from "../../server/commands/soak/checker.ts";

/** Alice's message number `n` to the room tea, in the place `id`. */
function tea(n: number, id: number) {
  return { sender: "alice", channel: "room:tea", n, id };
}

/** What was found, without what was counted. */
function findings(referee: Referee) {
  const { lost, duplicated, outOfOrder, cases } = referee.judge(0);
  return { lost, duplicated, outOfOrder, cases };
}

const NOTHING = { lost: 0, duplicated: 0, outOfOrder: 0, cases: [] };

Deno.test("[K2] what everybody was given once, in order, is no finding, and is counted", () => {
  const referee = new Referee();
  const bob = referee.enter("bob", ["room:tea"]);
  const carol = referee.enter("carol", ["room:tea", "room:milk"]);
  for (const [n, id] of [[1, 4], [2, 7]] as const) {
    referee.sent();
    referee.acknowledge(tea(n, id), 0);
    referee.give(bob, tea(n, id), 0);
    referee.give(carol, tea(n, id), 0);
  }

  const { sent, acknowledged, delivered, gaps } = referee.judge(0);

  assertEquals(findings(referee), NOTHING);
  assertEquals({ sent, acknowledged, delivered, gaps }, {
    sent: 2,
    acknowledged: 2,
    delivered: 4,
    gaps: 0,
  });
});

Deno.test("[K2] an acknowledged message that an entitled reader was not given is lost", () => {
  const referee = new Referee();
  const bob = referee.enter("bob", ["room:tea"]);
  referee.enter("carol", ["room:milk"]);
  for (const n of [1, 2, 3]) referee.acknowledge(tea(n, n), 100);

  referee.give(bob, tea(1, 1), 110);
  referee.give(bob, tea(3, 3), 110);

  assertEquals(referee.outstanding, 1);
  assertEquals(referee.lag(150), 50);
  assertEquals(findings(referee), {
    ...NOTHING,
    lost: 1,
    cases: [
      "lost: bob was not given 2 (number 2 of alice in room:tea), acknowledged -100 ms ago; " +
      "it had 1 before and 3 after",
    ],
  });
});

Deno.test("[K2] a message that was never acknowledged may be missing, and may be given", () => {
  const referee = new Referee();
  const bob = referee.enter("bob", ["room:tea"]);
  referee.enter("carol", ["room:tea"]);
  referee.sent();

  referee.give(bob, tea(1, 1), 0);

  assertEquals(findings(referee), NOTHING);
});

Deno.test("[K2] a message may be given before its sender is told", () => {
  const referee = new Referee();
  const bob = referee.enter("bob", ["room:tea"]);

  referee.give(bob, tea(1, 1), 0);
  referee.acknowledge(tea(1, 1), 10);

  assertEquals(referee.outstanding, 0);
  assertEquals(findings(referee), NOTHING);
});

Deno.test("[K3] a message that comes again is duplicated", () => {
  const referee = new Referee();
  const bob = referee.enter("bob", ["room:tea"]);
  for (const n of [1, 2]) referee.acknowledge(tea(n, n), 0);

  for (const n of [1, 2, 1]) referee.give(bob, tea(n, n), 0);

  assertEquals(findings(referee), {
    ...NOTHING,
    duplicated: 1,
    cases: [
      "duplicated: bob was given 1 (number 1 of alice in room:tea) again; " +
      "it had nothing before and 1, 2 after",
    ],
  });
});

Deno.test("[K3] a key that became two messages is duplicated, however many were given it", () => {
  const referee = new Referee();
  const bob = referee.enter("bob", ["room:tea"]);
  const carol = referee.enter("carol", ["room:tea"]);
  referee.acknowledge(tea(1, 1), 0);

  for (const reader of [bob, carol]) {
    referee.give(reader, tea(1, 1), 0);
    referee.give(reader, tea(1, 2), 0);
  }

  const { duplicated, lost, outOfOrder } = findings(referee);
  assertEquals({ duplicated, lost, outOfOrder }, { duplicated: 1, lost: 0, outOfOrder: 0 });
});

Deno.test("[K3] two answers to one key that name different messages are a duplicate", () => {
  const referee = new Referee();

  referee.acknowledge(tea(1, 1), 0);
  referee.acknowledge(tea(1, 2), 0);

  assertEquals(findings(referee).cases, [
    "duplicated: of alice in room:tea, number 1 is in the log twice: as 1 and as 2",
  ]);
});

Deno.test("[K4] a message that is given after a later one is out of order, and not lost", () => {
  const referee = new Referee();
  const bob = referee.enter("bob", ["room:tea", "room:milk"]);
  const milk = { sender: "carol", channel: "room:milk", n: 1, id: 2 };
  referee.acknowledge(tea(1, 1), 0);
  referee.acknowledge(milk, 0);

  referee.give(bob, milk, 0);
  referee.give(bob, tea(1, 1), 0);

  assertEquals(findings(referee), {
    ...NOTHING,
    outOfOrder: 1,
    cases: [
      "outOfOrder: bob was given 1 (number 1 of alice in room:tea) after 2; " +
      "it had nothing before and 2 after",
    ],
  });
});

Deno.test("[K4] messages of one sender that stand in the log in another order are out of order", () => {
  const referee = new Referee();

  referee.acknowledge(tea(1, 5), 0);
  referee.acknowledge(tea(2, 4), 0);

  assertEquals(findings(referee).cases, [
    "outOfOrder: of alice in room:tea, number 1 has the id 5, number 2 the id 4",
  ]);
});

Deno.test("[K5] a gap excuses what is missing before the next message, and nothing after it", () => {
  const referee = new Referee();
  const bob = referee.enter("bob", ["room:tea"]);
  for (const n of [1, 2, 3, 4]) referee.acknowledge(tea(n, n), 0);
  referee.give(bob, tea(1, 1), 0);

  referee.gap(bob);
  referee.give(bob, tea(3, 3), 0);

  assertEquals(referee.outstanding, 1);
  const { lost, cases, gaps } = referee.judge(0);
  assertEquals({ lost, gaps }, { lost: 1, gaps: 1 });
  assertEquals(cases[0]?.includes("was not given 4"), true);
});

Deno.test("[K5] a gap after which the ids begin anew excuses all of the old log", () => {
  const referee = new Referee();
  const bob = referee.enter("bob", ["room:tea"]);
  for (const n of [1, 2, 3]) referee.acknowledge(tea(n, 10 * n), 0);
  referee.give(bob, tea(1, 10), 0);

  referee.gap(bob);
  const milk = { sender: "carol", channel: "room:tea", n: 1, id: 1 };
  referee.acknowledge(milk, 0);
  referee.give(bob, milk, 0);

  assertEquals(findings(referee), NOTHING);
});

Deno.test("[K6] latency counts from the acknowledgement to the delivery, right within 2 %", () => {
  const referee = new Referee();
  const bob = referee.enter("bob", ["room:tea"]);
  for (let n = 1; n <= 100; n++) {
    referee.acknowledge(tea(n, n), 1_000);
    referee.give(bob, tea(n, n), 1_000 + n);
  }

  const { p50, p99, max } = referee.judge(0).latency;

  assertEquals([p50, max], [50, 100]);
  assertGreaterOrEqual(p99, 97);
  assertGreaterOrEqual(100, p99);
});
