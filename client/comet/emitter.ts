import { disposable } from "./dispose.ts";

type Listener<T> = (value: T) => void;

/** Calls the listeners of an event in the order in which they subscribed. If one throws, the others are still called. */
export class Emitter<Events extends object> {
  readonly #listeners: { [Name in keyof Events]?: Set<Listener<Events[Name]>> } = {};

  /** Calls `listener` with each event of that name, until disposed. */
  on<Name extends keyof Events>(name: Name, listener: Listener<Events[Name]>): Disposable {
    const listeners = this.#listeners[name] ??= new Set();
    // Wrapped, so that a function that subscribes twice has two subscriptions.
    const subscription: Listener<Events[Name]> = (value) => listener(value);
    listeners.add(subscription);
    return disposable(() => listeners.delete(subscription));
  }

  emit<Name extends keyof Events>(name: Name, value: Events[Name]): void {
    for (const listener of [...this.#listeners[name] ?? []]) {
      try {
        listener(value);
      } catch (error) {
        report(error);
      }
    }
  }
}

function report(error: unknown): void {
  // In Deno, reportError would end the program; Node does not have it.
  if (typeof document !== "undefined" && typeof reportError === "function") reportError(error);
  else console.error(error);
}
