import { monotonicNow, type MonotonicTime, msSince } from "./clock.ts";

/** Under `deno task`, one Ctrl-C arrives two or three times. Only a signal that comes this much (ms) later is a second one. */
const ECHO = 1_000;

/** Windows has no SIGTERM. */
const SIGNALS: readonly Deno.Signal[] = Deno.build.os === "windows"
  ? ["SIGINT"]
  : ["SIGINT", "SIGTERM"];

/** Calls `listener` for each SIGINT or SIGTERM until disposed. */
export function onStopSignal(listener: () => void): Disposable {
  for (const signal of SIGNALS) Deno.addSignalListener(signal, listener);
  return {
    [Symbol.dispose]() {
      for (const signal of SIGNALS) Deno.removeSignalListener(signal, listener);
    },
  };
}

/** Resolves at the first SIGINT or SIGTERM. A second one, at least a second later, exits the process at once. */
export function stopRequested(): Promise<void> {
  let first: MonotonicTime | undefined;
  return new Promise((resolve) => {
    onStopSignal(() => {
      first ??= monotonicNow();
      if (msSince(first) >= ECHO) Deno.exit(130);
      resolve();
    });
  });
}
