import type { Logger } from "./logger.ts";

/**
 * Logs every error that nobody has expected and nobody has caught, in a timer or in the background, until disposed.
 * Otherwise it would end the process, and everybody's polls with it.
 */
export function logUncaughtErrors(events: Logger): Disposable {
  const listening = new AbortController();
  const { signal } = listening;
  globalThis.addEventListener("error", (event) => {
    event.preventDefault();
    events.internalError(event.error);
  }, { signal });
  globalThis.addEventListener("unhandledrejection", (event) => {
    event.preventDefault();
    events.internalError(event.reason);
  }, { signal });
  return { [Symbol.dispose]: () => listening.abort() };
}
