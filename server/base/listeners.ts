/** Those who want to be told of something. */
export class Listeners<T> {
  readonly #all = new Set<(value: T) => void>();

  add(listener: (value: T) => void): Disposable {
    this.#all.add(listener);
    return { [Symbol.dispose]: () => this.#all.delete(listener) };
  }

  /** Tells each of them. What one throws is reported as a defect, and keeps nobody else from being told. */
  tell(value: T): void {
    for (const listener of this.#all) {
      try {
        listener(value);
      } catch (defect) {
        reportError(defect);
      }
    }
  }
}
