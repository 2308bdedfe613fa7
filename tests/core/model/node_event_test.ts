import { assertEquals } from "@std/assert";
import { isNodeEvent, type NodeEvent } from "../../../server/core/model/node_event.ts";

const ALICE = { publicToken: "a".repeat(16), displayName: "alice" };
const PLACE = { channel: "room:tea", from: ALICE, at: 1 };
const PRESENCE = { person: ALICE, state: "active", active: ["room:tea"], background: [] } as const;

const EVENTS: readonly NodeEvent[] = [
  { type: "signal", signal: { type: "typing", ...PLACE } },
  { type: "signal", signal: { type: "presence", ...PLACE, state: "offline" } },
  { type: "signal", signal: { type: "read", ...PLACE, upTo: 7 } },
  { type: "signal", signal: { type: "delivered", ...PLACE, upTo: 7 } },
  { type: "signal", signal: { type: "closed", ...PLACE } },
  { type: "tabConnected", node: "left", owner: ALICE.publicToken, tab: "", turn: 1 },
  { type: "presence", node: "left", length: 60_000, presences: [PRESENCE] },
  { type: "tasks" },
  { type: "hello", node: "left" },
  { type: "ended", node: "left", publicToken: ALICE.publicToken, reason: "kicked" },
  { type: "changed", node: "left", publicToken: ALICE.publicToken },
];

Deno.test("[F14] every event that this version tells is understood", () => {
  for (const event of EVENTS) {
    assertEquals(isNodeEvent(JSON.parse(JSON.stringify(event))), true, event.type);
  }
});

Deno.test("[F14] a signal can be for the tabs of its own session alone", () => {
  const event = { type: "signal", signal: { type: "read", ...PLACE, upTo: 7 } };

  assertEquals(isNodeEvent({ ...event, own: true }), true);
  for (const own of [null, "yes", {}]) assertEquals(isNodeEvent({ ...event, own }), false);
});

Deno.test("[F14] a word that other versions add changes nothing", () => {
  for (const event of EVENTS) assertEquals(isNodeEvent({ ...event, weather: "mild" }), true);
});

Deno.test("[F14] a tab that connects can acknowledge messages, by their id", () => {
  const connected = { type: "tabConnected", node: "left", owner: "alice", tab: "", turn: 2 };

  assertEquals(isNodeEvent({ ...connected, after: 7 }), true);
  for (const after of [null, "7", {}]) assertEquals(isNodeEvent({ ...connected, after }), false);
});

Deno.test("[F14] an event without one of its words, or with another kind of word, is none", () => {
  for (const event of EVENTS) {
    for (const name of Object.keys(event)) {
      assertEquals(isNodeEvent({ ...event, [name]: undefined }), false, `${event.type}: ${name}`);
      assertEquals(isNodeEvent({ ...event, [name]: {} }), false, `${event.type}: ${name}`);
    }
  }
});

Deno.test("[F14] a signal or a presence of another shape is none", () => {
  const signals = [
    { type: "weather", ...PLACE },
    { type: "constructor", ...PLACE },
    { type: "typing", ...PLACE, from: {} },
    { type: "typing", ...PLACE, at: null },
    { type: "read", ...PLACE },
    { type: "presence", ...PLACE, state: "asleep" },
  ];
  const presences = [{ ...PRESENCE, active: "room:tea" }, { ...PRESENCE, state: "asleep" }, null];

  for (const signal of signals) assertEquals(isNodeEvent({ type: "signal", signal }), false);
  for (const presence of presences) {
    const event = { type: "presence", node: "left", length: 1, presences: [presence] };
    assertEquals(isNodeEvent(event), false);
  }
  for (const word of [null, "tasks", 7, [], { type: "weather" }, { type: "constructor" }]) {
    assertEquals(isNodeEvent(word), false);
  }
});
