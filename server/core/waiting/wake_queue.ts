import { LONG_AGO, type MonotonicTime } from "../../base/clock.ts";
import { Deque } from "../../base/deque.ts";
import type { Runtime } from "../../base/runtime.ts";
import type { WaitingTab } from "./seat.ts";

/**
 * Maximum number of seats that are woken in one turn of the event loop, so that it is not blocked. Between two slices, the
 * server takes in what has arrived. Fewer while messages arrive faster than readers can be woken: the readers in line then
 * get them together. More when a large room has been quiet: the polls that come back at once would delay those that are
 * still in line.
 */
const SLICE = { afterQuiet: 5_000, usual: 250, overload: 32 } as const;

/** How long in ms no usual slice was full, for a larger one. */
const QUIET_MS = 500;

/** Wakes tabs in slices, in the order in which they were added. */
export class WakeQueue {
  readonly #runtime: Runtime;
  /** Some of their polls may have been released since. */
  readonly #tabs = new Deque<WaitingTab>();
  /** Whether something arrived while tabs were in the queue, since it was empty. */
  #isOverloaded = false;
  /** When a usual slice was last full. */
  #lastFull: MonotonicTime = LONG_AGO;

  constructor(runtime: Runtime) {
    this.#runtime = runtime;
  }

  get isEmpty(): boolean {
    return this.#tabs.length === 0;
  }

  /** Adds a tab, once. */
  add(tab: WaitingTab): void {
    if (tab.isQueued) return;
    tab.isQueued = true;
    this.#tabs.push(tab);
  }

  /** Begins with the first slice now, after a message; `wasEmpty`: whether the queue was empty before. */
  start(wasEmpty: boolean): void {
    if (wasEmpty) this.#wakeSlice();
    else this.#isOverloaded = true;
  }

  readonly #wakeSlice = (): void => {
    for (let left = this.#takeSlice(); left > 0; left--) {
      const tab = this.#tabs.shift();
      if (tab === undefined) break;
      tab.isQueued = false;
      tab.seat?.wake();
    }
    if (this.isEmpty) this.#isOverloaded = false;
    else this.#runtime.setImmediate(this.#wakeSlice);
  };

  /** The size of the next slice. */
  #takeSlice(): number {
    if (this.#isOverloaded) return SLICE.overload;
    if (this.#tabs.length <= SLICE.usual) return SLICE.usual;
    const wasQuiet = this.#runtime.msSince(this.#lastFull) >= QUIET_MS;
    this.#lastFull = this.#runtime.monotonicNow();
    return wasQuiet ? SLICE.afterQuiet : SLICE.usual;
  }
}
