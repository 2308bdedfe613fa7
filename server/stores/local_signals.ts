import type { Signal } from "../core/signal.ts";
import type { SignalBus } from "../core/store.ts";

/** Carries signals within this process, for stores that only one process uses. */
export class LocalSignals implements SignalBus {
  readonly #listeners = new Set<(signal: Signal) => void>();

  broadcast(signal: Signal): void {
    for (const onSignal of this.#listeners) onSignal(signal);
  }

  listen(onSignal: (signal: Signal) => void): Disposable {
    this.#listeners.add(onSignal);
    return { [Symbol.dispose]: () => this.#listeners.delete(onSignal) };
  }
}
