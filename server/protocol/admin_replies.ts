/**
 * Bodies of the replies that back ends and administrators get. Times are Unix times in milliseconds.
 *
 * @module
 */

import type { Person } from "./message.ts";
import type { PollReply, RoomsReply } from "./replies.ts";
import type { PresenceState } from "./signal.ts";

/** One tab that polls here. */
export interface LiveTab {
  /** Empty where its polls name none. */
  readonly tab: string;
  readonly state: "active" | "background";
  /** Whether a poll of it is parked at this moment. */
  readonly parked: boolean;
  readonly rooms: readonly string[];
}

/** A session that is here, as whoever administers sees it. It holds no private token. */
export interface LiveSession extends Person {
  readonly userId?: string;
  readonly state: PresenceState;
  /** Since when it polls without a break: Unix time in ms. */
  readonly since: number;
  /** When it polled last: Unix time in ms. */
  readonly lastSeen: number;
  /** What it reads, on whatever node. */
  readonly rooms: readonly string[];
  /** Its tabs on the node that was asked. */
  readonly tabs: readonly LiveTab[];
  /** On how many other nodes it polls. */
  readonly elsewhere: number;
}

/** Some sessions, by their public tokens. */
export interface LiveSessionsReply {
  readonly sessions: readonly LiveSession[];
  /** Whether there are more behind the last one. */
  readonly more: boolean;
}

/** How far a message has come to somebody. */
export type DeliveryState = "waiting" | "delivered" | "seen";

/** How far a message has come to one tab. Times are Unix times in ms. */
export interface TabDelivery {
  readonly tab: string;
  readonly state: DeliveryState;
  /** When the tab's next poll told that it has the message. */
  readonly deliveredAt?: number;
  /** When the tab told that the message was read. */
  readonly seenAt?: number;
}

/** What became of a message. Of one for a single session, `recipient`, `state` and `tabs` tell it; else `readers`. */
export interface Deliveries {
  readonly id: number;
  readonly channel: string;
  readonly at: number;
  readonly recipient?: {
    readonly publicToken: string;
    readonly displayName?: string;
    readonly userId?: string;
  };
  readonly state?: DeliveryState;
  readonly deliveredAt?: number;
  readonly seenAt?: number;
  /** Those that have it, and those that poll now. */
  readonly tabs?: readonly TabDelivery[];
  /** How many of those who read it now have it, and how many do not. */
  readonly readers?: { readonly delivered: number; readonly waiting: number };
}

/** A tab of a session, as a trace names it. */
export interface TracedTab {
  readonly session: string;
  readonly tab: string;
}

/** Something that happened. Times are Unix times in ms, ids those of messages. */
export type TraceEvent =
  | {
    readonly event: "appended";
    readonly at: number;
    readonly id: number;
    readonly channel: string;
    readonly topics: readonly string[];
  }
  | TracedTab & {
    /** A poll came. Its cursor acknowledges every message up to `after`. */
    readonly event: "polled";
    readonly at: number;
    /** Absent where there was no cursor, or none of this log. */
    readonly after?: number;
    readonly reads: readonly string[];
  }
  | TracedTab & { readonly event: "woken" | "left"; readonly at: number }
  | TracedTab & {
    readonly event: "answered";
    readonly at: number;
    readonly outcome: PollReply["outcome"];
    readonly cursor: string;
    readonly messages: readonly number[];
  };

/** What one tab did about a message, and what came of it. */
export interface TracedReader extends TracedTab {
  /**
   * `acknowledged`: its cursor told that it has the message; `answered`: it was given the message, and no poll has come
   * since; `polling`: it polls, and was not given the message; `left`: its client went away.
   */
  readonly verdict: "acknowledged" | "answered" | "polling" | "left";
  readonly events: readonly TraceEvent[];
}

/** What is known of a message's way. */
export interface MessageTrace {
  readonly message: { readonly id: number; readonly channel: string; readonly at: number };
  readonly topics: readonly string[];
  /** Of a message for one session: whether any tab of it polled in the time that is traced. */
  readonly recipient?: { readonly session: string; readonly polled: boolean };
  /** The tabs that read one of the topics, 1,000 at most. */
  readonly readers: readonly TracedReader[];
  /** Since when events are kept; absent where nothing has happened yet. */
  readonly since?: number;
}

/** What is known of a session's polls, the oldest first. */
export interface SessionTrace {
  readonly session: string;
  readonly events: readonly TraceEvent[];
  readonly since?: number;
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
