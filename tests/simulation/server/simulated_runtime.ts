import { createHash } from "node:crypto";
import { later, PROCESS_START } from "../../../server/base/clock.ts";
import { Runtime } from "../../../server/base/runtime.ts";
import type { SeededRandom } from "../../../server/commands/soak/seeded_random.ts";
import type { Actor } from "../actor.ts";
import { Timers } from "../timers.ts";

/** The Unix time at which simulations start: 2026-01-01. */
export const START_WALL = Date.UTC(2026, 0, 1);

/** A wall clock that somebody can set. */
export interface WallClock {
  /** How far it is ahead of the simulated time, in ms. */
  aheadMs: number;
}

/** The runtime of one process of a node. Nothing of it happens any more once its actor has crashed. */
export function simulatedRuntime(
  actor: Actor,
  random: SeededRandom,
  clock: WallClock = { aheadMs: 0 },
): Runtime {
  const startedAt = actor.now;
  const timers = new Timers(actor);
  const randomBytes = (count: number) =>
    Uint8Array.from({ length: count }, () => Math.floor(random.next() * 256));
  return new Runtime({
    ...timers,
    wallNow: () => Math.floor(START_WALL + actor.now + clock.aheadMs),
    monotonicNow: () => later(PROCESS_START, actor.now - startedAt),
    setImmediate: (run) => void actor.after(0, "next turn", run),
    random: () => random.next(),
    randomBytes,
    randomUUID: () => {
      const hex = randomBytes(16).toHex();
      return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${
        hex.slice(20)
      }`;
    },
    digest: (bytes) =>
      actor.later(random.between(0, 1), "has computed a digest", () => {
        return new Uint8Array(createHash("sha256").update(bytes).digest());
      }),
  });
}
