/**
 * Bodies of the replies that back ends and administrators get. Times are Unix times in milliseconds.
 *
 * @module
 */

import type { Message, MessageFile, Person } from "./message.ts";
import type { Conversation, PollReply, RoomsReply, SignedIn } from "./replies.ts";
import type { PresenceState } from "./signal.ts";

/** A message that was published for one recipient. */
export interface PublishedMessage {
  readonly id: number;
  readonly channel: string;
  /** Whether its key had been used for it before: then it was not stored again. */
  readonly repeated: boolean;
}

/** `POST /api/publish`: a message for each recipient, in their order. */
export interface PublishReply {
  readonly messages: readonly PublishedMessage[];
}

/** `POST /api/sessions` with an API key: a new session of a user of the application. */
export interface SignedInUser extends SignedIn {
  readonly userId: string;
}

/** `GET /api/erasures/{id}`: how far the erasure of a person is. */
export interface Erasure {
  /** The public token of the person. */
  readonly id: string;
  readonly state: "running" | "done";
  readonly startedAt: number;
  readonly doneAt?: number;
  /** Number of messages and changes of the log that were looked at. */
  readonly scanned: number;
  /** Number of messages that were erased. */
  readonly erased: number;
}

/**
 * A line of `GET /api/export`: what is stored of a session, how far it has read a conversation, which messages one of its tabs
 * has received or it has read, a file that it has uploaded, a message, or at the end that nothing is missing.
 */
export type ExportLine =
  | { readonly session: ExportedSession }
  | { readonly readMarker: ExportedReadMarker }
  | { readonly receipt: ExportedReceipt }
  | { readonly pushDevice: ExportedPushDevice }
  | { readonly file: MessageFile }
  | { readonly message: Message }
  | { readonly end: true; readonly messages: number };

export interface ExportedSession extends Person {
  readonly userId?: string;
  readonly createdAt: number;
  readonly lastSeen: number;
}

/** A device that gets pushes, without its secrets. */
export interface ExportedPushDevice {
  /** That of the push service. */
  readonly host: string;
  readonly contents: boolean;
  readonly at: number;
}

export interface ExportedReadMarker extends Pick<Conversation, "notify" | "pinned" | "unreadFrom"> {
  readonly channel: string;
  readonly readUpTo: number;
  readonly deliveredUpTo: number;
}

/** The messages after one id and up to another. */
export interface ExportedReceipt {
  readonly kind: "delivered" | "seen";
  /** Empty if it covers all messages for the session alone. */
  readonly channel: string;
  /** Empty if unknown. */
  readonly tab: string;
  readonly after: number;
  readonly upTo: number;
  readonly at: number;
}

/** `GET /live` and `GET /ready` */
export interface HealthReply {
  readonly status: "live" | "ready" | "unready";
  /** Why the server is not ready. */
  readonly reason?: string;
}

/** A tab that polls the node that was asked. */
export interface LiveTab {
  /** Empty if its polls name no tab. */
  readonly tab: string;
  readonly state: "active" | "background";
  /** Whether one of its polls is parked. */
  readonly parked: boolean;
  /** The network that its parked poll comes from: an IPv4 address, or 64 bits of an IPv6 address. */
  readonly address?: string;
  readonly rooms: readonly string[];
  /** `false` if its polls take no notices; otherwise absent. */
  readonly notices?: boolean;
}

/** A present session, for administrators. Contains no private token. */
export interface LiveSession extends Person {
  readonly userId?: string;
  readonly state: PresenceState;
  /** When it began to poll without a break. */
  readonly since: number;
  /** Time of its last poll. */
  readonly lastSeen: number;
  /** The rooms that it reads, on all nodes. */
  readonly rooms: readonly string[];
  /** Its tabs that poll the node that was asked. */
  readonly tabs: readonly LiveTab[];
  /** Number of other nodes that it polls. */
  readonly elsewhere: number;
}

/** `GET /api/admin/sessions`: some sessions, in the order that was asked for. */
export interface LiveSessionsReply {
  readonly sessions: readonly LiveSession[];
  /** Whether there are more after the last one. */
  readonly more: boolean;
  /** The `after` of the next page; absent after the last one. */
  readonly next?: string;
}

