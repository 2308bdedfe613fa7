import { assertEquals, assertGreaterOrEqual } from "@std/assert";
import { Checker } from "../../server/commands/soak/checker.ts";

/** Message number `n` of alice to the room tea, with the id `id`. */
function tea(n: number, id: number) {
  return { sender: "alice", channel: "room:tea", n, id };
}

/** The findings at the time 200, without the other counts. */
function findings(checker: Checker) {
  const { lost, duplicated, outOfOrder, details } = checker.finish(200);
  return { lost, duplicated, outOfOrder, details };
}

const NOTHING = { lost: 0, duplicated: 0, outOfOrder: 0, details: [] };

Deno.test("[K2] messages that every reader receives once and in order are counted, and are not findings", () => {
  const checker = new Checker();
  const bob = checker.addReader("bob", ["room:tea"]);
  const carol = checker.addReader("carol", ["room:tea", "room:milk"]);
  for (const [n, id] of [[1, 4], [2, 7]] as const) {
    checker.onSent();
    checker.onAcknowledged(tea(n, id), 0);
    checker.onReceived(bob, tea(n, id), 0);
    checker.onReceived(carol, tea(n, id), 0);
  }

  const { sent, acknowledged, delivered, gaps } = checker.finish(0);

  assertEquals(findings(checker), NOTHING);
  assertEquals({ sent, acknowledged, delivered, gaps }, {
    sent: 2,
    acknowledged: 2,
    delivered: 4,
    gaps: 0,
  });
});

Deno.test("[K2] an acknowledged message that a reader of its channel does not receive is lost", () => {
  const checker = new Checker();
  const bob = checker.addReader("bob", ["room:tea"]);
  checker.addReader("carol", ["room:milk"]);
  for (const n of [1, 2, 3]) checker.onAcknowledged(tea(n, n), 100);

  checker.onReceived(bob, tea(1, 1), 110);
  checker.onReceived(bob, tea(3, 3), 110);

  assertEquals(checker.outstanding, 1);
  assertEquals(checker.lag(150), 50);
  assertEquals(findings(checker), {
    ...NOTHING,
    lost: 1,
    details: [
      "lost: bob did not receive 2 (message 2 of alice in room:tea), acknowledged 100 ms ago; " +
      "it received 1 before and 3 after",
    ],
  });
});

Deno.test("[K27] a reader that still shows messages of a person who was erased is outdated; one that has not received them has lost nothing", () => {
  const checker = new Checker();
  const [bob, carol] = ["bob", "carol"].map((name) => checker.addReader(name, ["room:tea"]));
  for (const n of [1, 2]) checker.onAcknowledged(tea(n, n), 100);
  checker.onAcknowledged({ ...tea(1, 3), sender: "dave" }, 100);
  for (const reader of [bob!, carol!]) {
    checker.onReceived(reader, tea(1, 1), 110);
    checker.onReceived(reader, { ...tea(1, 3), sender: "dave" }, 120);
  }

  checker.onErasing("alice");
  assertEquals(checker.outstanding, 0);
  const at = { channel: "room:tea", at: 0 };
  checker.onChange(carol!, { id: 4, ...at, message: { id: 1, ...at, deletedAt: 1 } });
  checker.onErased("alice");

  assertEquals(checker.outstanding, 1);
  const { lost, outdated, changed, details } = checker.finish(200);
  assertEquals({ lost, outdated, changed, details }, {
    lost: 0,
    outdated: 1,
    changed: 2,
    details: ["outdated: bob shows 1 as sent, which is deleted"],
  });
});

