import type { SeededRandom } from "./seeded_random.ts";

/** Everything that is done to a chat, and how. */
export const FAULTS = {
  "cut-before": "a reply is dropped before its first byte, and the connection closed",
  "cut-within": "a reply ends within its body",
  "cut-after": "a connection is closed right after a reply",
  "reset": "a connection is broken when its request comes",
  "refused": "for a moment nobody listens",
  "half-open": "a connection is dead, and nobody is told",
  "trickle": "a reply comes a few bytes at a time",
  "delayed": "a request is held back for a while",
  "late": "a request is held back until its client has given it up and asked again",
  "abort": "a reader gives its poll up",
  "twin-poll": "a reader polls twice at once",
  "slow": "a reader is slow to read a reply, and to ask again",
  "away": "a reader stays away for some seconds",
  "forget": "a reader ends before it has kept a reply, and comes back with its old cursor",
  "reload": "a reader starts anew from the cursor that it has kept",
  "twin-send": "a message is sent twice at once, with one key",
  "kill": "the server is killed (SIGKILL)",
  "term": "the server is stopped (SIGTERM)",
} as const;

/** One kind of fault. */
export type Fault = keyof typeof FAULTS;

/** The kinds, in the order of the table. */
export const FAULT_NAMES: readonly Fault[] = namesOf(FAULTS);

/** How many faults of each kind there were. */
export type FaultCounts = Readonly<Partial<Record<Fault, number>>>;

/** Says where faults are to be injected, and counts those that were. Injects none before it is started. */
export class Faults {
  readonly #kinds: ReadonlySet<Fault>;
  readonly #share: number;
  readonly #counts = new Map<Fault, number>();
  #end: AbortController | undefined;

  /** Only `kinds` are injected, into a `share` (0 to 1) of the occasions. */
  constructor(kinds: Iterable<Fault>, share: number) {
    this.#kinds = new Set(kinds);
    this.#share = share;
  }

  /** Aborts when the faults are over. */
  get signal(): AbortSignal {
    return this.#end?.signal ?? OVER;
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
   * The fault for this occasion, if any, of those that can be. Some occasions deserve more of them: `weight`. Draws two
   * numbers whatever comes out, so that one decision does not shift the next.
   */
  draw(chance: SeededRandom, candidates: readonly Fault[], weight = 1): Fault | undefined {
    const isDue = chance.next() < this.#share * weight;
    const kind = chance.pick(candidates);
    if (!isDue || kind === undefined || this.signal.aborted) return undefined;
    return this.#kinds.has(kind) ? kind : undefined;
  }

  /** To be called when a fault has been injected. */
  count(kind: Fault): void {
    this.#counts.set(kind, (this.#counts.get(kind) ?? 0) + 1);
  }
}

const OVER = AbortSignal.abort();

/** `Object.keys` with their type, which a literal table cannot belie. */
function namesOf<Name extends string>(table: Readonly<Record<Name, unknown>>): Name[] {
  const names: Name[] = [];
  for (const name in table) names.push(name);
  return names;
}
