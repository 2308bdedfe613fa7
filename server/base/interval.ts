/**
 * Calls `task` every `intervalMs` until disposed, never twice at the same time. Errors go to `onError`, and the next run
 * comes as usual. Disposing waits for the current run.
 */
export function startIntervalJob(
  task: () => Promise<void>,
  { intervalMs, onError }: {
    readonly intervalMs: number;
    readonly onError: (error: unknown) => void;
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
  const timer = setInterval(() => running ??= run().finally(() => running = undefined), intervalMs);
  return {
    async [Symbol.asyncDispose]() {
      clearInterval(timer);
      await running;
    },
  };
}
