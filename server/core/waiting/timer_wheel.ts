import { type Runtime, SYSTEM_RUNTIME, type Timer } from "../../base/runtime.ts";

/** Something that falls due. */
export interface Timed {
  /** Called once, at the scheduled tick. */
  onDue(): void;
}

/** Resolution in ms: a scheduled object falls due up to this much late. */
export const TICK = 250;

/** Maximum delay in ticks. */
const SLOTS = 256;

/**
 * Timeouts for very many objects with one coarse interval timer, which runs only while something is scheduled. A
 * `setTimeout` for each would cost almost 1 KB of heap apiece.
 */
export class TimerWheel implements Disposable {
  readonly #slots: Set<Timed>[] = Array.from({ length: SLOTS }, () => new Set());
  #now = 0;
  #scheduled = 0;
  readonly #runtime: Runtime;
  #timer: Timer | undefined;

  constructor(runtime: Runtime = SYSTEM_RUNTIME) {
    this.#runtime = runtime;
  }

  /** The tick that comes once `delay` ms have passed, at most a minute from now. */
  after(delay: number): number {
    // One tick more, since part of the current one has passed.
    return this.#now + Math.min(Math.ceil(delay / TICK) + 1, SLOTS - 1);
  }

  /** Schedules `timed` for a tick from {@linkcode after}. */
  schedule(timed: Timed, tick: number): void {
    this.#slots[tick % SLOTS]?.add(timed);
    this.#scheduled++;
    this.#timer ??= this.#runtime.setInterval(() => this.#advance(), TICK);
  }

  /** Removes `timed` from its tick, if it is still scheduled. */
  cancel(timed: Timed, tick: number): void {
    if (this.#slots[tick % SLOTS]?.delete(timed)) this.#remove(1);
  }

  [Symbol.dispose](): void {
    for (const slot of this.#slots) slot.clear();
    this.#remove(this.#scheduled);
  }

  #advance(): void {
    this.#now++;
    const due = this.#slots[this.#now % SLOTS];
    if (due === undefined || due.size === 0) return;
    this.#slots[this.#now % SLOTS] = new Set();
    for (const timed of due) {
      try {
        timed.onDue();
      } catch (error) {
        // Rethrowing would skip the others, which are no longer scheduled.
        reportError(error);
      }
    }
    // Last, so that the timer keeps running if something was scheduled meanwhile.
    this.#remove(due.size);
  }

  #remove(count: number): void {
    this.#scheduled -= count;
    if (this.#scheduled > 0) return;
    this.#runtime.clearInterval(this.#timer);
    this.#timer = undefined;
  }
}
