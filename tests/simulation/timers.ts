import type { Actor } from "./actor.ts";

/** The timers of an actor, with the signatures of the global functions. */
export class Timers {
  readonly #actor: Actor;
  readonly #cancels = new Map<number, () => void>();
  #last = 0;

  constructor(actor: Actor) {
    this.#actor = actor;
  }

  readonly setTimeout = (run: () => void, ms = 0): number => {
    const id = ++this.#last;
    this.#start(id, ms, () => {
      this.#cancels.delete(id);
      run();
    });
    return id;
  };

  readonly setInterval = (run: () => void, ms = 0): number => {
    const id = ++this.#last;
    const repeat = () => {
      this.#start(id, ms, repeat);
      run();
    };
    this.#start(id, ms, repeat);
    return id;
  };

  readonly clearTimeout = (id: unknown): void => {
    if (typeof id !== "number") return;
    this.#cancels.get(id)?.();
    this.#cancels.delete(id);
  };

  readonly clearInterval = this.clearTimeout;

  #start(id: number, ms: number, run: () => void): void {
    // Nothing waits less than a millisecond.
    const delay = Math.max(1, ms);
    this.#cancels.set(id, this.#actor.after(delay, `timer of ${delay} ms`, run));
  }
}
