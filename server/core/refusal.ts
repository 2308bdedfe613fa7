/** Every reason why a request is turned down. Stable words: programs may rely on them. */
export const REFUSALS = [
  "bad_json",
  "invalid_request",
  "not_signed_in",
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
  "too_many_tabs",
  "too_many_polls",
  "closing",
  "store_unavailable",
] as const;

/** One of {@linkcode REFUSALS}. */
export type Refusal = (typeof REFUSALS)[number];

/** A request is turned down for a known reason. Any other error is a defect. */
export class Refused extends Error {
  override readonly name = "Refused";

  /** `retryAfter` (ms) says when another try may succeed. */
  constructor(readonly refusal: Refusal, message: string, readonly retryAfter?: number) {
    super(message);
  }
}

/** For `catch`, around what is not worth failing for when the store is out of reach. */
export function ignoreUnavailable(error: unknown): void {
  if (!(error instanceof Refused) || error.refusal !== "store_unavailable") throw error;
}
