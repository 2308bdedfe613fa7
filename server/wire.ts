/**
 * What the two sides exchange: the JSON of the native API, as types alone. docs/API.md says the same in prose.
 *
 * Times are Unix times in milliseconds; durations are milliseconds.
 *
 * @module
 */

import type { Json, Message, Person } from "./core/message.ts";
import type { CancelReason } from "./core/polling.ts";
import type { Present } from "./core/presence.ts";
import type { Refusal } from "./core/refusal.ts";
import type { PresenceState, Signal } from "./core/signal.ts";

export type { CancelReason, Json, Message, Person, PresenceState, Present, Refusal, Signal };

/** `POST /api/sessions` */
export interface SignInRequest {
  readonly displayName: string;
}

/** The answer to {@linkcode SignInRequest}. */
export interface SignedIn extends Person {
  /** Proves who you are. Secret: it is sent in the `Authorization` header and nowhere else. */
  readonly privateToken: string;
}

/** `POST /api/poll` */
export interface PollRequest {
  /** The cursor of the last reply. Without one the answer comes at once and brings the newest place. */
  readonly cursor?: string;
  /** The rooms to read. The session's own inbox and the notices always belong to a poll. */
  readonly channels?: readonly string[];
  /** How long the poll may be held. */
  readonly hold?: number;
  /** Which of the session's readers this is; without it the session is one tab. */
  readonly tab?: string;
  /** Raised with each poll of a tab, and started from the clock: the highest wins. */
  readonly turn?: number;
  readonly state?: "active" | "background";
}

/** The answer to {@linkcode PollRequest}. */
export interface PollReply {
  /**
   * `message`: there is something to tell; `timedout`: there was nothing, poll again; `cancelled`: stop polling.
   */
  readonly outcome: "message" | "timedout" | "cancelled";
  /** With `cancelled` alone. */
  readonly reason?: CancelReason;
  /** To be sent with the next poll, which thereby acknowledges this reply. */
  readonly cursor: string;
  /** Oldest first. */
  readonly messages: readonly Message[];
  readonly signals: readonly Signal[];
  /** Messages that this reader was entitled to may be gone from the log. */
  readonly gap: boolean;
  /** How long to wait before the next poll. */
  readonly retryAfter: number;
}

/** `POST /api/messages`: with either `text` or `data`. */
export interface SendRequest {
  /** A direct channel may be given as `direct:<the other's publicToken>`. */
  readonly channel: string;
  readonly text?: string;
  readonly data?: Json;
  /** Sent again with the same key, a message is not appended again: the first one is the answer. */
  readonly key?: string;
}

/** `GET /api/channels/:channel/messages` */
export interface HistoryReply {
  /** Newest first. */
  readonly messages: readonly Message[];
  /** Whether there are older ones. */
  readonly more: boolean;
}

/** `GET /api/channels/:channel/presence` */
export interface PresenceReply {
  readonly present: readonly Present[];
  /** How many there are, listed or not: a large channel is listed in part. */
  readonly total: number;
}

/** `POST /api/signals` */
export interface SignalRequest {
  readonly channel: string;
  readonly type: "typing";
}

/** An error, as RFC 9457 has it, of type `application/problem+json`. */
export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  /** Stable: programs may rely on it. */
  readonly code: Refusal | "defect";
  /** How long to wait before another try, when that may help. */
  readonly retryAfter?: number;
}
