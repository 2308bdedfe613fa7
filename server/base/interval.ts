/**
 * Runs `task` every `interval` ms until disposed, never twice at once; disposing waits for a run that is under way. What
 * a run throws is told to `onError`, and does not end the job.
 */
export function startIntervalJob(
  task: () => Promise<void>,
  { interval, onError }: { interval: number; onError: (error: unknown) => void },
): AsyncDisposable {
  let running: Promise<void> | undefined;
  const run = async () => {
    try {
      await task();
    } catch (error) {
      onError(error);
    }
  };
  const timer = setInterval(() => running ??= run().finally(() => running = undefined), interval);
  return {
    async [Symbol.asyncDispose]() {
      clearInterval(timer);
      await running;
    },
  };
}
