import { type Runtime, SYSTEM_RUNTIME } from "./runtime.ts";

/**
 * Calls `task` every `intervalMs` until disposed, never twice at the same time. Errors go to `onError`, and the next run
 * comes as usual. Disposing waits for the current run.
 */
export function startIntervalJob(
  task: () => Promise<void>,
  { intervalMs, onError, runtime = SYSTEM_RUNTIME }: {
    readonly intervalMs: number;
    readonly onError: (error: unknown) => void;
    readonly runtime?: Runtime | undefined;
  },
): AsyncDisposable {
  let running: Promise<void> | undefined;
  const run = async () => {
    try {
      await task();
    } catch (error) {
      onError(error);
    }
  };
  const onTick = () => {
    running ??= run().finally(() => running = undefined);
  };
  const timer = runtime.setInterval(onTick, intervalMs);
  return {
    async [Symbol.asyncDispose]() {
      runtime.clearInterval(timer);
      await running;
    },
  };
}
