import type { SeededRandom } from "./seeded_random.ts";

/** All kinds of faults, with the descriptions that `halley soak --help` prints. */
export const FAULTS = {
  "cut-before": "a response is dropped before its first byte, and the connection closed",
  "cut-within": "a response ends within its body",
  "cut-after": "a connection is closed right after a response",
  "foreign":
    "a response is replaced by one that is not from Halley: an error page, a redirect, wrong JSON",
  "gate": "for a moment, requests are answered by something else than Halley, and do not reach it",
  "reset": "a connection is reset when its request arrives",
  "refused": "the server's port is closed for a moment",
  "half-open": "a connection is dead, but not closed",
  "trickle": "a response arrives a few bytes at a time",
  "delayed": "a request is delayed",
  "late": "a request arrives after its client has given it up and sent another",
  "abort": "a reader aborts its poll",
  "twin-poll": "a reader sends two polls at the same time",
  "slow": "a reader is slow to read a response and to poll again",
  "away": "a reader does not poll for some seconds",
  "forget": "a reader crashes before it has stored a response, and continues with its old cursor",
  "reload": "a reader restarts with the cursor that it has stored",
  "token": "a reader restarts with another token of its user",
  "visit": "a further tab of a user arrives, leaves, and may return with its cursor",
  "twin-send": "a message is sent twice at the same time, with one key",
  "edit": "a message is edited by its sender",
  "delete": "a message is deleted by its sender",
  "erase": "somebody comes, writes for a while, and is erased by an administrator",
  "kill": "the server is killed (SIGKILL)",
  "term": "the server is stopped (SIGTERM)",
} as const;

/** A kind of fault. */
export type Fault = keyof typeof FAULTS;

/** All kinds, in the order of the table. */
export const FAULT_NAMES: readonly Fault[] = keysOf(FAULTS);

/** The number of faults of each kind. */
export type FaultCounts = Readonly<Partial<Record<Fault, number>>>;

/** Decides where to inject faults, and counts them. There are no faults before `start` and after `stop`. */
export class Faults {
  readonly #kinds: ReadonlySet<Fault>;
  readonly #share: number;
  readonly #counts = new Map<Fault, number>();
  #end: AbortController | undefined;

  /** Injects only `kinds`, with a probability of `share` (0 to 1). */
  constructor(kinds: Iterable<Fault>, share: number) {
    this.#kinds = new Set(kinds);
    this.#share = share;
  }

  /** Aborted while there are no faults. */
  get signal(): AbortSignal {
    return this.#end?.signal ?? NOT_STARTED;
  }

  get counts(): FaultCounts {
    const counts: Partial<Record<Fault, number>> = {};
    for (const kind of FAULT_NAMES) {
      if (this.#kinds.has(kind)) counts[kind] = this.#counts.get(kind) ?? 0;
    }
    return counts;
  }

  get total(): number {
    return this.#counts.values().reduce((sum, count) => sum + count, 0);
  }

  has(kind: Fault): boolean {
    return this.#kinds.has(kind);
  }

  start(): void {
    this.#end = new AbortController();
  }

  stop(): void {
    this.#end?.abort();
  }

  /**
   * Decides whether to inject one of the `candidates` now, and which. `weight` multiplies the probability. Draws exactly
   * two numbers, so that one decision does not change later ones.
   */
  draw(random: SeededRandom, candidates: readonly Fault[], weight = 1): Fault | undefined {
    const isDue = random.next() < this.#share * weight;
    const kind = random.pick(candidates);
    if (!isDue || kind === undefined || this.signal.aborted) return undefined;
    return this.#kinds.has(kind) ? kind : undefined;
  }

  /** Counts a fault that was injected. */
  count(kind: Fault): void {
    this.#counts.set(kind, (this.#counts.get(kind) ?? 0) + 1);
  }
}

const NOT_STARTED = AbortSignal.abort();

/** `Object.keys` with the type of a literal table's keys. */
function keysOf<Key extends string>(table: Readonly<Record<Key, unknown>>): Key[] {
  const keys: Key[] = [];
  for (const key in table) keys.push(key);
  return keys;
}
