/**
 * Runs `task` every `interval` ms until disposed, never twice at once. What it throws is told to `onError`, and does
 * not end the job.
 */
export function startIntervalJob(
  task: () => Promise<void>,
  { interval, onError }: { interval: number; onError: (error: unknown) => void },
): Disposable {
  let isRunning = false;
  const timer = setInterval(async () => {
    if (isRunning) return;
    isRunning = true;
    try {
      await task();
    } catch (error) {
      onError(error);
    } finally {
      isRunning = false;
    }
  }, interval);
  return { [Symbol.dispose]: () => clearInterval(timer) };
}
