/** A message that is to be sent. */
export interface OutboxEntry {
  /** Makes it count once, however often it is sent. */
  readonly key: string;
  readonly channel: string;
  readonly text: string;
  /** Since when. */
  readonly at: number;
  /** Why it was turned down for good. */
  readonly problem?: OutboxProblem | undefined;
}

/** A refusal, by its stable word and in the server's words. */
export interface OutboxProblem {
  readonly code: string;
  readonly detail: string;
}

/** Where unsent messages are kept: in the order in which they were put there first, for all tabs of a session. */
export interface OutboxStore extends Disposable {
  list(): Promise<readonly OutboxEntry[]>;
  has(key: string): Promise<boolean>;
  /** Adds an entry, or changes that of the same key. */
  put(entry: OutboxEntry): Promise<void>;
  remove(key: string): Promise<void>;
  clear(): Promise<void>;
  /** Does something while no other tab does that of the same name. */
  alone(name: string, work: () => Promise<void>): Promise<void>;
  /** Called when another tab has changed something. */
  onChange: (() => void) | undefined;
}

/** Keeps unsent messages until the page is closed. */
export class MemoryOutboxStore implements OutboxStore {
  onChange: (() => void) | undefined;
  readonly #entries = new Map<string, OutboxEntry>();

  list(): Promise<readonly OutboxEntry[]> {
    return Promise.resolve([...this.#entries.values()]);
  }

  has(key: string): Promise<boolean> {
    return Promise.resolve(this.#entries.has(key));
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

  alone(_name: string, work: () => Promise<void>): Promise<void> {
    return work();
  }

  [Symbol.dispose](): void {
    this.onChange = undefined;
  }
}
