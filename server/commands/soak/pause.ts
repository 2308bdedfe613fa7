/** Resolves after that many milliseconds, or when `signal` aborts; never rejects. */
export function pause(milliseconds: number, signal?: AbortSignal): Promise<void> {
  if (signal?.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    const end = () => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", end);
      resolve();
    };
    const timer = setTimeout(end, Math.max(0, milliseconds));
    signal?.addEventListener("abort", end);
  });
}

/** Resolves when `signal` aborts or `limit` ms have passed, or with `promise`: what comes first. */
export async function atMost<T>(limit: number, promise: Promise<T>): Promise<T | undefined> {
  const done = new AbortController();
  try {
    return await Promise.race([promise, pause(limit, done.signal).then(() => undefined)]);
  } finally {
    done.abort();
  }
}
