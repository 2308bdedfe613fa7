import type { Limit, Refusal } from "../../protocol/refusal.ts";

/** A request is turned down for a known reason. Any other error is a defect. */
export class Refused extends Error {
  override readonly name = "Refused";

  /** `retryAfter` (ms) says when another try may succeed; `limit`, of `too_many_requests`, what was passed. */
  constructor(
    readonly refusal: Refusal,
    message: string,
    readonly retryAfter?: number,
    readonly limit?: Limit,
  ) {
    super(message);
  }
}

/** For `catch`, around what is not worth failing for when the store is out of reach. */
export function ignoreUnavailable(error: unknown): void {
  if (!(error instanceof Refused) || error.refusal !== "store_unavailable") throw error;
}
