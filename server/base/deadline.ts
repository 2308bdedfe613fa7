import { SYSTEM_RUNTIME } from "./runtime.ts";

/** Something did not happen in time. */
export class TimeoutError extends Error {
  override readonly name = "TimeoutError";
}

/**
 * Settles as `promise` does. Rejects with a {@linkcode TimeoutError} if it has not settled after `ms`; whatever it stands
 * for is not cancelled.
 */
export async function deadline<T>(
  promise: PromiseLike<T>,
  ms: number,
  runtime = SYSTEM_RUNTIME,
): Promise<T> {
  const { promise: timeout, reject } = Promise.withResolvers<never>();
  const onTimeout = () => reject(new TimeoutError(`no answer within ${ms} ms`));
  const timer = runtime.setTimeout(onTimeout, ms);
  try {
    return await Promise.race([promise, timeout]);
  } finally {
    runtime.clearTimeout(timer);
  }
}
