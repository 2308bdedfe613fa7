import type { Topic } from "../../core/model/topics.ts";
import { Listeners } from "../../base/listeners.ts";
import { decode, type Draft } from "../../core/model/message.ts";
import { type Message } from "../../protocol/message.ts";
import { Refused } from "../../core/model/refused.ts";
import type { Appended, MessageLog, Page, Retention } from "../../core/model/store.ts";
import { NatsAppender } from "./nats_appender.ts";
import { OrderedConsumer, readAll, type StreamDelivery } from "./nats_ordered_consumer.ts";
import { LogIndex } from "./nats_log_index.ts";
import type { JetStream } from "./nats_jetstream.ts";
import { unavailable } from "./nats_client.ts";
import { StreamGuard } from "./nats_stream_guard.ts";

/** So many messages are read at once for a follower that starts in the past. */
const FOLLOW_PAGE = 500;

/** A place must be reached within so long (ms); after the first part of it, the consumer is made anew; looks. */
const REACH = { limit: 5_000, nudge: 1_000, tick: 250 } as const;

/** What a log is made from. */
export interface NatsLogDeps {
  readonly jetstream: JetStream;
  readonly stream: string;
  readonly retention: Retention;
  /** The log is not the one any more that was opened. */
  readonly onLost: (reason: string) => void;
}

/** Somebody waits until a message has come. */
interface Reaching {
  readonly id: number;
  readonly since: number;
  resolve(): void;
  reject(error: Refused): void;
}

/** The log in a stream of JetStream: the stream's sequence is the id. */
export class NatsLog implements MessageLog, Disposable {
  readonly epoch: string;
  readonly #deps: NatsLogDeps;
  readonly #index: LogIndex;
  readonly #vigil: StreamGuard;
  readonly #appender: NatsAppender;
  readonly #followers = new Listeners<readonly Message[]>();
  readonly #reaching = new Set<Reaching>();
  #watching: ReturnType<typeof setTimeout> | undefined;
  /** When the consumer was made anew since somebody waited, by the steady clock. */
  #nudged = 0;
  #consumer: OrderedConsumer | undefined;
  #arrived: Message[] = [];
  #arrivedUpTo: number;
  #place: number;

  static async open(deps: NatsLogDeps): Promise<NatsLog> {
    const { jetstream, stream, retention } = deps;
    const vigil = await StreamGuard.open(deps);
    const { first_seq, last_seq } = vigil.state;
    const trimmed = Math.max(0, first_seq - 1, last_seq - retention.maxMessages);
    const index = new LogIndex(stream, trimmed);
    let place = last_seq;
    await readAll(jetstream, { stream, headersOnly: true, after: trimmed }, (delivered) => {
      index.add(delivered.seq, delivered.subject, delivered.at);
      place = Math.max(place, delivered.seq);
    });
    const log = new NatsLog(deps, { vigil, index, place });
    await log.#start();
    return log;
  }

