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

/**
 * Logs what Deno itself reports with `console.warn`, as plain text, until disposed. Leaves out that a request's signal
 * also aborts after a reply: the executable cannot prevent it, because the runtime of `deno compile` does not read
 * `no-legacy-abort` (https://github.com/denoland/deno/blob/v2.9.5/cli/rt/run.rs), and polls settle only once.
 */
export function logRuntimeWarnings(logger: Logger): Disposable {
  const { warn } = console;
  console.warn = (...values: unknown[]) => {
    const message = values.map(String).join(" ");
    if (Deno.build.standalone && message.includes("--unstable-no-legacy-abort")) return;
    logger.write("warn", "runtime_warning", { message });
  };
  return { [Symbol.dispose]: () => console.warn = warn };
}
