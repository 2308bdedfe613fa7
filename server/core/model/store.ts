import type { Notify } from "../../protocol/requests.ts";
import type { FileStorage } from "./file_storage.ts";
import type { Draft, Entry, Topic } from "./message.ts";
import type { MessageSearch } from "./message_search.ts";
import type { NodeEvent } from "./node_event.ts";

/** The result of appending one draft: the new entry, or the message that the same key produced earlier, as it is now. */
export interface Appended {
  readonly message: Entry;
  /** Whether the same sender had used the same key before; nothing was appended then. */
  readonly repeated: boolean;
}

/** Consecutive entries of a query, in the order of their ids. */
export interface Page {
  readonly messages: readonly Entry[];
  /** Whether more entries match after the last one. */
  readonly hasMore: boolean;
  /** The highest id up to which entries of these topics may have been removed from the log; 0 if none have. */
  readonly trimmedUpTo: number;
}

/**
 * How much a log stores. Set when the store is opened. Messages to single sessions have bounds of their own, so that no room
 * can push them out. Beyond a bound, the largest channels are trimmed first.
 */
export interface Retention {
  /** Maximum number of messages in rooms and of notices to everyone, and of changes. */
  readonly maxMessages: number;
  /** Maximum number of private messages: direct messages, and notices to one session. */
  readonly maxPrivate: number;
  /** Maximum size of private messages, of the others, and of changes, in bytes of JSON. */
  readonly maxBytes: number;
  /** Maximum age of a message. */
  readonly maxAgeMs: number;
  /** How long an idempotency key is remembered, also after its message was removed. */
  readonly keyAgeMs: number;
}

/**
 * The ordered log of a deployment. An entry is durable when `append` resolves. Messages are returned as they are now: edited
 * ones with their present content, deleted ones (with `deletedAt`) without any, or not at all. Changes are entries too.
 */
export interface MessageLog {
  /** Identifies this log. A log that lost messages, or was restored from a backup, has a new epoch. */
  readonly epoch: string;

  /** Finds messages by their words; absent if the store has no index of them. */
  readonly search?: MessageSearch | undefined;

  /**
   * Appends drafts with consecutive ids, all of them or none. Refuses with `key_reused` if a key was used before with
   * other content, and with `store_unavailable` if the entries cannot be made durable. A draft that changes a message is
   * appended alone, and replaces the message's content in the store; refuses with `not_found` if its channel does not have
   * that message (any more).
   */
  append(drafts: readonly Draft[]): Promise<readonly Appended[]>;

  /** Returns up to `limit` entries of any of `topics` after the id `after`, oldest first. */
  read(topics: readonly Topic[], after: number, limit: number): Promise<Page>;

  /** Returns up to `limit` entries of all topics after the id `after`, oldest first. */
  scan(after: number, limit: number): Promise<readonly Entry[]>;

  /** Returns up to `limit` entries of one topic with ids below `before`, newest first. */
  history(topic: Topic, before: number | undefined, limit: number): Promise<readonly Entry[]>;

  /** Returns the entry with this id, or `undefined` if the log does not have it (any more). */
  get(id: number): Promise<Entry | undefined>;

  /**
   * The highest id that was ever assigned; 0 in a new log. `known`: an id that a reader says it has. If the store lacks it, it
   * waits a few seconds if it may get it: a server that has just taken over can be behind.
   */
  newestId(known?: number): Promise<number>;

  /**
   * Calls `onAppended` with every entry after the id `after`, whichever node appended it, in order and without gaps.
   * Resolves after `onAppended` was called with all existing entries. For an entry that this node appends,
   * `onAppended` is called before `append` resolves.
   */
  follow(after: number, onAppended: (entries: readonly Entry[]) => void): Promise<Disposable>;