Deno.test("[K26] whoever shows a message in the end as it was before it was edited or deleted is outdated", () => {
  const checker = new Checker();
  const [bob, carol] = ["bob", "carol"].map((name) => checker.addReader(name, ["room:tea"]));
  for (const [n, state] of [[1, "edited"], [2, "deleted"], [3, "edited"]] as const) {
    checker.onAcknowledged(tea(n, n), 0);
    for (const reader of [bob!, carol!]) checker.onReceived(reader, tea(n, n), 0);
    checker.onChanging(tea(n, n), state);
    if (n < 3) checker.onChanged(tea(n, n), state);
  }

  const message = { id: 1, channel: "room:tea", at: 0, data: { edited: true } };
  checker.onChange(bob!, { id: 4, channel: "room:tea", at: 0, message });
  const deleted = { id: 2, channel: "room:tea", at: 0, deletedAt: 0 };
  checker.onChange(bob!, { id: 5, channel: "room:tea", at: 0, message: deleted });

  assertEquals(checker.outstanding, 2);
  const { outdated, changed, details } = checker.finish(200);
  assertEquals({ outdated, changed, details }, {
    outdated: 2,
    changed: 2,
    details: [
      "outdated: carol shows 1 as sent, which is edited",
      "outdated: carol shows 2 as sent, which is deleted",
    ],
  });
});

Deno.test("[K26] a message that is perhaps deleted need not be received, and an edited one may come as it is now", () => {
  const checker = new Checker();
  const bob = checker.addReader("bob", ["room:tea"]);
  for (const n of [1, 2]) checker.onAcknowledged(tea(n, n), 0);

  checker.onChanging(tea(1, 1), "deleted");
  checker.onChanging(tea(2, 2), "edited");
  checker.onChanged(tea(2, 2), "edited");
  checker.onReceived(bob, { ...tea(2, 2), state: "edited" }, 100);

  assertEquals([checker.outstanding, checker.finish(200).outdated], [0, 0]);
  assertEquals(findings(checker), NOTHING);
});

Deno.test("[K2] a message that was never acknowledged may or may not be received", () => {
  const checker = new Checker();
  const bob = checker.addReader("bob", ["room:tea"]);
  checker.addReader("carol", ["room:tea"]);
  checker.onSent();

  checker.onReceived(bob, tea(1, 1), 0);

  assertEquals(findings(checker), NOTHING);
});

Deno.test("[K2] a message may be received before it is acknowledged", () => {
  const checker = new Checker();
  const bob = checker.addReader("bob", ["room:tea"]);

  checker.onReceived(bob, tea(1, 1), 0);
  checker.onAcknowledged(tea(1, 1), 10);

  assertEquals(checker.outstanding, 0);
  assertEquals(findings(checker), NOTHING);
});

Deno.test("[K3] a message that is received again is duplicated", () => {
  const checker = new Checker();
  const bob = checker.addReader("bob", ["room:tea"]);
  for (const n of [1, 2]) checker.onAcknowledged(tea(n, n), 0);

  for (const n of [1, 2, 1]) checker.onReceived(bob, tea(n, n), 0);

  assertEquals(findings(checker), {
    ...NOTHING,
    duplicated: 1,
    details: [
      "duplicated: bob received 1 (message 1 of alice in room:tea) again; " +
      "it received nothing before and 1, 2 after",
    ],
  });
});

Deno.test("[K3] two messages with one key are one duplicate, however many readers receive them", () => {
  const checker = new Checker();
  const bob = checker.addReader("bob", ["room:tea"]);
  const carol = checker.addReader("carol", ["room:tea"]);
  checker.onAcknowledged(tea(1, 1), 0);

  for (const reader of [bob, carol]) {
    checker.onReceived(reader, tea(1, 1), 0);
    checker.onReceived(reader, tea(1, 2), 0);
  }

  const { duplicated, lost, outOfOrder } = findings(checker);
  assertEquals({ duplicated, lost, outOfOrder }, { duplicated: 1, lost: 0, outOfOrder: 0 });
});

Deno.test("[K3] two responses to one key with different ids are a duplicate", () => {
  const checker = new Checker();

  checker.onAcknowledged(tea(1, 1), 0);
  checker.onAcknowledged(tea(1, 2), 0);

  assertEquals(findings(checker).details, [
    "duplicated: message 1 of alice in room:tea is in the log twice, as 1 and 2",
  ]);
});

