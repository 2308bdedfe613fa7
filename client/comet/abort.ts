import { disposable, disposeAll, listen } from "./dispose.ts";
import type { Platform } from "./platform.ts";

/** Something did not happen in time. */
export class TimeoutError extends Error {
  override readonly name = "TimeoutError";
}

/**
 * An abort controller that also aborts when one of `signals` does, until it is disposed. (`AbortSignal.any` would keep
 * every request in memory for as long as the longest-lived signal lives.)
 */
export class LinkedAbortController implements Disposable {
  readonly #controller = new AbortController();
  readonly #links: Disposable[];

  constructor(...signals: readonly (AbortSignal | undefined)[]) {
    this.#links = signals.filter((signal) => signal !== undefined)
      .map((signal) => onAbort(signal, () => this.#controller.abort(signal.reason)));
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  abort(reason?: Error): void {
    this.#controller.abort(reason);
  }

  /** Aborts after `ms` with a `TimeoutError` that says what has not come. */
  abortAfter(ms: number, what: string, platform: Platform): void {
    const abort = () => this.abort(new TimeoutError(`No ${what} within ${ms} ms`));
    const timer = platform.setTimeout(abort, ms);
    this.#links.push(disposable(() => platform.clearTimeout(timer)));
  }

  [Symbol.dispose](): void {
    disposeAll(this.#links);
  }
}

/** Settles as `promise` does, or rejects with the signal's reason as soon as the signal aborts. */
export async function abortable<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  let listener: Disposable | undefined;
  const aborted = new Promise<never>((_, reject) => {
    listener = onAbort(signal, () => reject(signal.reason));
  });
  try {
    return await Promise.race([promise, aborted]);
  } finally {
    listener?.[Symbol.dispose]();
  }
}

/** Calls `listener` when the signal aborts, or at once if it has already, until disposed. */
export function onAbort(signal: AbortSignal, listener: () => void): Disposable {
  const subscription = listen(signal, "abort", listener);
  if (signal.aborted) listener();
  return subscription;
}