  /**
   * Removes a batch of entries and keys beyond the retention, quickly; returns whether there are more to remove. Ages
   * are measured at the Unix time `now` in ms: at 0, nothing is old. Between two calls, the log may exceed its bounds by
   * what is appended. `ids`: at most 40 messages that are removed in any case.
   */
  trim(now: number, ids?: readonly number[]): Promise<boolean>;
}

/** A signed-in person or program. All times are Unix times in ms. */
export interface StoredSession {
  readonly publicToken: string;
  readonly displayName: string;
  readonly createdAt: number;
  /** Time of the last request; `createdAt` until the first one after the sign-in. */
  readonly lastSeen: number;
  /** The id of the newest message when the session was created: a reader without a cursor can start after it. */
  readonly startsAfter: number;
  /** The id of the application's user; absent for guests. */
  readonly userId?: string;
  /** When all tokens of the session were last revoked. */
  readonly revokedAt?: number;
}

/** A change of a stored session. */
export interface SessionUpdate {
  readonly publicToken: string;
  readonly lastSeen: number;
  /** The new display name; without it, the name stays. */
  readonly displayName?: string;
}

/** How far a session has read one of its conversations. Message ids; 0 before the first message. */
export interface ReadMarker {
  readonly channel: string;
  readonly readUpTo: number;
  /** For direct channels: up to here, a tab of the session has received all messages. */
  readonly deliveredUpTo: number;
  /**
   * Whether someone else has opened the conversation and the session has never sent a message in it. It can be set when a
   * read marker is new; `false` is stored, and without it, it stays as it is.
   */
  readonly isUnanswered?: boolean;
  /** What the session has chosen for the conversation. Without them, they stay as they are. */
  readonly notify?: Notify;
  readonly isPinned?: boolean;
  /** The message from which on it is marked as unread; 0 removes the mark. */
  readonly unreadFrom?: number;
}

/** The number of private tokens of a session that are valid at the same time, the newest ones. */
export const TOKENS_PER_SESSION = 50;

/** The signed-in sessions and their read markers. Private tokens are passed in plain text and stored as hashes only. */
export interface SessionStore {
  /** A random secret, generated once per deployment. Whoever knows it can compute the public token of any user id. */
  readonly salt: string;
  /**
   * Inserts a session; of an existing one, updates the display name and `lastSeen`. If a private token is given, it is
   * added to the session's tokens, of which the newest {@linkcode TOKENS_PER_SESSION} are valid.
   */
  upsert(session: StoredSession, privateToken: string | undefined): Promise<void>;
  /** Adds a private token to an existing session as `upsert` does; returns whether there is such a session. */
  addToken(publicToken: string, privateToken: string): Promise<boolean>;
  /** The number of sessions. May be slow: called with each sweep. */
  count(): Promise<number>;
  findByPrivateToken(privateToken: string): Promise<StoredSession | undefined>;
  findByPublicToken(publicToken: string): Promise<StoredSession | undefined>;
  /** Updates sessions; ignores those that do not exist. */
  update(updates: readonly SessionUpdate[]): Promise<void>;
  /** Invalidates all private tokens of a session and sets its `revokedAt` (Unix time in ms). */
  revokeTokens(publicToken: string, revokedAt: number): Promise<void>;
  /** Removes a session and its read markers. */
  remove(publicToken: string): Promise<void>;
  /** Removes a batch of sessions that were last seen before a Unix time in ms; returns their public tokens. */
  removeInactive(lastSeenBefore: number): Promise<readonly string[]>;
  /**
   * Removes a batch of guests that have made no request since they signed in before a Unix time in ms, those who signed in
   * first before others; returns their public tokens.
   */
  removeUnused(createdBefore: number): Promise<readonly string[]>;
  readMarkers(publicToken: string): Promise<readonly ReadMarker[]>;
  /** Sets or advances a read marker of an existing session. Neither of its ids ever decreases. */
  setReadMarker(publicToken: string, marker: ReadMarker): Promise<void>;
  removeReadMarker(publicToken: string, channel: string): Promise<void>;
}

