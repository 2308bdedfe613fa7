/**
 * What the two sides exchange: the JSON of the native API, as types alone. docs/API.md says the same in prose.
 *
 * Times are Unix times in milliseconds; durations are milliseconds.
 *
 * @module
 */

import type { Json } from "../core/model/message.ts";
import type { RoomsReply } from "../core/presence/presence.ts";
import type { Refusal } from "../core/model/refusal.ts";

export type { Attendees as PresenceReply } from "../core/presence/channel_presence.ts";
export type { History as HistoryReply } from "../core/hub/hub.ts";
export type {
  Conversation,
  ConversationsReply,
  Correspondent,
} from "../core/conversations/conversations.ts";
export type { ActiveRoom, RoomsReply } from "../core/presence/presence.ts";
export type { LiveSession, LiveSessionsReply, LiveTab } from "../core/presence/live_sessions.ts";
export type { Json, Message, Person } from "../core/model/message.ts";
export type { CancelReason, PollAnswer as PollReply } from "../core/polls/polling.ts";
export type { Publication } from "../core/conversations/publishing.ts";
export type { Deliveries, DeliveryState, TabDelivery } from "../core/conversations/receipts.ts";
export type { Present } from "../core/presence/presence.ts";
export type { SignedIn } from "../core/sessions/sessions.ts";
export type { PresenceState, Signal } from "./signal.ts";

export type { MessageTrace, SessionTrace, TracedReader, TraceEvent } from "../core/polls/trace.ts";

/** `POST /api/sessions` */
export interface SignInRequest {
  readonly displayName: string;
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

/** `POST /api/messages`: with either `text` or `data`. */
export interface SendRequest {
  /** A direct channel may be given as `direct:<the other's publicToken>`. */
  readonly channel: string;
  readonly text?: string;
  readonly data?: Json;
  /** Sent again with the same key, a message is not appended again: the first one is the answer. */
  readonly key?: string;
}

/** `POST /api/signals` */
export interface SignalRequest {
  readonly channel: string;
  readonly type: "typing";
}

/** `PUT /api/conversations/:channel`: opens a conversation, and moves on what was read of it. */
export interface ConversationRequest {
  /** The id of the last message that was read; what was read stays read. */
  readonly readUpTo?: number;
  /** In which tab. */
  readonly tab?: string;
}

/** `GET /api/admin/overview`: one node, as it is now. Times are Unix times in ms. */
export interface AdminOverview {
  readonly version: string;
  /** Names this process. */
  readonly node: string;
  readonly startedAt: number;
  readonly now: number;
  readonly parked: number;
  /** How many sessions poll, on this node or another. */
  readonly present: number;
  /** How many are kept, as far as is known. */
  readonly sessions: number;
  readonly rooms: number;
  readonly windowBytes: number;
  readonly memoryBytes: number;
  /** Whether `GET /api/trace` can tell something. */
  readonly isTraced: boolean;
  /** Since the start. */
  readonly counts: {
    readonly messages: number;
    readonly deliveries: number;
    readonly gaps: number;
    /** Polls that were answered. */
    readonly polls: number;
    readonly refusals: number;
  };
}

/** `GET /api/admin/rooms`: the 100 that most people read. */
export interface AdminRoomsReply extends RoomsReply {
  /** How many are read. */
  readonly total: number;
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
