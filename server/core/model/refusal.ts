/** Every reason why a request is turned down. Stable words: programs may rely on them. */
export const REFUSALS = [
  "bad_json",
  "invalid_request",
  "not_signed_in",
  "token_expired",
  "kicked",
  "token_required",
  "name_reserved",
  "not_allowed",
  "origin_not_allowed",
  "not_found",
  "unknown_recipient",
  "method_not_allowed",
  "key_reused",
  "body_too_large",
  "text_too_long",
  "too_many_messages",
  "unsupported_media_type",
  "too_many_conversations",
  "too_many_requests",
  "too_many_tabs",
  "too_many_polls",
  "too_many_rooms",
  "too_many_sessions",
  "closing",
  "store_unavailable",
  "keys_unavailable",
] as const;

/** One of {@linkcode REFUSALS}. */
export type Refusal = (typeof REFUSALS)[number];

/** A limit that a request has passed: so many (in so many seconds, or at once), under this name. */
export interface Limit {
  readonly name: string;
  readonly quota: number;
  readonly window?: number;
}

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
