import type { Actor } from "../actor.ts";

/** How time passes for one part of a model: the servers, or one node that is connected to them. */
export interface ModelTime {
  /** Unix time in ms. */
  wallNow(): number;
  /** Calls `run` after `ms`, unless it is cancelled by calling the result. */
  after(ms: number, what: string, run: () => void): () => void;
}

/** The time of an actor of a simulation. `start`: the Unix time at which the simulation starts. */
export function timeOf(actor: Actor, start: number): ModelTime {
  return {
    wallNow: () => Math.floor(start + actor.now),
    after: (ms, what, run) => actor.after(ms, what, run),
  };
}

/** Real time, for the tests of stores that run over a model. What has not happened yet when it is disposed does not happen. */
export class RealTime implements ModelTime, Disposable {
  readonly #timers = new Set<ReturnType<typeof setTimeout>>();

  /** The clock of the servers: a test that changes `Date.now` sets those of the nodes. */
  wallNow(): number {
    return Math.floor(performance.timeOrigin + performance.now());
  }

  after(ms: number, _what: string, run: () => void): () => void {
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      run();
    }, ms);
    this.#timers.add(timer);
    return () => {
      clearTimeout(timer);
      this.#timers.delete(timer);
    };
  }

  [Symbol.dispose](): void {
    for (const timer of this.#timers) clearTimeout(timer);
    this.#timers.clear();
  }
}
