import type { SendRequest } from "../../comet/halley.ts";

/** What a message replies to, and whom it mentions. */
export type References = Pick<SendRequest, "replyTo" | "mentions">;

/** A message that is to be sent. */
export interface OutboxEntry {
  /** Idempotency key: the server appends the message once, however often it is sent. */
  readonly key: string;
  readonly channel: string;
  readonly text: string;
  readonly references?: References | undefined;
  /** When it was written, or when the user asked to send it again: Unix time in ms. */
  readonly at: number;
  /** Why the server rejected it. */
  readonly problem?: OutboxProblem | undefined;
}

/** A rejection by the server: its stable code, and an explanation. */
export interface OutboxProblem {
  readonly code: string;
  readonly detail: string;
}

/** Unsent messages of a session, in the order in which they were first stored. All its tabs share them. */
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

/** Unsent messages that are lost when the page is closed. */
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
