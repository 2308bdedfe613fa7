/**
 * Bodies of the replies that readers get. Times are Unix times in milliseconds, durations are milliseconds.
 *
 * @module
 */

import type { Change, Message, Person } from "./message.ts";
import type { Refusal } from "./refusal.ts";
import type { Notify } from "./requests.ts";
import type { PresenceState, Signal } from "./signal.ts";

/** What may differ between deployments. Clients use these values instead of their own constants. */
export interface ServerSettings {
  /** How long an idempotency key is remembered: a send must not be repeated after this time. */
  readonly keyAge: number;
  /** Maximum size of a text in bytes of UTF-8. */
  readonly textBytes: number;
  /** For how long authors can edit and delete their messages; 0 if they cannot. */
  readonly editTime: number;
  /** Default hold of a poll. */
  readonly hold: number;
  /** Maximum time in ms between the line feeds that are sent on a held poll; 0 if none are sent. */
  readonly heartbeat: number;
  /** `guest`: people sign in with a name; `jwt`: they bring a token of the application. */
  readonly auth: "guest" | "jwt";
  /** The patterns of the rooms that belong to one visitor each, such as `room:support-*`; absent if there are none. */
  readonly visitorRooms?: readonly string[];
  /** The origins of the pictures of people that are shown; absent if there are none. */
  readonly pictureOrigins?: readonly string[];
  /** The patterns of rooms that the session may read, such as `room:support-*`; absent if there are none. */
  readonly patterns?: readonly string[];
  /** The maximum size of a file in bytes; absent if the server stores no files. */
  readonly fileBytes?: number;
  /** The room that everyone starts in, such as `room:lobby`; absent if the session may not read it. */
  readonly home?: string;
}

/** `GET /api/channels/:channel/guest-access`: what somebody who signs in with a name may do with a channel. */
export interface GuestAccess {
  readonly settings: ServerSettings;
  readonly read: boolean;
  readonly write: boolean;
}

/** `GET /api/session` */
export interface SessionReply extends Person {
  readonly settings: ServerSettings;
}

/** `POST /api/sessions`: the only reply that contains the private token. */
export interface SignedIn extends SessionReply {
  readonly privateToken: string;
}

/** `POST /api/session/transfer`: a code with which another device can take over the session. */
export interface Transfer {
  /** Up to 64 characters that can be part of a URL. */
  readonly code: string;
  /** Unix time in ms. */
  readonly expires: number;
}

/** A person who reads a channel. */
export interface Present extends Person {
  readonly state: PresenceState;
  /** Time of the last poll. */
  readonly lastSeen: number;
}

/** `GET /api/channels/:channel/presence`: the readers of a channel. */
export interface PresenceReply {
  readonly present: readonly Present[];
  /** Number of readers, listed or not. */
  readonly total: number;
  /** In the room of a visitor: whether somebody of the team, who reads it by pattern, is there. Otherwise absent. */
  readonly attended?: boolean;
}

/** A room that is being read. */
export interface ActiveRoom {
  readonly channel: string;
  /** Number of people who read it. */
  readonly present: number;
}

/** `GET /api/rooms`: the rooms that are being read, those with most readers first. */
export interface RoomsReply {
  readonly rooms: readonly ActiveRoom[];
  /** `true` if there are more: a search finds them. Otherwise absent. */
  readonly more?: true;
}

/** A room that has messages, for those who may read it by pattern. */
export interface RoomSummary extends ActiveRoom {
  /** The newest message that is no `event`. */
  readonly last: Message;
  /** Whether `last` is longer than 1 KiB of JSON and has only the first 200 characters of its text, or of its data as JSON. */
  readonly shortened?: true;
  /** Some of those who read it. */
  readonly people: readonly Present[];
  /** The id of the last message that any tab of the session has read; 0 before the first. Absent for API keys. */
  readonly readUpTo?: number;
  /** Number of later messages from others, up to 100, for a team without its own in the room of a visitor. Absent for API keys. */
  readonly unread?: number;
  /** Who answers; absent if nobody has claimed it. */
  readonly claimedBy?: Person;
  /** Who has closed it; absent if it is open. */
  readonly closedBy?: Person;
  /** Whose room it is, if it is that of a visitor whose session exists. */
  readonly visitor?: Person;
}

/** `GET /api/rooms?prefix=…&all=true`: the rooms that have messages, those with the newest ones first. */
export interface RoomListReply {
  readonly rooms: readonly RoomSummary[];
  /** Selects the next page; absent on the last one. */
  readonly before?: number;
}

