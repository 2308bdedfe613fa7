import type { ConnectionState } from "./connection_state.ts";
import type { Change, Message } from "../../server/protocol/message.ts";
import type { RefusedChannel, ServerSettings } from "../../server/protocol/replies.ts";
import type { Signal } from "../../server/protocol/signal.ts";

/** Durations are in milliseconds. */
export interface CometClientOptions {
  /** The server's address, with or without a path. In a page it can be relative. */
  readonly url: string | URL;
  /** The token of a session, from `signIn`; with `getToken`, the first token of the application. */
  readonly privateToken?: string | undefined;
  /**
   * Returns a token of the application. Called before the first request if there is no `privateToken`, and when the
   * server has rejected the current token. `undefined` means that nobody is signed in: the client stops. If it throws,
   * the client tries again later.
   */
  readonly getToken?: () => Promise<string | undefined> | string | undefined;
  /**
   * With `getToken`: any name for the user that is the same in all pages of this user, and different for others. Only
   * tabs of the same user share a poll. Without it, each tab polls for itself.
   */
  readonly user?: string;
  /** The rooms to read, and patterns such as `room:support-*` of rooms. Direct messages are always included. */
  readonly channels?: readonly string[];
  /**
   * Whether to receive notices, as it does by default. A client that does not show them should not: they would count as
   * delivered. `join("notice")` receives those from then on.
   */
  readonly notices?: boolean;
  /**
   * Whether this client shares one poll with the others in this browser that have the same server and session. By
   * default it does in pages, unless `tab` is set. Where sharing is impossible, each client polls for itself.
   */
  readonly share?: boolean;
  /** A name for this reader, which then polls for itself. The newest reader of that name supersedes the others. */
  readonly tab?: string;
  /** Where to start reading: the `cursor` of an earlier client. By default, at the newest message. */
  readonly cursor?: string;
  /** How long the server may hold a poll. By default the server decides. */
  readonly hold?: number;
  /** Sends the requests, in place of the global `fetch`. */
  readonly fetch?: ((url: string, init: RequestInit) => Promise<Response>) | undefined;
  /** What `signIn` has returned as `settings`, to save a request. */
  readonly settings?: ServerSettings | undefined;
}

/** The events of a client, by name. */
export interface CometEvents {
  /** Each message once, oldest first. */
  readonly message: Message;
  /**
   * A message was edited or deleted, or somebody has reacted to it: each change once, in their order, whether the message was delivered or not. Messages
   * that are delivered or loaded later are as they are then, but the reply to a request that was sent before can be older.
   */
  readonly change: Change;
  /** Typing, presence and the like: never stored, and can be missed. */
  readonly signal: Signal;
  /**
   * Messages and changes may be missing before the next ones: discard the messages that you hold. The history has all that
   * are left.
   */
  readonly gap: undefined;
  /**
   * A room that is not read, and why. `not_allowed`: polls leave it out until `join` names it again. `too_many_rooms`: it
   * is read as soon as the server has space.
   */
  readonly refused: RefusedChannel;
  /** A refused room that is read from now on. The history has what was sent before. */
  readonly admitted: string;
  readonly state: ConnectionState;
  /** Everything up to this cursor has been delivered. Store it to continue there with another client. */
  readonly cursor: string;
}

/** Options of `CometClient.change` and `CometClient.react`. */
export interface ChangeOptions {
  /** Whether the request is repeated until the server answers it. A repetition changes nothing. */
  readonly isRepeated?: boolean;
}

/** Selects a page of a channel's history. */
export interface HistoryOptions {
  /** Only messages with a smaller id. */
  readonly before?: number | undefined;
  /** Only messages with a larger id, those next to it; not together with `before`. */
  readonly after?: number | undefined;
  readonly limit?: number;
  /** Only the messages with these ids that the channel has, at most 50; instead of a page. */
  readonly ids?: readonly number[];
  readonly signal?: AbortSignal;
}
