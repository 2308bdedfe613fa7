import type { MonotonicTime } from "../../base/clock.ts";
import type { Runtime, Timer } from "../../base/runtime.ts";
import { ignoreUnavailable } from "../../core/model/refused.ts";

/** Minimum time in ms until a piece begins, so that it shares no transaction with what has caused it. */
const MIN_PAUSE_MS = 20;

/** What {@linkcode PacedWork} is made of. */
interface PacedWorkOptions {
  readonly hasPiece: () => boolean;
  /** Does one piece, of a few ms. */
  readonly doPiece: () => Promise<void>;
  /** The time in ms from one piece to the next. */
  readonly pauseMs: () => number;
  readonly runtime: Runtime;
}

/** Work in the background, in pieces with pauses, which bound the part of the time that it takes. */
export class PacedWork implements Disposable {
  readonly #options: PacedWorkOptions;
  /** When the last piece was done. */
  #last: MonotonicTime | undefined;
  #timer: Timer | undefined;
  #isWorking = false;
  #isDisposed = false;

  constructor(options: PacedWorkOptions) {
    this.#options = options;
  }

  /** Must be called when there may be a piece. */
  wake(): void {
    const { hasPiece, runtime } = this.#options;
    const isBusy = this.#isWorking || this.#timer !== undefined || this.#isDisposed;
    if (isBusy || !hasPiece()) return;
    this.#timer = runtime.setTimeout(() => {
      this.#timer = undefined;
      void this.#work();
    }, this.#waitMs);
  }

  [Symbol.dispose](): void {
    this.#isDisposed = true;
    this.#options.runtime.clearTimeout(this.#timer);
  }

  get #waitMs(): number {
    const { pauseMs, runtime } = this.#options;
    if (this.#last === undefined) return MIN_PAUSE_MS;
    return Math.max(MIN_PAUSE_MS, pauseMs() - runtime.msSince(this.#last));
  }

  async #work(): Promise<void> {
    const { doPiece, runtime } = this.#options;
    this.#isWorking = true;
    try {
      await doPiece();
    } catch (error) {
      ignoreUnavailable(error);
      return;
    } finally {
      this.#isWorking = false;
    }
    this.#last = runtime.monotonicNow();
    this.wake();
  }
}
