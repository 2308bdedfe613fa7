import { Backoff, type Delays } from "./delays.ts";
import { isFinal } from "./halley_error.ts";
import type { Platform } from "./platform.ts";

/** How a request is repeated. */
export interface Repeating {
  readonly delays: Delays;
  readonly signal: AbortSignal;
  readonly platform: Platform;
}

/**
 * Repeats a request until the server answers. Throws a `HalleyError` if it rejects the request, and the signal's reason if
 * that aborts.
 */
export async function untilAnswered<T>(
  request: () => Promise<T>,
  { delays, signal, platform }: Repeating,
  onFailure?: (error: unknown) => void,
): Promise<T> {
  const backoff = new Backoff(platform);
  while (true) {
    try {
      return await request();
    } catch (error) {
      signal.throwIfAborted();
      if (isFinal(error)) throw error;
      onFailure?.(error);
      await delays.wait(backoff.delayAfter(error), signal);
      signal.throwIfAborted();
    }
  }
}
