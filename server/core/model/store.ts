import type { Topic } from "./topics.ts";
import type { Draft } from "./message.ts";
import type { Message } from "../../protocol/message.ts";
import type { NodeEvent } from "../cluster/node_event.ts";

/** A draft's fate: the message that it became, or the one that it became when it came before. */
export interface Appended {
  readonly message: Message;
  /** Whether the same sender had sent the same key before. */
  readonly repeated: boolean;
}

/** Some messages of a log, in order, without holes. */
export interface Page {
  readonly messages: readonly Message[];
  /** Whether more follow. */
  readonly more: boolean;
  /** Messages up to this id are kept no longer; 0 where all are kept. */
  readonly trimmed: number;
}

/** What a log keeps. Each store is opened with it. */
export interface Retention {
  /** How many messages. */
  readonly messages: number;
  /** For how long, in ms. */
  readonly age: number;
  /** For how long an idempotency key counts, in ms. */
  readonly keyAge: number;
}

/** The one ordered log of a deployment. Append is durable when it resolves. */
export interface MessageLog {
  /** Names this life of the log; a log that lost its past has another. */
  readonly epoch: string;

  /**
   * Gives each draft the next id, all of them or none, and in order. Refuses with `key_reused` when a key comes again
   * with other content, and with `store_unavailable` when the drafts cannot be made durable.
   */
  append(drafts: readonly Draft[]): Promise<readonly Appended[]>;

  /** At most `limit` messages filed under any of `topics` after the id `after`, oldest first. */
  read(topics: readonly Topic[], after: number, limit: number): Promise<Page>;

  /** At most `limit` messages of one topic with ids below `before`, newest first. */
  history(topic: Topic, before: number | undefined, limit: number): Promise<readonly Message[]>;

  /** The message with that id, if it is kept. */
  at(id: number): Promise<Message | undefined>;

  /** The id of the newest message, or of the last that was kept; 0 in a new log. */
  newest(): Promise<number>;

  /**
   * Calls `onAppended` with every message after the id `after`, whichever node appended it, in order, none left out.
   * Resolves when it was called with all that was there. What this node appends, it is called with before the append
   * resolves.
   */
  follow(after: number, onAppended: (messages: readonly Message[]) => void): Promise<Disposable>;

  /** Removes some of what is kept no longer, in one short step; says whether there is more to remove. */
  trim(): Promise<boolean>;
}

/** One signed-in person or program. */
export interface StoredSession {
  readonly publicToken: string;
  readonly displayName: string;
  /** Unix time in ms. */
  readonly createdAt: number;
  /** When it was last heard of: Unix time in ms. */
  readonly lastSeen: number;
  /** The id of the newest message when the session was created: a reader without a cursor can start after it. */
  readonly startsAfter: number;
  /** Whom a back end means by it; absent from guests. */
  readonly userId?: string;
  /** When all that its tokens were good for was revoked the last time: Unix time in ms. */
  readonly revokedAt?: number;
}

/** A change of a stored session. */
export interface SessionUpdate {
  readonly publicToken: string;
  readonly lastSeen: number;
}

/** How far a session is in one of its conversations. Ids of messages, 0 before the first. */
export interface ReadMarker {
  readonly channel: string;
  readonly readUpTo: number;
  /** Of a direct channel: what a tab of the session has for certain. */
  readonly deliveredUpTo: number;
}

/** Who is signed in. Private tokens are given in plain and kept as hashes alone. */
export interface SessionStore {
  /** Random, and made once for a deployment: whoever knows it knows the public token of each user id. */
  readonly salt: string;
  /**
   * Makes a session; one that is there gets the display name, and keeps the rest. Either gets one more private token, if
   * one is given; the last 50 of them count.
   */
  create(session: StoredSession, privateToken: string | undefined): Promise<void>;
  /** How many there are. Asked with each sweep. */
  count(): Promise<number>;
  findByPrivateToken(privateToken: string): Promise<StoredSession | undefined>;
  findByPublicToken(publicToken: string): Promise<StoredSession | undefined>;
  touch(touches: readonly SessionUpdate[]): Promise<void>;
  /** Lets none of a session's private tokens count any more, and notes `time` (Unix, ms) as `revokedAt`. */
  revoke(publicToken: string, time: number): Promise<void>;
  /** Removes a session and its marks. */
  remove(publicToken: string): Promise<void>;
  /** Removes a few of those that were last seen before `time` (Unix, ms), and names them. */
  removeUnseen(time: number): Promise<readonly string[]>;
  marks(publicToken: string): Promise<readonly ReadMarker[]>;
  /** Sets a mark of a session that is there, or moves it on: neither of its ids goes back. */
  mark(publicToken: string, mark: ReadMarker): Promise<void>;
  unmark(publicToken: string, channel: string): Promise<void>;
}

/**
 * In a part of the log, a tab has every message for its session alone (`delivered`), or the session has read every
 * message of one channel (`seen`).
 */
export interface Receipt {
  readonly kind: "delivered" | "seen";
  readonly publicToken: string;
  /** Empty where it holds for all of them. */
  readonly channel: string;
  /** Empty where it is not known. */
  readonly tab: string;
  /** The part: after this id … */
  readonly after: number;
  /** … up to this one. */
  readonly upTo: number;
  /** Unix time in ms. */
  readonly at: number;
}

/** Who got what, and when. */
export interface ReceiptStore {
  add(receipts: readonly Receipt[]): Promise<void>;
  /** Those of a session for the message `id` of a channel, the oldest first. */
  of(publicToken: string, channel: string, id: number): Promise<readonly Receipt[]>;
  /** Removes some of those from before `time` (Unix, ms), in one short step; says whether there may be more. */
  removeBefore(time: number): Promise<boolean>;
}

/** Small things that a server has to remember, by name: how far a source of notices was read, for example. */
export interface KeyValue {
  read(name: string): Promise<string | undefined>;
  write(name: string, value: string): Promise<void>;
  remove(name: string): Promise<void>;
  /**
   * Takes the lease of that name for `length` ms, or renews it, and says whether `holder` has it now: at most one does.
   * With a length of 0 it is given back.
   */
  lease(name: string, holder: string, length: number): Promise<boolean>;
}

/** Something that is to be done at a time. */
export interface Task {
  /** Unix time in ms. */
  readonly due: number;
  /** How often it was tried. */
  readonly tries: number;
  readonly body: string;
}

/** A task in its queue. */
export interface QueuedTask extends Task {
  readonly number: number;
}

/** What is still to be done, in the order of the times when it is due. */
export interface TaskQueue {
  /** Adds tasks, and drops the oldest beyond `limit`; says how many were dropped. */
  add(tasks: readonly Task[], limit: number): Promise<number>;
  /** At most `limit` of those that are due at `time`. */
  due(time: number, limit: number): Promise<readonly QueuedTask[]>;
  postpone(task: QueuedTask): Promise<void>;
  remove(numbers: readonly number[]): Promise<void>;
  size(): Promise<number>;
}

/** Carries events to every node, this one included, and in the order in which a node tells them. Best effort. */
export interface NodeBus {
  broadcast(event: NodeEvent): void;
  listen(onEvent: (event: NodeEvent) => void): Disposable;
}

/** Where the log and the sessions live, and what the nodes of a deployment share. */
export interface Store extends AsyncDisposable {
  /** Why the store cannot be reached now; `undefined` while it can. */
  readonly trouble: string | undefined;
  readonly log: MessageLog;
  readonly sessions: SessionStore;
  readonly receipts: ReceiptStore;
  readonly keyValue: KeyValue;
  readonly queue: TaskQueue;
  readonly bus: NodeBus;
}
