/**
 * Bodies of the requests of the native API. Durations are in milliseconds. docs/API.md describes each request.
 *
 * @module
 */

import type { Body, Json, RoomEvent } from "./message.ts";

/** `POST /api/sessions` */
export interface SignInRequest {
  readonly displayName: string;
  /** The application's id of this user; needs an API key. */
  readonly userId?: string;
}

/** `PATCH /api/session` */
export interface RenameRequest {
  readonly displayName: string;
}

/** `POST /api/session/transfer` */
export type CreateTransferRequest = Readonly<Record<string, never>>;

/** `POST /api/transfers` and `POST /api/transfers/preview` */
export interface TransferRequest {
  readonly code: string;
}

/** `PUT /api/push` */
export interface PushRequest {
  /** What the browser's `PushSubscription` is as JSON. */
  readonly subscription: {
    readonly endpoint: string;
    readonly expirationTime?: number | null;
    readonly keys: { readonly p256dh: string; readonly auth: string };
  };
  /** The server's public key with which the browser has subscribed; by default the present one. */
  readonly serverKey?: string;
  /** Whether pushes contain names and texts: `true` by default. */
  readonly contents?: boolean;
}

/** `DELETE /api/push` */
export interface EndPushRequest {
  readonly endpoint: string;
}

/** `POST /api/poll` */
export interface PollRequest {
  /** The cursor of the last reply. Without one, the reply comes at once and contains the newest position. */
  readonly cursor?: string;
  /** Rooms to read, and patterns such as `room:support-*` of rooms. Direct messages are part of every poll. */
  readonly channels?: readonly string[];
  /** Whether the reader shows notices, which it then gets; `true` by default. */
  readonly notices?: boolean;
  /** How long the server may hold the poll. */
  readonly hold?: number;
  /** Name of the reader within the session. Without it, the session counts as one tab. */
  readonly tab?: string;
  /** Starts at the current time and increases with each poll of a tab: the highest turn wins. */
  readonly turn?: number;
  readonly state?: "active" | "background";
}

/** `POST /api/messages`: with either `text`, `data` or `event`, or only with `files`. */
export interface SendRequest {
  /** A direct channel can be written as `direct:<publicToken of the other>`. */
  readonly channel: string;
  readonly text?: string;
  readonly data?: Json;
  /** Claims, releases or closes the conversation in a room, for those who may read it by pattern. */
  readonly event?: RoomEvent;
  /** The id of the message of the same channel that it replies to. Not with `event`. */
  readonly replyTo?: number;
  /** The ids of at most 10 files that the session has uploaded and that no message has yet. Not with `event`. */
  readonly files?: readonly string[];
  /** The public tokens of at most 20 people whom the text mentions. */
  readonly mentions?: readonly string[];
  /** Idempotency key: a repeated send with the same key appends nothing and returns the first message. */
  readonly key?: string;
}

/** `PATCH /api/messages/:id`: the new content, with either `text` or `data`. */
export interface EditRequest {
  /** Only of messages without a sender. Without it, the title stays. */
  readonly title?: string;
  readonly text?: string;
  readonly data?: Json;
  /** The public tokens of the people whom the new text mentions. */
  readonly mentions?: readonly string[];
}

/** `POST /api/signals` */
export interface SignalRequest {
  readonly channel: string;
  readonly type: "typing";
}

/** Which messages of a conversation the person is notified of. */
export const NOTIFY = ["all", "mentions", "none"] as const;

export type Notify = typeof NOTIFY[number];

export function isNotify(value: unknown): value is Notify {
  return NOTIFY.some((word) => word === value);
}

/** `PUT /api/conversations/:channel`: opens a conversation, moves its read marker forward, or changes its settings. */
export interface ConversationRequest {
  /** The id of the last message that was read. A read marker never moves back. */
  readonly readUpTo?: number;
  /** The tab in which it was read. */
  readonly tab?: string;
  /** Until the conversation is closed; without it, this stays as it is. */
  readonly notify?: Notify;
  /** Whether the conversation stands first in lists; without it, this stays as it is. */
  readonly pinned?: boolean;
  /** The message from which on the conversation is marked as unread; 0 removes the mark. Without it, this stays as it is. */
  readonly unreadFrom?: number;
}

/** `POST /api/publish`: a message from the system and its recipients. */
export interface Publication extends Body {
  /** `everyone`, `room:<name>`, `session:<publicToken>`, `user:<user id>`, or a list of these. */
  readonly to: string | readonly string[];
  /** One of the names under which the API key may publish. */
  readonly as?: string;
  /** The id of the message that it replies to, in the channel of the only recipient. */
  readonly replyTo?: number;
  /** The ids of files that the API key has uploaded, for the only recipient. */
  readonly files?: readonly string[];
  /** Idempotency key: a repeated publication with the same key is appended for none of its recipients. */
  readonly key?: string;
}

/** `POST /api/admin/bans`: who is banned, by one of the three. */
export interface BanRequest {
  readonly session?: string;
  readonly user?: string;
  /** An address, or a network such as `203.0.113.0/24`. */
  readonly address?: string;
  /** For how long; for good if absent. */
  readonly duration?: number;
  /** Shown to those who are banned. */
  readonly reason?: string;
}

/** The orders of `GET /api/admin/sessions`: by public token, by name, or those first that began to poll last. */
export type LiveSort = "token" | "name" | "since";
