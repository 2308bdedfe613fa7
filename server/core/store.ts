import type { Topic } from "./channel.ts";
import type { Draft, Message } from "./message.ts";
import type { Signal } from "./signal.ts";

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

/** What a log keeps. */
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

  /** The id of the newest message, or of the last that was kept; 0 in a new log. */
  newest(): Promise<number>;

  /** Calls `onAppended` with every message after the id `after`, whoever appended it, in order, none left out. */
  follow(after: number, onAppended: (messages: readonly Message[]) => void): Disposable;

  /** Removes some of what `retention` keeps no longer, in one short step; says whether there is more to remove. */
  trim(retention: Retention): Promise<boolean>;
}

/** One signed-in person or program. */
export interface Session {
  readonly publicToken: string;
  readonly displayName: string;
  /** Unix time in ms. */
  readonly createdAt: number;
  /** When it was last heard of: Unix time in ms. */
  readonly lastSeen: number;
  /** The last message that its legacy page acknowledged; at first, where the log stood when it signed in. */
  readonly acknowledged: number;
}

/** What became of a session since it was stored; what is absent stays. */
export interface Touch {
  readonly publicToken: string;
  readonly lastSeen?: number;
  readonly acknowledged?: number;
}

/** How far a session is in one of its conversations. Ids of messages, 0 before the first. */
export interface Mark {
  readonly channel: string;
  readonly readUpTo: number;
  /** Of a direct channel: what a tab of the session has for certain. */
  readonly deliveredUpTo: number;
}

/** Who is signed in. Private tokens are given in plain and kept as hashes alone. */
export interface SessionStore {
  create(session: Session, privateToken: string): Promise<void>;
  findByPrivateToken(privateToken: string): Promise<Session | undefined>;
  findByPublicToken(publicToken: string): Promise<Session | undefined>;
  touch(touches: readonly Touch[]): Promise<void>;
  /** Removes a session and its marks. */
  remove(publicToken: string): Promise<void>;
  /** Removes a few of those that were last seen before `time` (Unix, ms), and names them. */
  removeUnseen(time: number): Promise<readonly string[]>;
  marks(publicToken: string): Promise<readonly Mark[]>;
  /** Sets a mark of a session that is there, or moves it on: neither of its ids goes back. */
  mark(publicToken: string, mark: Mark): Promise<void>;
  unmark(publicToken: string, channel: string): Promise<void>;
}

/** Carries signals to every node, this one included. Best effort; nothing is stored. */
export interface SignalBus {
  broadcast(signal: Signal): void;
  listen(onSignal: (signal: Signal) => void): Disposable;
}

/** Where the log, the sessions and the signals live. */
export interface Store extends AsyncDisposable {
  readonly log: MessageLog;
  readonly sessions: SessionStore;
  readonly signals: SignalBus;
}
