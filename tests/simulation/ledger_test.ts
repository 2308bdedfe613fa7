import { assertEquals, assertMatch } from "@std/assert";
import { Ledger } from "./ledger.ts";
import { MessageReactions } from "./message_reactions.ts";

Deno.test("[K22] messages of a sender must be in the log in the order in which they were written", () => {
  for (
    const { first, second, rules } of [{ first: 3, second: 5, rules: [] }, {
      first: 5,
      second: 3,
      rules: ["K4"],
    }]
  ) {
    for (const order of [["one", "two"], ["two", "one"]]) {
      const ledger = openLedger();
      for (const text of ["one", "two"]) {
        ledger.onSending({ text, sender: "alice's laptop", channel: "room:tea" });
      }

      for (const text of order) {
        ledger.onAcknowledged({ text, id: text === "one" ? first : second, channel: "room:tea" });
      }

      assertEquals(ledger.violations.map(({ rule }) => rule), rules);
    }
  }
});

Deno.test("[K22] a message that was refused once may be stored after later ones", () => {
  const ledger = openLedger();
  for (const text of ["one", "two"]) {
    ledger.onSending({ text, sender: "alice's laptop", channel: "room:tea" });
  }

  ledger.onRefused("one");
  ledger.onAcknowledged({ text: "two", id: 3, channel: "room:tea" });
  ledger.onAcknowledged({ text: "one", id: 5, channel: "room:tea" });

  assertEquals(ledger.violations, []);
});

Deno.test("[K22] a tab that takes no notices any more need not know that one was edited", () => {
  const ledger = openLedger();
  const tab = ledger.addReader({ name: "alice's tab", publicToken: "alice", rooms: [] });
  const channel = "notice:alice";
  ledger.onSending({ text: "one", sender: "back end", channel });
  tab.onCursor("log.1");
  tab.onMessage({ id: 2, channel, text: "one", at: 0 });
  tab.onCursor("log.2");
  ledger.onAcknowledged({ id: 2, channel, text: "one" });

  tab.leaveRoom("notice");
  ledger.changes.begin(2, "one ~ edited");
  ledger.changes.end(2, { text: "one ~ edited", at: 0 });
  ledger.checkEnd();

  assertEquals(ledger.violations, []);
});

Deno.test("[K22] a tab that opens after the log has lost messages need not know it, until it is told", () => {
  const ledger = openLedger();
  ledger.addReader({ name: "alice", publicToken: "alice", rooms: [] }).onCursor("log.11");
  ledger.onLoss(9);
  const tab = ledger.addReader({ name: "alice's tab", publicToken: "alice", rooms: [] });

  tab.onCursor("log.11");
  assertEquals(tab.isComplete, false);
  tab.onGap();
  tab.onCursor("new.8");

  assertEquals([tab.isComplete, ledger.violations], [true, []]);
});

Deno.test("[K22] a tab that goes back in the same log, although it has lost nothing, is found", () => {
  const ledger = openLedger();
  const tab = ledger.addReader({ name: "alice's tab", publicToken: "alice", rooms: [] });

  tab.onCursor("log.11");
  tab.onCursor("log.8");

  assertEquals(ledger.violations.map(({ rule }) => rule), ["P4"]);
});

Deno.test("[K22] a gap is where a message was removed, also if nobody knows yet that it was stored", () => {
  for (const { removed, rules } of [{ removed: 12, rules: [] }, { removed: 9, rules: ["P17"] }]) {
    const ledger = openLedger((id) => id !== removed);
    const tab = ledger.addReader({ name: "alice's tab", publicToken: "alice", rooms: [] });
    tab.onCursor("log.11");

    tab.onGap();
    tab.onCursor("log.13");

    assertEquals(ledger.violations.map(({ rule }) => rule), rules);
  }
});

Deno.test("[K70] a reply that is received otherwise than it was sent, or although it was refused, is found", () => {
  const sent = { replyTo: 3, mentions: ["bob"] };
  for (
    const { received, rule, rules } of [
      { received: { text: "one", ...sent }, rules: [] },
      { received: { text: "one ~ edited", replyTo: 3 }, rules: [] },
      { received: { text: "one ~ edited", ...sent }, rules: ["A14"] },
      { received: { text: "one", replyTo: 3 }, rules: ["A14"] },
      { received: { text: "one", mentions: ["bob"] }, rules: ["A11"] },
      { received: { text: "one", ...sent }, rule: "A12", rules: ["A12"] },
    ]
  ) {
    for (const isRefusedFirst of [true, false]) {
      const ledger = openLedger();
      const reader = ledger.addReader({ name: "carol", publicToken: "carol", rooms: ["room:tea"] });
      ledger.onSending({ text: "one", sender: "alice", channel: "room:tea", ...sent });

      if (rule && isRefusedFirst) ledger.onRefused("one", rule);
      reader.onMessage({ id: 5, channel: "room:tea", at: 0, ...received });
      if (rule && !isRefusedFirst) ledger.onRefused("one", rule);

      assertEquals(ledger.violations.map(({ rule }) => rule), rules);
    }
  }
});

Deno.test("[K70] a reaction that was taken back is found, and one that is not known is not", () => {
  const reactions = new MessageReactions();

  reactions.begin(1, "👍 bob");
  const complaints = [["👍 bob"], []].map((shown) => reactions.complaintAbout(1, shown));
  reactions.end(1, "👍 bob");
  reactions.takeBack(1, "👍 bob");

  assertEquals(complaints, [undefined, undefined]);
  assertEquals(reactions.complaintAbout(1, []), undefined);
  assertMatch(reactions.complaintAbout(1, ["👍 bob"]) ?? "", /👍 bob/);
});

function openLedger(isStored = (_id: number) => true): Ledger {
  return new Ledger({ now: () => 0, promptMs: 0, onViolation: () => {}, isStored });
}
