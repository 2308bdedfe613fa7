/**
 * Refusals for which it is pointless to repeat the request. Clients give up only for these; everything else, such as an
 * error page of a proxy, passes.
 */
export const FINAL_REFUSALS = [
  "bad_json",
  "bad_host",
  "unknown_host",
  "invalid_request",
  "not_signed_in",
  "token_expired",
  "kicked",
  "banned",
  "token_required",
  "name_reserved",
  "not_allowed",
  "origin_not_allowed",
  "not_found",
  "unknown_recipient",
  "unknown_mention",
  "method_not_allowed",
  "key_reused",
  "body_too_large",
  "text_too_long",
  "too_many_messages",
  "unsupported_media_type",
  "too_many_conversations",
  "already_claimed",
  "too_many_reactions",
  "too_many_bans",
  "search_unavailable",
  "files_unavailable",
  "unknown_file",
  "invalid_file",
  "too_many_files",
] as const;

/** Refusals that pass: the same request may succeed later. */
export const PASSING_REFUSALS = [
  "too_many_requests",
  "too_many_tabs",
  "too_many_polls",
  "too_many_rooms",
  "too_many_sessions",
  "closing",
  "files_full",
  "store_unavailable",
  "keys_unavailable",
] as const;

/** The reasons for which the server rejects a request. The codes are stable: programs can rely on them. */
export type Refusal = (typeof FINAL_REFUSALS)[number] | (typeof PASSING_REFUSALS)[number];

/** A limit that a request exceeded. */
export interface Limit {
  readonly name: string;
  /** Number of requests per `window`; without a window, number of simultaneous ones. */
  readonly quota: number;
  /** In seconds. */
  readonly window?: number;
}

/** What somebody who is banned is told. */
export interface BanNotice {
  /** Unix time in ms; absent if the ban is for good. */
  readonly until?: number;
  readonly reason?: string;
}

/** The media type of a {@linkcode Problem}. */
export const PROBLEM_MEDIA_TYPE = "application/problem+json";

/**
 * The `type` of a problem is this prefix and its code. It tells an answer of Halley from one of a proxy, a gateway or a
 * captive portal in front of it.
 */
export const PROBLEM_TYPE = "urn:halley:problem:";

/** The body of an error response: RFC 9457, {@linkcode PROBLEM_MEDIA_TYPE}. */
export interface Problem extends BanNotice {
  /** {@linkcode PROBLEM_TYPE} and the code. */
  readonly type: string;
  readonly title: string;
  /** The HTTP status. */
  readonly status: number;
  readonly detail: string;
  /** Stable: programs can rely on it. */
  readonly code: Refusal | "internal_error";
  /** How long to wait before another attempt, in ms; absent where waiting does not help. */
  readonly retryAfter?: number;
}
