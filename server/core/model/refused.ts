import type { BanNotice, Limit, Refusal } from "../../protocol/refusal.ts";

/** What clients are told besides. */
export interface RefusalFacts {
  /** The limit that was exceeded, with `too_many_requests`. */
  readonly limit?: Limit | undefined;
  /** The ban, with `banned`. */
  readonly ban?: BanNotice | undefined;
}

/** The rejection of a request for a known reason. Every other error is a bug: it is logged and answered with 500. */
export class Refused extends Error {
  override readonly name = "Refused";

  /** `retryAfter`: time in ms after which a retry can succeed. */
  constructor(
    readonly refusal: Refusal,
    message: string,
    readonly retryAfter?: number,
    readonly facts: RefusalFacts = {},
  ) {
    super(message);
  }
}

/** The refusal of a draft that `repeats` no other one. */
export function notRepeated(): Refused {
  return new Refused("not_found", "No message was sent with this key");
}

/** Whether something was refused because what it is about is not there. */
export function isNotFound(error: unknown): error is Refused {
  return error instanceof Refused && error.refusal === "not_found";
}

/** For `catch`: ignores that the store is unavailable, and rethrows any other error. */
export function ignoreUnavailable(error: unknown): void {
  if (!(error instanceof Refused) || error.refusal !== "store_unavailable") throw error;
}
