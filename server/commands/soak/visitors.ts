import { delay } from "../../base/delay.ts";
import { errorMessage } from "../../base/error_message.ts";
import type { ReaderRecord } from "./reader_record.ts";
import type { OpenReader, Reader, ReaderOptions, RunContext } from "./run_context.ts";
import { SeededRandom } from "./seeded_random.ts";

/** What a reader of a user reads, and how. */
export interface Seating extends Pick<ReaderOptions, "user" | "rooms" | "hold"> {
  /** The kind of reader. */
  readonly name: string;
  readonly open: OpenReader;
  /** All channels whose messages it must receive. */
  readonly reads: readonly string[];
}

/** How often (ms) to decide on a visit. The weight compensates for deciding less often than once per poll. */
const INTERVAL = 250;
const WEIGHT = 20;

/** How long a visitor stays, and how long it is away before it returns, in ms. */
const STAY = { min: 500, max: 6_000 } as const;
const ABSENCE = { min: 50, max: 4_000 } as const;

/** The share of visitors who return. */
const RETURNING = 0.6;

/**
 * Further tabs of the users, each with a token of its own, which come and go. One that returns continues from its cursor
 * as the same tab, and must have received everything that was sent since it first came. One that left for good need not.
 */
export class Visitors {
  readonly #seatings: readonly Seating[];
  readonly #context: RunContext;
  readonly #random: SeededRandom;
  readonly #visits = new Set<Promise<void>>();
  readonly #present = new Set<Reader>();
  #count = 0;

  constructor(seatings: readonly Seating[], context: RunContext) {
    this.#seatings = seatings;
    this.#context = context;
    this.#random = new SeededRandom(context.seed, "visitors");
  }

  /** Lets visitors come until there are no faults any more. Those who are there then stay until the run is over. */
  async run(): Promise<void> {
    const { faults, over } = this.#context;
    while (!over.aborted) {
      await delay(INTERVAL, over);
      const fault = faults.draw(this.#random, ["visit"], WEIGHT);
      const seating = this.#random.pick(this.#seatings);
      // Two readers and a visitor per user, besides tabs that have just left, are within the limit of tabs.
      const isFull = this.#visits.size * 2 >= this.#seatings.length;
      if (fault === undefined || seating === undefined || isFull) continue;
      faults.count(fault);
      const visit = this.#visit(seating, ++this.#count);
      this.#visits.add(visit);
      visit.then(() => this.#visits.delete(visit));
    }
    await Promise.all(this.#visits);
  }

  /** Ends the waits of those who are there. */
  hurry(): void {
    for (const reader of this.#present) reader.hurry();
  }

  async #visit(seating: Seating, n: number): Promise<void> {
    const { checker, faults, over, seed } = this.#context;
    const name = `visitor-${n}-${seating.name}`;
    const random = new SeededRandom(seed, name);
    const record = checker.addReader(name, seating.reads);
    record.startAt(Infinity);
    try {
      let cursor: string | undefined;
      while (!over.aborted) {
        const ms = random.between(STAY.min, STAY.max);
        cursor = await this.#stay(seating, { name, record, cursor, ms });
        if (random.next() >= RETURNING) break;
        await delay(random.between(ABSENCE.min, ABSENCE.max), faults.signal);
      }
    } catch (error) {
      checker.onStopped(`${name} could not come: ${errorMessage(error)}`);
    }
    if (!over.aborted) checker.removeReader(record);
  }

  /** Comes, reads for `ms`, and leaves. Returns the cursor to come back with. Without faults it stays. */
  async #stay(
    { open, user, rooms, hold }: Seating,
    { name, record, cursor, ms }: {
      readonly name: string;
      readonly record: ReaderRecord;
      readonly cursor: string | undefined;
      readonly ms: number;
    },
  ): Promise<string | undefined> {
    const { faults, over } = this.#context;
    const leaving = new AbortController();
    const context = { ...this.#context, over: AbortSignal.any([over, leaving.signal]) };
    const start = cursor === undefined ? {} : { cursor };
    const reader = await open({ name, record, user, rooms, hold, tab: name, ...start }, context);
    this.#present.add(reader);
    await reader.enter();
    if (cursor === undefined) record.startAt(performance.now());
    const reading = reader.run();
    await delay(ms, faults.signal);
    if (!faults.signal.aborted) leaving.abort();
    await reading;
    this.#present.delete(reader);
    return reader.cursor;
  }
}
