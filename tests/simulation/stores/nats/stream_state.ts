import type { StreamConfig } from "../../../../server/stores/nats/nats_stream_info.ts";

/** A message of a stream. */
export interface StoredMessage extends NewMessage {
  readonly seq: number;
}

/** A message before it is stored. */
export interface NewMessage {
  readonly subject: string;
  readonly payload: string;
  readonly headers: ReadonlyMap<string, string>;
  /** When it is stored: Unix time in ms. */
  readonly at: number;
}

/** What a purge removes. */
export interface Purge {
  readonly seq?: number;
  readonly filter?: string;
}

/** A change of a stream, as its replicas apply it. */
export type StreamChange =
  | { readonly type: "store"; readonly messages: readonly NewMessage[] }
  | { readonly type: "remove"; readonly seq: number }
  | { readonly type: "purge"; readonly purge: Purge };

/** What one replica of a stream has: the messages, and the message ids that it remembers. */
export class StreamState {
  #config: StreamConfig;
  /** In the order of their sequence numbers. */
  readonly #messages = new Map<number, StoredMessage>();
  readonly #ids = new Map<string, { readonly seq: number; readonly at: number }>();
  #last = 0;
  #first = 0;

  constructor(config: StreamConfig) {
    this.#config = config;
  }

  get info() {
    const first = this.#messages.keys().next().value ?? this.#first;
    return { messages: this.#messages.size, first_seq: first, last_seq: this.#last };
  }

  configure(config: StreamConfig): void {
    this.#config = config;
  }

  /** Applies a change; returns the number of messages that were removed by it. */
  apply(change: StreamChange): number {
    const { size } = this.#messages;
    if (change.type === "store") { for (const message of change.messages) this.#store(message); }
    else if (change.type === "remove") this.#remove(change.seq);
    else this.#purge(change.purge);
    return size - this.#messages.size;
  }

  /** Removes what has expired at the Unix time `now` in ms. */
  expire(now: number): void {
    const { max_age = 0, duplicate_window = 0 } = this.#config;
    for (const [id, { at }] of this.#ids) {
      if (at + duplicate_window / 1e6 <= now) this.#ids.delete(id);
    }
    if (max_age === 0) return;
    for (const { seq, at } of this.#messages.values()) {
      if (at + max_age / 1e6 <= now) this.#remove(seq);
    }
  }

  get(seq: number): StoredMessage | undefined {
    return this.#messages.get(seq);
  }

  /** The first message of a subject from `seq` on. */
  next(seq: number, pattern: string): StoredMessage | undefined {
    for (const message of this.#messages.values()) {
      if (message.seq >= seq && matches(pattern, message.subject)) return message;
    }
    return undefined;
  }

  last(pattern: string): StoredMessage | undefined {
    return this.matching(pattern).at(-1);
  }

  matching(pattern: string): readonly StoredMessage[] {
    return [...this.#messages.values()].filter(({ subject }) => matches(pattern, subject));
  }

  /** The message that was stored with a message id, while the id is remembered. */
  seqOf(id: string): number | undefined {
    return this.#ids.get(id)?.seq;
  }

  #store(message: NewMessage): void {
    const seq = ++this.#last;
    this.#messages.set(seq, { ...message, seq });
    const id = message.headers.get("Nats-Msg-Id");
    if (id !== undefined) this.#ids.set(id, { seq, at: message.at });
    const { max_msgs_per_subject: max = -1 } = this.#config;
    if (max < 0) return;
    for (const { seq } of this.matching(message.subject).slice(0, -max)) this.#remove(seq);
  }

  #remove(seq: number): void {
    this.#messages.delete(seq);
    if (this.#messages.size === 0) this.#first = this.#last + 1;
  }

  #purge({ seq = Infinity, filter = ">" }: Purge): void {
    // Earlier servers take "before the first message" for no bound at all.
    if (seq <= 1) return this.#purge({ filter });
    for (const one of this.matching(filter)) if (one.seq < seq) this.#remove(one.seq);
    if (this.#messages.size > 0 || filter !== ">") return;
    // A stream can be purged beyond its end.
    if (seq !== Infinity && seq > this.#last) this.#last = seq - 1;
    this.#first = this.#last + 1;
  }
}

/** Whether a subject matches a pattern: `*` stands for one token, `>` for one or more at the end. */
export function matches(pattern: string, subject: string): boolean {
  const [expected, tokens] = [pattern.split("."), subject.split(".")];
  for (const [n, token] of expected.entries()) {
    if (token === ">") return tokens.length > n;
    if (tokens[n] === undefined || token !== "*" && token !== tokens[n]) return false;
  }
  return expected.length === tokens.length;
}