  private constructor(
    deps: NatsLogDeps,
    { vigil, index, place }: { vigil: StreamGuard; index: LogIndex; place: number },
  ) {
    this.epoch = vigil.epoch;
    this.#deps = deps;
    this.#vigil = vigil;
    this.#index = index;
    this.#place = this.#arrivedUpTo = place;
    this.#appender = new NatsAppender({
      ...deps,
      get: (id) => this.#stored(id),
      waitUntilDelivered: (id) => this.#reach(id),
    });
  }

  /** Why messages can be neither sent nor received now. */
  get unavailableReason(): string | undefined {
    return this.#vigil.unavailableReason ??
      (this.#consumer?.isRunning
        ? this.#appender.unavailableReason
        : "The stream gives no messages");
  }

  append(drafts: readonly Draft[]): Promise<readonly Appended[]> {
    return this.#appender.append(drafts);
  }

  async read(topics: readonly Topic[], after: number, limit: number): Promise<Page> {
    const { ids, more } = this.#index.after(topics, after, limit);
    const messages = await this.#messages(ids);
    return { messages, hasMore: more, trimmedUpTo: this.#index.trimmedUpTo };
  }

  async history(topic: Topic, before = Infinity, limit: number): Promise<readonly Message[]> {
    return await this.#messages(this.#index.before(topic, before, limit));
  }

  async get(id: number): Promise<Message | undefined> {
    return id <= this.#index.trimmedUpTo || id > this.#place ? undefined : await this.#stored(id);
  }

  /** What is newest by the word of the stream's leader; when this resolves, it has come here, too. */
  async newestId(): Promise<number> {
    const { jetstream, stream } = this.#deps;
    const { state: { last_seq } } = await jetstream.info(stream);
    await this.#reach(last_seq);
    return last_seq;
  }

  async follow(
    after: number,
    onAppended: (messages: readonly Message[]) => void,
  ): Promise<Disposable> {
    let place = Math.max(after, this.#index.trimmedUpTo);
    while (place < this.#place) {
      const ids = this.#index.range(place, FOLLOW_PAGE);
      const messages = await this.#messages(ids);
      if (messages.length > 0) onAppended(messages);
      place = ids.at(-1) ?? this.#place;
    }
    // In the turn in which nothing was left to read: what comes from now on is told by the consumer.
    return this.#followers.add((messages) => {
      const isAllNew = (messages[0]?.id ?? 0) > place;
      onAppended(isAllNew ? messages : messages.filter(({ id }) => id > place));
    });
  }

  async trim(now: number): Promise<boolean> {
    const isMore = this.#index.trim(this.#deps.retention, now);
    if (!isMore) await this.#vigil.purge(this.#index, { first: await this.#look(), now });
    return isMore;
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#watching);
    for (const { reject } of this.#reaching) reject(unavailable("The store is closed"));
    this.#reaching.clear();
    this.#consumer?.[Symbol.dispose]();
    this.#appender[Symbol.dispose]();
  }

  async #start(): Promise<void> {
    const { jetstream, stream } = this.#deps;
    const { consumer } = await OrderedConsumer.open(jetstream, {
      stream,
      after: this.#place,
      onMessage: (delivered) => this.#take(delivered),
      beforeRestart: async () => void await this.#look(),
    });
    this.#consumer = consumer;
  }

  /** Looks how far the stream reaches, and says where it begins. */
  async #look(): Promise<number> {
    const { first_seq } = await this.#vigil.check(this.#place);
    this.#index.trimUpTo(first_seq - 1);
    return first_seq;
  }

  #take({ seq, subject, at, text }: StreamDelivery): void {
    // What comes in one piece is told together.
    if (this.#arrivedUpTo === this.#place) queueMicrotask(() => this.#tell());
    this.#arrivedUpTo = seq;
    const message = messageOf(seq, text());
    if (message === undefined) return;
    this.#index.add(seq, subject, at);
    this.#arrived.push(message);
  }

  #tell(): void {
    const messages = this.#arrived;
    this.#arrived = [];
    this.#place = this.#arrivedUpTo;
    if (messages.length > 0) this.#followers.emit(messages);
    for (const reaching of this.#reaching) {
      if (reaching.id > this.#place) continue;
      this.#reaching.delete(reaching);
      reaching.resolve();
    }
  }

  /** Resolves when this node has been given every message up to that id. */
  #reach(id: number): Promise<void> {
    if (id <= this.#place) return Promise.resolve();
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.#reaching.add({ id, since: performance.now(), resolve, reject });
    this.#watching ??= setTimeout(() => this.#watch(), REACH.tick);
    return promise;
  }

  /** One timer for all that is waited for. */
  #watch(): void {
    this.#watching = undefined;
    const now = performance.now();
    let longest = 0;
    for (const reaching of this.#reaching) {
      longest = Math.max(longest, now - reaching.since);
      if (now - reaching.since < REACH.limit) continue;
      this.#reaching.delete(reaching);
      reaching.reject(unavailable("NATS does not pass messages on"));
    }
    if (longest > REACH.nudge && now - this.#nudged > REACH.nudge) {
      this.#nudged = now;
      this.#consumer?.restart();
    }
    if (this.#reaching.size > 0) this.#watching = setTimeout(() => this.#watch(), REACH.tick);
  }

  /**
   * Those that are kept. A leader that is new may not have caught up yet, and knows nothing of the newest messages: only
   * what it does not have after it has caught up was removed. A reader must not be led past the others.
   */
  async #messages(ids: readonly number[]): Promise<readonly Message[]> {
    const end = performance.now() + REACH.limit;
    for (let hasCaughtUp = false;;) {
      const messages = await Promise.all(ids.map((id) => this.#stored(id)));
      if (hasCaughtUp || !messages.includes(undefined)) {
        return messages.filter((message) => message !== undefined);
      }
      hasCaughtUp = await this.#catchUp(end);
    }
  }

  /** Whether the stream's leader has all that this node was given; refuses when it has not at `end`. */
  async #catchUp(end: number): Promise<boolean> {
    try {
      await this.#look();
      return true;
    } catch (error) {
      if (!(error instanceof Refused) || performance.now() > end) throw error;
    }
    await new Promise((resolve) => setTimeout(resolve, REACH.tick));
    return false;
  }

  /** From any replica; from the leader where that one does not have it, or does not answer. */
  async #stored(id: number): Promise<Message | undefined> {
    const { jetstream, stream } = this.#deps;
    const text = await jetstream.getText(stream, id).catch((error) => {
      if (error instanceof Refused) return undefined;
      throw error;
    }) ?? (await jetstream.get(stream, { seq: id }))?.text;
    return text === undefined ? undefined : messageOf(id, text);
  }
}

/** The message as readers are given it: the id stands first. What is none, since a stranger wrote it, is `undefined`. */
function messageOf(id: number, text: string): Message | undefined {
  try {
    const message = decode(`{"id":${id},${text.slice(1)}`);
    return typeof message.channel === "string" ? message : undefined;
  } catch {
    // Whatever is wrong with it, nothing of ours looks so.
    return undefined;
  }
}