Deno.test("[K4] a message that is received after a later one is out of order, but not lost", () => {
  const checker = new Checker();
  const bob = checker.addReader("bob", ["room:tea", "room:milk"]);
  const milk = { sender: "carol", channel: "room:milk", n: 1, id: 2 };
  checker.onAcknowledged(tea(1, 1), 0);
  checker.onAcknowledged(milk, 0);

  checker.onReceived(bob, milk, 0);
  checker.onReceived(bob, tea(1, 1), 0);

  assertEquals(findings(checker), {
    ...NOTHING,
    outOfOrder: 1,
    details: [
      "outOfOrder: bob received 1 (message 1 of alice in room:tea) after 2; " +
      "it received nothing before and 2 after",
    ],
  });
});

Deno.test("[K4] messages that are in the log in another order than they were sent are out of order", () => {
  const checker = new Checker();

  checker.onAcknowledged(tea(1, 5), 0);
  checker.onAcknowledged(tea(2, 4), 0);

  assertEquals(findings(checker).details, [
    "outOfOrder: of alice in room:tea, message 1 has the id 5, and message 2 the id 4",
  ]);
});

Deno.test("[K5] a gap excuses what is missing before the next message, and nothing after it", () => {
  const checker = new Checker();
  const bob = checker.addReader("bob", ["room:tea"]);
  for (const n of [1, 2, 3, 4]) checker.onAcknowledged(tea(n, n), 0);
  checker.onReceived(bob, tea(1, 1), 0);

  checker.onGap(bob);
  checker.onReceived(bob, tea(3, 3), 0);

  assertEquals(checker.outstanding, 1);
  const { lost, details, gaps } = checker.finish(0);
  assertEquals({ lost, gaps }, { lost: 1, gaps: 1 });
  assertEquals(details[0]?.includes("did not receive 4"), true);
});

Deno.test("[K5] a gap after which the ids start again excuses all messages of the old log", () => {
  const checker = new Checker();
  const bob = checker.addReader("bob", ["room:tea"]);
  for (const n of [1, 2, 3]) checker.onAcknowledged(tea(n, 10 * n), 0);
  checker.onReceived(bob, tea(1, 10), 0);

  checker.onGap(bob);
  const milk = { sender: "carol", channel: "room:tea", n: 1, id: 1 };
  checker.onAcknowledged(milk, 0);
  checker.onReceived(bob, milk, 0);

  assertEquals(findings(checker), NOTHING);
});

Deno.test("[K14] a participant that stopped although the server did not stop it is a finding", () => {
  const checker = new Checker();

  checker.onStopped("bob stopped: refused");

  assertEquals(checker.finish(0).stopped, 1);
  assertEquals(findings(checker).details, ["stopped: bob stopped: refused"]);
});

Deno.test("[K15] a reader that comes later must receive what was sent since, and may receive more", () => {
  const checker = new Checker();
  const bob = checker.addReader("bob", ["room:tea"]);
  bob.startAt(100);

  checker.onAcknowledged(tea(1, 1), 120, 99);
  checker.onAcknowledged(tea(2, 2), 120, 99);
  checker.onAcknowledged(tea(3, 3), 120, 101);
  checker.onReceived(bob, tea(2, 2), 120);

  assertEquals(checker.outstanding, 1);
  assertEquals(findings(checker).details[0]?.includes("bob did not receive 3"), true);
});

Deno.test("[K15] a reader that has left for good need not receive anything", () => {
  const checker = new Checker();
  const bob = checker.addReader("bob", ["room:tea"]);
  checker.onAcknowledged(tea(1, 1), 0);

  checker.removeReader(bob);
  checker.onAcknowledged(tea(2, 2), 0);

  assertEquals(findings(checker), NOTHING);
});

Deno.test("[K6] latency is measured from the acknowledgement to the delivery, and accurate to 2 %", () => {
  const checker = new Checker();
  const bob = checker.addReader("bob", ["room:tea"]);
  for (let n = 1; n <= 100; n++) {
    checker.onAcknowledged(tea(n, n), 1_000);
    checker.onReceived(bob, tea(n, n), 1_000 + n);
  }

  const { p50, p99, max } = checker.finish(0).latency;

  assertEquals([p50, max], [50, 100]);
  assertGreaterOrEqual(p99, 97);
  assertGreaterOrEqual(100, p99);
});