/** How far a message has come to its reader. */
export type DeliveryState = "waiting" | "delivered" | "seen";

/** How far a message has come to one tab. */
export interface TabDelivery {
  readonly tab: string;
  readonly state: DeliveryState;
  /** When a poll of the tab acknowledged the message. */
  readonly deliveredAt?: number;
  /** When the tab reported that the message was read. */
  readonly seenAt?: number;
}

/**
 * `GET /api/messages/:id/deliveries`: what became of a message. A message for one session has `recipient`, `state` and
 * `tabs`; any other message has `readers`.
 */
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
  /** The tabs that have it, and those that poll now and would get it. */
  readonly tabs?: readonly TabDelivery[];
  /** Of the current readers of the channel: how many have the message, and how many do not. */
  readonly readers?: { readonly delivered: number; readonly waiting: number };
}

/** A tab of a session, in a trace. */
export interface TracedTab {
  readonly session: string;
  readonly tab: string;
}

/** An event in a trace. */
export type TraceEvent =
  | {
    readonly event: "appended";
    readonly at: number;
    readonly id: number;
    readonly channel: string;
    readonly topics: readonly string[];
    /** The id of the message that was edited or deleted; absent if this is a message. */
    readonly changes?: number;
  }
  | TracedTab & {
    /** A poll arrived. Its cursor acknowledges all messages up to `after`. */
    readonly event: "polled";
    readonly at: number;
    /** Absent without a cursor of this log. */
    readonly after?: number;
    readonly reads: readonly string[];
    /** `false` if it takes no notices, although it reads the session's inbox; otherwise absent. */
    readonly notices?: boolean;
  }
  | TracedTab & { readonly event: "woken" | "left"; readonly at: number }
  | TracedTab & {
    readonly event: "answered";
    readonly at: number;
    readonly outcome: PollReply["outcome"];
    readonly cursor: string;
    readonly messages: readonly number[];
  };

/** What happened to a message in one tab. */
export interface TracedReader extends TracedTab {
  /**
   * `acknowledged`: its cursor has acknowledged the message; `answered`: it was sent the message and has not polled
   * since; `polling`: it polls and was not sent the message; `left`: its client has disconnected.
   */
  readonly verdict: "acknowledged" | "answered" | "polling" | "left";
  readonly events: readonly TraceEvent[];
}

/** `GET /api/trace?message=<id>` */
export interface MessageTrace {
  readonly message: { readonly id: number; readonly channel: string; readonly at: number };
  readonly topics: readonly string[];
  /** Of a message for one session: whether any of its tabs has polled within the trace. */
  readonly recipient?: { readonly session: string; readonly polled: boolean };
  /** The tabs that read one of the topics, up to 1,000. */
  readonly readers: readonly TracedReader[];
  /** Time of the oldest event in the trace; absent if it is empty. */
  readonly since?: number;
}

/** `GET /api/trace?session=<publicToken>`: the events of a session, oldest first. */
export interface SessionTrace {
  readonly session: string;
  readonly events: readonly TraceEvent[];
  readonly since?: number;
}

/** `GET /api/admin/overview`: the current state of one node. */
export interface AdminOverview {
  readonly version: string;
  /** The id of this process. */
  readonly node: string;
  readonly startedAt: number;
  readonly now: number;
  readonly parked: number;
  /** Number of sessions that poll, on all nodes. */
  readonly present: number;
  /** Number of stored sessions, as of the last sweep. */
  readonly sessions: number;
  readonly rooms: number;
  readonly windowBytes: number;
  readonly memoryBytes: number;
  /** Whether `GET /api/trace` is available. */
  readonly isTraced: boolean;
  /** Since the start. */
  readonly counts: {
    readonly messages: number;
    readonly deliveries: number;
    readonly gaps: number;
    /** Number of answered polls. */
    readonly polls: number;
    readonly refusals: number;
  };
}

/** `GET /api/admin/rooms`: the 100 rooms with most readers. */
export interface AdminRoomsReply extends RoomsReply {
  /** Number of channels that are being read. */
  readonly total: number;
}
