/** Under `deno task`, one Ctrl-C arrives two or three times; only after so long (ms) it is meant again. */
const ECHO = 1_000;

/** Resolves at the first SIGINT or SIGTERM. A second one, at least a second later, calls `onImpatience`. */
export function stopRequested(onImpatience: () => void): Promise<void> {
  let first: number | undefined;
  return new Promise((resolve) => {
    const onSignal = () => {
      first ??= performance.now();
      if (performance.now() - first >= ECHO) onImpatience();
      resolve();
    };
    for (const signal of stopSignals()) Deno.addSignalListener(signal, onSignal);
  });
}

function stopSignals(): readonly Deno.Signal[] {
  // Windows has no SIGTERM.
  return Deno.build.os === "windows" ? ["SIGINT"] : ["SIGINT", "SIGTERM"];
}
