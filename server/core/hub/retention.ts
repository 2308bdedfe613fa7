import { LONG_AGO, type MonotonicTime, msBetween } from "../../base/clock.ts";
import type { Runtime } from "../../base/runtime.ts";
import type { LogReader } from "../log/log_reader.ts";
import type { Store } from "../model/store.ts";
import { type AgeRule, AgeRules } from "./age_rules.ts";
import type { Bans } from "../sessions/bans.ts";
import type { Sessions } from "../sessions/sessions.ts";

/** What {@linkcode Retention} is constructed from. */
export interface RetentionDeps {
  readonly store: Store;
  readonly reader: LogReader;
  readonly sessions: Sessions;
  readonly bans: Bans;
  /** Sessions without a request for this time in ms are removed. */
  readonly sessionAge: number;
  /** How long messages of some channels are stored, if shorter than others. */
  readonly retain: readonly AgeRule[];
  /** Called when the wall clock is found to be ahead by this time in ms, and nothing is removed by age for a day. */
  readonly onClockAhead: (ms: number) => void;
  readonly runtime: Runtime;
}

/** Delay in ms between two steps of a sweep, so that sends and polls get their turn. */
const STEP_DELAY = 20;

/** Receipts are removed after this time in ms. */
const RECEIPT_AGE = 30 * 86_400_000;

/** How far the wall clock may be ahead of the last known time, in ms. Beyond it, it is believed after it has run this long. */
const TOLERANCE = 86_400_000;

/** How often the wall time is stored, in ms. */
const STORE_INTERVAL = 600_000;

const CLOCK_KEY = "retention clock";

/**
 * Removes old messages, receipts and sessions with each sweep. A wall clock that has jumped ahead must not remove
 * everything: if it is more than a day ahead of the time of the last sweep (at the start), or of what the monotonic clock
 * says (between two sweeps), nothing is removed by age until the process has run for a day without another jump.
 */
export class Retention {
  readonly #deps: RetentionDeps;
  readonly #ages: AgeRules;
  /** The wall time of the last sweep, or at the start, and when that was. */
  #last: { readonly wall: number; readonly time: MonotonicTime };
  #hasReadStored = false;
  #distrustedUntil = LONG_AGO;
  #storeDue = LONG_AGO;

  constructor(deps: RetentionDeps) {
    this.#deps = deps;
    const { store: { log }, retain: rules, reader } = deps;
    this.#ages = new AgeRules({ log, rules, onRemoved: (upTo) => reader.forget(upTo) });
    this.#last = { wall: deps.runtime.wallNow(), time: deps.runtime.monotonicNow() };
  }

  /** Removes what is old, in short steps, until everything is removed or `signal` aborts. */
  async sweep(signal: AbortSignal): Promise<void> {
    const { store, sessions, bans, sessionAge, runtime } = this.#deps;
    const now = await this.#now();
    await bans.removeEnded(now);
    await sessions.sweep(now - sessionAge);
    const inSteps = async (step: () => Promise<boolean>) => {
      while (await step() && !signal.aborted) await runtime.delay(STEP_DELAY, signal);
    };
    await inSteps(() => store.log.trim(now));
    await inSteps(() => this.#ages.trim(now));
    await inSteps(() => store.receipts.removeBefore(now - RECEIPT_AGE));
  }

  /** The wall time that ages are measured from; 0 while the clock is not trusted, so that nothing is old. */
  async #now(): Promise<number> {
    const { runtime, store } = this.#deps;
    if (!this.#hasReadStored) {
      this.#check(await this.#storedTime(), this.#last.wall);
      this.#hasReadStored = true;
    }
    const [wall, time] = [runtime.wallNow(), runtime.monotonicNow()];
    this.#check(this.#last.wall + msBetween(this.#last.time, time), wall);
    this.#last = { wall, time };
    if (!runtime.hasPassed(this.#distrustedUntil)) return 0;
    if (runtime.hasPassed(this.#storeDue)) {
      await store.keyValue.set(CLOCK_KEY, String(wall));
      this.#storeDue = runtime.fromNow(STORE_INTERVAL);
    }
    return wall;
  }

  #check(expected: number, wall: number): void {
    const ahead = wall - expected;
    if (ahead <= TOLERANCE) return;
    const { runtime, onClockAhead } = this.#deps;
    this.#distrustedUntil = runtime.fromNow(TOLERANCE);
    onClockAhead(ahead);
  }

  /** The wall time of the last sweep of an earlier process; infinite if there was none. */
  async #storedTime(): Promise<number> {
    return Number(await this.#deps.store.keyValue.get(CLOCK_KEY) ?? Infinity);
  }
}