/** States for a range of the log that a tab has received it (`delivered`), or that the session has read it (`seen`). */
export interface Receipt {
  readonly kind: "delivered" | "seen";
  readonly publicToken: string;
  /** Empty if the receipt covers all messages for this session alone. */
  readonly channel: string;
  /** Empty if unknown. */
  readonly tab: string;
  /** The range starts after this id … */
  readonly after: number;
  /** … and ends with this one. */
  readonly upTo: number;
  /** Unix time in ms. */
  readonly at: number;
}

/** Records which messages were delivered and read, and when. */
export interface ReceiptStore {
  add(receipts: readonly Receipt[]): Promise<void>;
  /** Returns a session's receipts that cover the message `id` of a channel, oldest first. */
  find(publicToken: string, channel: string, id: number): Promise<readonly Receipt[]>;
  /** Returns the receipts of a session, in the order in which they were added. */
  list(publicToken: string): Promise<readonly Receipt[]>;
  /** Removes the receipts of a session, or only those for a channel. */
  remove(publicToken: string, channel?: string): Promise<void>;
  /** Removes a batch of receipts from before `time` (Unix, ms), quickly; returns whether there may be more. */
  removeBefore(time: number): Promise<boolean>;
}

/** Small values by name, such as the checkpoint of a source of notices, and leases. */
export interface KeyValue {
  get(name: string): Promise<string | undefined>;
  set(name: string, value: string): Promise<void>;
  /** Sets a value if it still is `before` (`undefined`: if there is none); returns whether it was. */
  replace(name: string, before: string | undefined, value: string): Promise<boolean>;
  remove(name: string): Promise<void>;
  /** Acquires or renews a lease. Returns whether `holder` now has it, for `lengthMs` from now: at most one holder does. */
  acquireLease(name: string, holder: string, lengthMs: number): Promise<boolean>;
  /** Releases a lease early. Does nothing unless `holder` has it. */
  releaseLease(name: string, holder: string): Promise<void>;
}

/** Something to do at a certain time. */
export interface Task {
  /** Unix time in ms. */
  readonly due: number;
  /** The number of failed attempts. */
  readonly tries: number;
  readonly body: string;
}

/** A task in a queue. Ids increase in the order in which tasks were added. */
export interface QueuedTask extends Task {
  readonly id: number;
}

/** A durable queue of tasks, ordered by the times when they are due. */
export interface TaskQueue {
  /** Adds tasks, then drops the oldest ones beyond `limit`; returns the number of dropped tasks. */
  add(tasks: readonly Task[], limit: number): Promise<number>;
  /** Returns up to `limit` tasks that are due at `time`, without removing them. */
  listDue(time: number, limit: number): Promise<readonly QueuedTask[]>;
  /** Stores the task's new `due` and `tries`. */
  postpone(task: QueuedTask): Promise<void>;
  remove(ids: readonly number[]): Promise<void>;
  size(): Promise<number>;
}

/**
 * Sends events to all nodes, including the sender. Events of one node arrive in the order in which it sent them. Best
 * effort: an event can be lost.
 */
export interface NodeBus {
  broadcast(event: NodeEvent): void;
  listen(onEvent: (event: NodeEvent) => void): Disposable;
}

/** All durable state of a deployment, and what its nodes share. */
export interface Store extends AsyncDisposable {
  /** Why the store cannot be used at the moment; `undefined` while it can. */
  readonly unavailableReason: string | undefined;
  readonly log: MessageLog;
  readonly sessions: SessionStore;
  readonly receipts: ReceiptStore;
  readonly keyValue: KeyValue;
  readonly queue: TaskQueue;
  readonly bus: NodeBus;

  /** Opens where the store keeps the contents of files, for all nodes; absent if it cannot keep any. */
  openFileStorage?(): Promise<FileStorage>;
}
