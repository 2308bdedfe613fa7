import { type Runtime, type Timer } from "../../base/runtime.ts";
import { ignoreUnavailable } from "../../core/model/refused.ts";

/** After a piece of work, the pause is this number of times as long as the piece, and at least this long in ms. */
const PAUSE = { times: 3, min: 20 } as const;

/** What {@linkcode PacedWork} is made of. */
interface PacedWorkOptions {
  readonly hasPiece: () => boolean;
  /** Does one piece, of a few ms. */
  readonly doPiece: () => Promise<void>;
  readonly runtime: Runtime;
}

/** Work in the background, in pieces with pauses, so that it never takes more than a quarter of the time. */
export class PacedWork implements Disposable {
  readonly #options: PacedWorkOptions;
  #timer: Timer | undefined;
  #isWorking = false;
  #isDisposed = false;

  constructor(options: PacedWorkOptions) {
    this.#options = options;
  }

  /** Must be called when there may be a piece. */
  wake(): void {
    this.#schedule(PAUSE.min);
  }

  [Symbol.dispose](): void {
    this.#isDisposed = true;
    this.#options.runtime.clearTimeout(this.#timer);
  }

  #schedule(ms: number): void {
    const { hasPiece, runtime } = this.#options;
    const isBusy = this.#isWorking || this.#timer !== undefined || this.#isDisposed;
    if (isBusy || !hasPiece()) return;
    this.#timer = runtime.setTimeout(() => {
      this.#timer = undefined;
      void this.#work();
    }, ms);
  }

  async #work(): Promise<void> {
    const { doPiece, runtime } = this.#options;
    const start = runtime.monotonicNow();
    this.#isWorking = true;
    try {
      await doPiece();
    } catch (error) {
      ignoreUnavailable(error);
      return;
    } finally {
      this.#isWorking = false;
    }
    this.#schedule(Math.max(PAUSE.min, PAUSE.times * runtime.msSince(start)));
  }
}
