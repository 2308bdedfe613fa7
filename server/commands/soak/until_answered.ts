import { isFinal, retryAfterOf } from "../../../client/comet/halley_error.ts";
import { delay } from "../../base/delay.ts";

/** A request without a response within this time (ms) is repeated. */
export const RESPONSE_TIMEOUT = 2_000;

/** Maximum time (ms) before a failed request is repeated, if the server does not ask for another one. */
const MAX_RETRY_DELAY = 200;

/**
 * Repeats a request until the server has responded; `undefined` if the run is over before. Throws the error by which the server
 * has refused it.
 */
export async function untilAnswered<T>(
  request: () => Promise<T>,
  over: AbortSignal,
): Promise<T | undefined> {
  while (!over.aborted) {
    try {
      return await request();
    } catch (error) {
      if (isFinal(error)) throw error;
      await delay(retryAfterOf(error) || Math.random() * MAX_RETRY_DELAY, over);
    }
  }
  return undefined;
}
