import { monotonicNow, type MonotonicTime } from "../../server/base/clock.ts";
import { assertEquals } from "@std/assert";
import type { IncomingRequest } from "../../server/http/limits/client_address.ts";
import { DEFAULT_RIGHTS } from "../../server/core/model/rights.ts";
import type { Session } from "../../server/core/model/session.ts";
import { stopClock } from "../support/clock.ts";
import { openLimits } from "../support/limits.ts";

/** A request from the address of an office. */
const OFFICE: IncomingRequest = {
  env: { remoteAddr: { transport: "tcp", hostname: "203.0.113.7", port: 50_000 } },
  req: { raw: new Request("http://halley.test") },
};

function person(n: number): Session & { seenAt: MonotonicTime } {
  const person = { publicToken: `p${n}`, displayName: `p${n}` };
  const state = { seenAt: monotonicNow(), startsAfter: 0, hasEnded: false };
  return { ...person, person, rights: DEFAULT_RIGHTS, ...state };
}

Deno.test("[Y10] eight tabs in a room with 50 messages per second exceed no limit", async () => {
  using clock = stopClock();
  const { limits, exceeded } = openLimits();
  const alice = person(1);

  for (let second = 0; second < 120; second++) {
    alice.seenAt = monotonicNow();
    for (let poll = 0; poll < 8 * 50; poll++) limits.checkSession(OFFICE, alice, "polls");
    for (let call = 0; call < 15; call++) limits.checkSession(OFFICE, alice, "calls");
    for (let send = 0; send < 10; send++) limits.checkSession(OFFICE, alice, "sends");
    await clock.pass(1_000);
  }

  assertEquals(exceeded, []);
});

Deno.test("[Y10] 500 people at one address who connect at once and chat exceed no limit", async () => {
  using clock = stopClock();
  const { limits, exceeded } = openLimits();
  const people = Array.from({ length: 500 }, (_, n) => person(n));
  const now = () => {
    for (const someone of people) someone.seenAt = monotonicNow();
  };
  // Each with two browsers, a page that loads thirty things, and a stale token.
  now();
  for (const someone of people) {
    for (let browser = 0; browser < 2; browser++) limits.checkSignIn(OFFICE);
    for (let call = 0; call < 30; call++) limits.checkSession(OFFICE, someone, "calls");
    limits.checkWrongToken(OFFICE);
  }

  for (let second = 0; second < 20; second++) {
    await clock.pass(1_000);
    now();
    for (const someone of people) {
      for (let poll = 0; poll < 50; poll++) limits.checkSession(OFFICE, someone, "polls");
      for (let call = 0; call < 2; call++) limits.checkSession(OFFICE, someone, "calls");
      if (second % 2 === 0) limits.checkSession(OFFICE, someone, "sends");
    }
  }

  assertEquals(exceeded, []);
});
