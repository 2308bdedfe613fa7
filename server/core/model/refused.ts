import type { Limit, Refusal } from "../../protocol/refusal.ts";

/** The rejection of a request for a known reason. Every other error is a bug: it is logged and answered with 500. */
export class Refused extends Error {
  override readonly name = "Refused";

  /** `retryAfter`: time in ms after which a retry can succeed. `limit`: the limit exceeded, with `too_many_requests`. */
  constructor(
    readonly refusal: Refusal,
    message: string,
    readonly retryAfter?: number,
    readonly limit?: Limit,
  ) {
    super(message);
  }
}

/** The refusal of a draft that `repeats` no other one. */
export function notRepeated(): Refused {
  return new Refused("not_found", "No message was sent with this key");
}

/** For `catch`: ignores that the store is unavailable, and rethrows any other error. */
export function ignoreUnavailable(error: unknown): void {
  if (!(error instanceof Refused) || error.refusal !== "store_unavailable") throw error;
}
