/** Something did not happen in time. */
export class TimeoutError extends Error {
  override readonly name = "TimeoutError";
}

/**
 * Settles as `promise` does. Rejects with a {@linkcode TimeoutError} if it has not settled after `ms`; whatever it stands
 * for is not cancelled.
 */
export async function deadline<T>(promise: PromiseLike<T>, ms: number): Promise<T> {
  const { promise: timeout, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new TimeoutError(`no answer within ${ms} ms`)), ms);
  try {
    return await Promise.race([promise, timeout]);
  } finally {
    clearTimeout(timer);
  }
}
