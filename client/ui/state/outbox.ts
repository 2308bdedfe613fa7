import { computed, signal } from "@preact/signals";
import { type CometClient, HalleyError, type Message, randomKey } from "../../comet/halley.ts";
import type { OutboxEntry, OutboxProblem, OutboxStore } from "../storage/outbox_store.ts";

/** A message of one's own that is not known to be sent. */
export interface PendingMessage extends OutboxEntry {
  /**
   * `arrived`: a poll was quicker than the answer; it is shown as a message already. `old`: it waited so long that the
   * server may have forgotten its key, and goes out only if one says so.
   */
  readonly state: "waiting" | "arrived" | "failed" | "old";
}

/** Through whom messages go, where they wait, and who is told that one is sent. */
export interface OutboxOptions {
  readonly client: CometClient;
  readonly store: OutboxStore;
  readonly onSent: (message: Message) => void;
}

/** The server remembers keys for 24 hours; what waited longer than this might be sent twice. */
export const OLD_AFTER = 20 * 3_600_000;

/** So many messages may wait. */
export const MOST_PENDING = 1_000;

/** Sends messages, those of a conversation one after the other, and each once; those too that an earlier page has left. */
export class Outbox implements Disposable {
  /** In the order in which they were written. */
  readonly pending = signal<readonly PendingMessage[]>([]);
  readonly isFull = computed(() => this.pending.value.length >= MOST_PENDING);
  readonly #options: OutboxOptions;
  readonly #end = new AbortController();
  readonly #sending = new Set<string>();
  /** What is not in the store, or not yet; and when it will be. */
  readonly #unsaved = new Map<string, Promise<void>>();

  constructor(options: OutboxOptions) {
    this.#options = options;
    options.store.onChange = () => this.#takeUp();
    this.#takeUp();
  }

  /** What waits to be sent to that channel, or was turned down. */
  in(channel: string): readonly PendingMessage[] {
    return this.pending.value.filter((message) => message.channel === channel);
  }

  /** `false` if too many wait already. */
  send(channel: string, text: string): boolean {
    if (this.isFull.value) return false;
    const entry: OutboxEntry = { key: randomKey(), channel, text, at: Date.now() };
    this.pending.value = [...this.pending.value, { ...entry, state: "waiting" }];
    this.#save(entry);
    return true;
  }

  /** Tries once more what had failed or grown old; with the same key, so that it counts once even so. */
  retry({ key, channel, text }: PendingMessage): void {
    const entry: OutboxEntry = { key, channel, text, at: Date.now() };
    this.#change({ ...entry, state: "waiting" });
    this.#save(entry);
  }

  discard({ key }: PendingMessage): void {
    this.#forget(key);
    this.#options.store.remove(key).catch(ignore);
  }

  /** Hides the oldest one that waits and says the same as that message of one's own, which has come by a poll. */
  noteArrival({ channel, text }: Message): void {
    const arrived = this.pending.value.find((pending) =>
      pending.state === "waiting" && pending.channel === channel && pending.text === text
    );
    if (arrived) this.#change({ ...arrived, state: "arrived" });
  }

  /** Stops sending. What was not sent stays in the store. */
  [Symbol.dispose](): void {
    this.#end.abort();
    this.#options.store[Symbol.dispose]();
  }

  /** Takes over what is in the store: from before a reload, or from another tab. */
  async #takeUp(): Promise<void> {
    const before = new Set(this.pending.peek().map(({ key }) => key));
    for (const key of this.#unsaved.keys()) before.delete(key);
    const saved = await this.#options.store.list().catch(() => undefined);
    if (!saved || this.#end.signal.aborted) return;
    const here = new Map(this.pending.peek().map((message) => [message.key, message]));
    // What has come or gone here while the store was asked is newer than its answer.
    const messages = saved.filter(({ key }) => here.has(key) || !before.has(key))
      .map((entry) => asPending(entry, here.get(entry.key)));
    const keys = new Set(saved.map(({ key }) => key));
    const added = [...here.values()].filter(({ key }) => !keys.has(key) && !before.has(key));
    this.pending.value = [...messages, ...added];
    for (const channel of new Set(saved.map(({ channel }) => channel))) this.#sendAll(channel);
  }

  async #save(entry: OutboxEntry): Promise<void> {
    // What cannot be saved is sent all the same; only a reload would lose it.
    const saved = this.#options.store.put(entry).then(() => void this.#unsaved.delete(entry.key));
    this.#unsaved.set(entry.key, saved.catch(ignore));
    await this.#unsaved.get(entry.key);
    this.#sendAll(entry.channel);
  }

  /** Sends what waits for that channel, one after the other, in one tab at a time. */
  async #sendAll(channel: string): Promise<void> {
    if (this.#sending.has(channel) || !this.#next(channel)) return;
    this.#sending.add(channel);
    try {
      await this.#options.store.alone(channel, async () => {
        for (let next = this.#next(channel); next; next = this.#next(channel)) {
          await this.#deliver(next);
        }
      });
    } finally {
      this.#sending.delete(channel);
    }
    this.#sendAll(channel);
  }

  #next(channel: string): PendingMessage | undefined {
    if (this.#end.signal.aborted) return undefined;
    return this.pending.value.find((pending) =>
      pending.channel === channel && (pending.state === "waiting" || pending.state === "arrived")
    );
  }

  async #deliver(message: PendingMessage): Promise<void> {
    const { key, channel, text, at } = message;
    if (!await this.#isHere(key)) return this.#forget(key); // Another tab has sent it, or discarded it.
    if (Date.now() - at > OLD_AFTER) return this.#change({ ...message, state: "old" });
    try {
      const { signal } = this.#end;
      this.#options.onSent(await this.#options.client.send({ channel, text, key }, { signal }));
      await this.#options.store.remove(key).catch(ignore);
      this.#forget(key);
    } catch (error) {
      if (!this.#end.signal.aborted) await this.#fail(message, error);
    }
  }

  async #isHere(key: string): Promise<boolean> {
    await this.#unsaved.get(key);
    return this.#unsaved.has(key) || await this.#options.store.has(key).catch(() => true);
  }

  async #fail({ key, channel, text, at }: PendingMessage, error: unknown): Promise<void> {
    const isRefusal = error instanceof HalleyError;
    const problem: OutboxProblem = isRefusal
      ? { code: error.code, detail: error.detail }
      : { code: "unexpected_answer", detail: "" };
    const entry: OutboxEntry = { key, channel, text, at, problem };
    this.#change({ ...entry, state: "failed" });
    await this.#options.store.put(entry).catch(ignore);
  }

  #forget(key: string): void {
    this.#unsaved.delete(key);
    this.pending.value = this.pending.value.filter((pending) => pending.key !== key);
  }

  #change(changed: PendingMessage): void {
    this.pending.value = this.pending.value.map((pending) =>
      pending.key === changed.key ? changed : pending
    );
  }
}

function asPending(entry: OutboxEntry, here: PendingMessage | undefined): PendingMessage {
  if (entry.problem) return { ...entry, state: "failed" };
  if (here?.state === "arrived") return { ...entry, state: "arrived" };
  return { ...entry, state: Date.now() - entry.at > OLD_AFTER ? "old" : "waiting" };
}

function ignore(): void {
  // A store that fails costs no more than what a reload would lose.
}
