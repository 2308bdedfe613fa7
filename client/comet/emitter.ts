import { disposable } from "./dispose.ts";

type Listener<T> = (value: T) => void;

/** Tells its listeners, in the order in which they came. A listener that throws is reported and stops nobody. */
export class Emitter<Events extends object> {
  readonly #listeners: { [Name in keyof Events]?: Set<Listener<Events[Name]>> } = {};

  /** Calls `listener` with each event of that name, until the subscription is disposed of. */
  on<Name extends keyof Events>(name: Name, listener: Listener<Events[Name]>): Disposable {
    const listeners = this.#listeners[name] ??= new Set();
    // Wrapped, so that one function that listens twice is two subscriptions.
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
  // Deno and browsers end a program for an error that is reported and not looked at; Node has no reportError.
  if (typeof document !== "undefined" && typeof reportError === "function") reportError(error);
  else console.error(error);
}
