/** The listeners of one kind of event. */
export class Listeners<T> {
  readonly #all = new Set<(value: T) => void>();

  /** Calls `listener` with each event until the result is disposed of. */
  add(listener: (value: T) => void): Disposable {
    this.#all.add(listener);
    return { [Symbol.dispose]: () => this.#all.delete(listener) };
  }

  /** Calls every listener. An error in one of them is reported as uncaught and does not affect the others. */
  emit(value: T): void {
    for (const listener of this.#all) {
      try {
        listener(value);
      } catch (error) {
        reportError(error);
      }
    }
  }
}
