import type { NodeEvent } from "../../core/node_event.ts";
import type { NodeBus } from "../../core/store.ts";

/** Carries events within this process, for stores that only one process uses. */
export class LocalBus implements NodeBus {
  readonly #listeners = new Set<(event: NodeEvent) => void>();

  broadcast(event: NodeEvent): void {
    for (const onEvent of this.#listeners) onEvent(event);
  }

  listen(onEvent: (event: NodeEvent) => void): Disposable {
    this.#listeners.add(onEvent);
    return { [Symbol.dispose]: () => this.#listeners.delete(onEvent) };
  }
}
