import { Listeners } from "../base/listeners.ts";
import type { NodeEvent } from "../core/model/node_event.ts";
import type { NodeBus } from "../core/model/store.ts";

/** Carries events within this process, for stores that only one process uses. */
export class LocalBus implements NodeBus {
  readonly #listeners = new Listeners<NodeEvent>();

  broadcast(event: NodeEvent): void {
    this.#listeners.emit(event);
  }

  listen(onEvent: (event: NodeEvent) => void): Disposable {
    return this.#listeners.add(onEvent);
  }
}
