import { disposeAll, listen } from "./dispose.ts";

/**
 * Aborts when it is told to or when any of `signals` does, until it is disposed of. (AbortSignal.any would hold on to
 * each request for as long as the longest-lived signal lives.)
 */
export class LinkedAborter implements Disposable {
  readonly #controller = new AbortController();
  readonly #links: readonly Disposable[];

  constructor(...signals: readonly (AbortSignal | undefined)[]) {
    const outer = signals.filter((signal) => signal !== undefined);
    this.#links = outer.map((signal) => listen(signal, "abort", () => this.abort(signal.reason)));
    const aborted = outer.find((signal) => signal.aborted);
    if (aborted) this.abort(aborted.reason);
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  abort(reason?: unknown): void {
    this.#controller.abort(reason);
  }

  [Symbol.dispose](): void {
    disposeAll(this.#links);
  }
}
