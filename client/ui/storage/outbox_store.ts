import type { SendRequest } from "../../comet/halley.ts";

/** What a message replies to, and whom it mentions. */
export type References = Pick<SendRequest, "replyTo" | "mentions">;

/** What is to be sent: a message, or a change of one. */
export type OutboxEntry = OutboxMessage | OutboxChange;

interface Unsent {
  /** Identifies it. Idempotency key of a message: the server appends it once, however often it is sent. */
  readonly key: string;
  /** The conversation. */
  readonly channel: string;
  /** When it was made, or when the user asked to send it again: Unix time in ms. */
  readonly at: number;
  /** Why the server rejected it. */
  readonly problem?: OutboxProblem | undefined;
}

export interface OutboxMessage extends Unsent {
  readonly text: string;
  readonly references?: References | undefined;
}

/** An edit of a message, a reaction to it or, without `text` and `emoji`, its deletion. */
export interface OutboxChange extends Unsent {
  /** The id of the message. */
  readonly changes: number;
  readonly text?: string | undefined;
  /** The public tokens of the people whom the new text mentions. */
  readonly mentions?: readonly string[] | undefined;
  readonly emoji?: string | undefined;
  /** Whether the reaction is added; otherwise it is taken back. */
  readonly on?: boolean | undefined;
}

export function isMessage(entry: OutboxEntry | undefined): entry is OutboxMessage {
  return entry !== undefined && !("changes" in entry);
}

/** A rejection by the server: its stable code, and an explanation. */
export interface OutboxProblem {
  readonly code: string;
  readonly detail: string;
}

/** What a session has not sent, in the order in which they were first stored. All its tabs share them. */
export interface OutboxStore extends Disposable {
  list(): Promise<readonly OutboxEntry[]>;
  /** Adds an entry, or replaces the entry with the same key. */
  put(entry: OutboxEntry): Promise<void>;
  remove(key: string): Promise<void>;
  clear(): Promise<void>;
  /** Runs `work` while no other tab runs work of the same name. */
  exclusively(name: string, work: () => Promise<void>): Promise<void>;
  /** Called when another tab has changed an entry. */
  onChange: (() => void) | undefined;
}

/** What is lost when the page is closed. */
export class MemoryOutboxStore implements OutboxStore {
  onChange: (() => void) | undefined;
  readonly #entries = new Map<string, OutboxEntry>();

  list(): Promise<readonly OutboxEntry[]> {
    return Promise.resolve([...this.#entries.values()]);
  }

  put(entry: OutboxEntry): Promise<void> {
    this.#entries.set(entry.key, entry);
    return Promise.resolve();
  }

  remove(key: string): Promise<void> {
    this.#entries.delete(key);
    return Promise.resolve();
  }

  clear(): Promise<void> {
    this.#entries.clear();
    return Promise.resolve();
  }

  exclusively(_name: string, work: () => Promise<void>): Promise<void> {
    return work();
  }

  [Symbol.dispose](): void {
    this.onChange = undefined;
  }
}
