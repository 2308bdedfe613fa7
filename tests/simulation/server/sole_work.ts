import type { Ledger } from "../ledger.ts";
import type { NodeProcess } from "./store_place.ts";

/** How often a leader does its work, in ms. */
const WORK_MS = 500;

/** Work that only one node may do at a time, as it is told by a `Leader`. */
export class SoleWork {
  readonly #ledger: Ledger;
  readonly #leaders = new Set<NodeProcess>();

  constructor(ledger: Ledger) {
    this.#ledger = ledger;
  }

  /** A process leads until the result is disposed of, or until it crashes. */
  begin(process: NodeProcess): AsyncDisposable {
    const { actor, runtime } = process;
    this.#leaders.add(process);
    actor.note("leads");
    this.#work(process);
    const timer = runtime.setInterval(() => this.#work(process), WORK_MS);
    return {
      [Symbol.asyncDispose]: () => {
        runtime.clearInterval(timer);
        this.#leaders.delete(process);
        actor.note("leads no more");
        return Promise.resolve();
      },
    };
  }

  #work({ actor }: NodeProcess): void {
    for (const leader of this.#leaders) {
      if (!leader.actor.isAlive) this.#leaders.delete(leader);
      // One that is starved works no more. When it is not any more, it stops before it works.
      else if (leader.actor !== actor && !leader.actor.isPaused) {
        this.#ledger.violate("F7", `${actor.name} and ${leader.actor.name} do the same work`);
      }
    }
  }
}
