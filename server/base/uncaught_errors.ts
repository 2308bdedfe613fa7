import type { Logger } from "./logger.ts";

/**
 * Logs every uncaught error and unhandled rejection until disposed. Without it, one failing background task would end
 * the process, and all parked polls with it.
 */
export function logUncaughtErrors(logger: Logger): Disposable {
  const listening = new AbortController();
  const { signal } = listening;
  globalThis.addEventListener("error", (event) => {
    event.preventDefault();
    logger.internalError(event.error);
  }, { signal });
  globalThis.addEventListener("unhandledrejection", (event) => {
    event.preventDefault();
    logger.internalError(event.reason);
  }, { signal });
  return { [Symbol.dispose]: () => listening.abort() };
}
