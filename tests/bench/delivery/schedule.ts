import { SeededRandom } from "../../../server/commands/soak/seeded_random.ts";

/** What can happen to a reader's network, with the descriptions for the report. */
export const NETWORK_FAULTS = {
  cut: "all connections of the reader are reset; new ones work at once",
  offline: "all are reset, and new ones are too, for 1 to 6 s",
  dead:
    "nothing arrives on connections that are open or are opened within 2 to 6 s, in either direction and without an error; " +
    "they stay like that until they are reset, 15 s after the start",
  slow: "everything takes 0.3 to 2 s longer, for 2 to 5 s",
} as const;

/** A kind of network fault. */
export type FaultKind = keyof typeof NETWORK_FAULTS;

/** A fault of a reader's network. Times are in ms, `at` since the start of the round. */
export interface NetworkFault {
  readonly kind: FaultKind;
  readonly at: number;
  readonly lasts: number;
  /** How much longer everything takes; 0 for other kinds than `slow`. */
  readonly latency: number;
}

/** A restart of the server. */
export interface Restart {
  readonly at: number;
  readonly signal: "SIGKILL" | "SIGTERM";
}

/** The time (ms) between two faults of a reader. */
const QUIET = { min: 5_000, max: 25_000 } as const;

/** The time (ms) between two restarts. */
const BETWEEN_RESTARTS = { min: 8_000, max: 16_000 } as const;

const KINDS: readonly FaultKind[] = ["cut", "offline", "dead", "slow"];

/** The faults of a reader's network within `duration` ms: the same for every server that is compared. */
export function networkFaults(seed: number, reader: number, duration: number): NetworkFault[] {
  const random = new SeededRandom(seed, `reader-${reader}`);
  const faults: NetworkFault[] = [];
  let at = random.between(0, QUIET.max);
  while (at < duration) {
    const fault = drawFault(random, at);
    faults.push(fault);
    at += fault.lasts + random.between(QUIET.min, QUIET.max);
  }
  return faults;
}

/** The restarts within `duration` ms, killed and stopped in turn. */
export function restarts(seed: number, duration: number): Restart[] {
  const random = new SeededRandom(seed, "restarts");
  const { min, max } = BETWEEN_RESTARTS;
  const list: Restart[] = [];
  for (let at = random.between(2_000, min); at < duration; at += random.between(min, max)) {
    list.push({ at, signal: list.length % 2 === 0 ? "SIGKILL" : "SIGTERM" });
  }
  return list;
}

function drawFault(random: SeededRandom, at: number): NetworkFault {
  const kind = random.pick(KINDS) ?? "cut";
  const [short, long, latency] = [
    random.between(1_000, 6_000),
    random.between(2_000, 6_000),
    random.between(300, 2_000),
  ];
  switch (kind) {
    case "cut":
      return { kind, at, lasts: 0, latency: 0 };
    case "offline":
      return { kind, at, lasts: short, latency: 0 };
    case "dead":
      return { kind, at, lasts: long, latency: 0 };
    case "slow":
      return { kind, at, lasts: Math.min(long, 5_000), latency };
  }
}