/** `GET /api/rooms` */
export type ListedRooms = RoomsReply | RoomListReply;

/** `GET /api/channels/:channel/messages`: some messages, newest first. */
export interface HistoryReply {
  readonly messages: readonly Message[];
  /** Whether there are older ones. */
  readonly more: boolean;
  /** `true` if the session may not send to this channel; otherwise absent. */
  readonly readOnly?: boolean;
  /** `true` if the session may edit and delete the messages of others in this channel; otherwise absent. */
  readonly mayAdminister?: boolean;
}

/** A part of a text: UTF-16 code units from `start` up to, and not including, `end`. */
export interface TextRange {
  readonly start: number;
  readonly end: number;
}

/** A message that was found. */
export interface SearchHit {
  readonly message: Message;
  /** Where its text has the words, in order. Empty if only its title has them. */
  readonly words: readonly TextRange[];
}

/** `GET /api/search`: messages that were found, newest first. */
export interface SearchReply {
  readonly hits: readonly SearchHit[];
  /** Continues the search; absent at its end. A page can have fewer hits than were asked for, or none, and be continued. */
  readonly before?: number;
  /** About the number of old messages that cannot be found yet, because their words are still being added; absent if none. */
  readonly unindexed?: number;
}

/** `GET /api/channels/:channel/first`: the first message of a channel, or the first one from a time on. */
export interface FirstReply {
  /** Absent if there is none. */
  readonly message?: Message;
}

/** The other person of a direct conversation. */
export interface Correspondent extends Person {
  /** The id of the last message that has reached one of their tabs. */
  readonly deliveredUpTo: number;
  /** The id of the last message that they have read. */
  readonly readUpTo: number;
}

/** A conversation of a session, with its read marker. */
export interface Conversation {
  readonly channel: string;
  /** The id of the last message that any tab of the session has read; 0 before the first. */
  readonly readUpTo: number;
  /** Number of later messages from others, or of those from `unreadFrom` on, up to 100, for a team without its own in the room of a visitor. */
  readonly unread: number;
  /** Number of these messages that mention the session, or reply to a message of it. */
  readonly mentions: number;
  /** The newest message. */
  readonly last?: Message;
  /** Whether `last` is longer than 1 KiB of JSON and has only the first 200 characters of its text, or of its data as JSON. */
  readonly shortened?: true;
  /** The other person of a direct channel; absent when that session has ended. */
  readonly other?: Correspondent;
  /** Which messages the person is notified of; absent if they have not chosen: `mentions` in rooms, otherwise `all`. */
  readonly notify?: Notify;
  /** `true` if the person has pinned it; otherwise absent. */
  readonly pinned?: true;
  /** The message from which on the person has marked it as unread; otherwise absent. */
  readonly unreadFrom?: number;
}

/** `GET /api/push` */
export interface PushReply {
  /** The server's public key, for `applicationServerKey`: in base64url. */
  readonly publicKey: string;
}

/** `GET /api/conversations`: the open conversations of a session. */
export interface ConversationsReply {
  readonly conversations: readonly Conversation[];
}

/** Why a poll was cancelled: by a newer poll of the same tab, by signing out, or by an administrator. */
export type CancelReason = "superseded" | "signed_out" | "kicked";

/** A channel of a poll that was left out, and why: `not_allowed` or `too_many_rooms`. */
export interface RefusedChannel {
  /** As the poll names it. */
  readonly channel: string;
  readonly code: Refusal;
}

/** `POST /api/poll` */
export interface PollReply {
  /** `message`: there is something new; `timedout`: there is not, poll again; `cancelled`: stop polling. */
  readonly outcome: "message" | "timedout" | "cancelled";
  /** Only with `cancelled`. */
  readonly reason?: CancelReason;
  /** To be sent with the next poll, which acknowledges this reply. */
  readonly cursor: string;
  /** Oldest first. */
  readonly messages: readonly Message[];
  /** Edits and deletions of messages, oldest first; absent if there are none. Apply them after adding the messages. */
  readonly changes?: readonly Change[];
  readonly signals: readonly Signal[];
  /** Channels that the poll names and that this reader does not get; absent if there are none. */
  readonly refused?: readonly RefusedChannel[];
  /** There is more after the cursor: the next poll is answered at once. */
  readonly more?: true;
  /** Messages that this reader was entitled to may be missing from the log. */
  readonly gap: boolean;
  /** How long to wait before the next poll. */
  readonly retryAfter: number;
}
