import type { MonotonicTime } from "../../base/clock.ts";
import { Listeners } from "../../base/listeners.ts";
import type { Runtime } from "../../base/runtime.ts";
import { decode, type Draft, type Topic, topicsOf } from "../../core/model/message.ts";
import { Refused } from "../../core/model/refused.ts";
import type { Appended, MessageLog, Page, Retention } from "../../core/model/store.ts";
import type { Message } from "../../protocol/message.ts";
import { NatsAppender } from "./nats_appender.ts";
import { DELIVERY, DeliveryWaiters } from "./nats_delivery_waiters.ts";
import type { JetStream } from "./nats_jetstream.ts";
import { LogIndex } from "./nats_log_index.ts";
import type { NatsMarks } from "./nats_marks.ts";
import { OrderedConsumer, type StreamDelivery } from "./nats_ordered_consumer.ts";
import { readAll } from "./nats_read_all.ts";
import { type KnownMessage, StreamGuard } from "./nats_stream_guard.ts";

/** Number of messages read at once for a follower that starts in the past. */
const FOLLOW_BATCH = 500;

/** What a {@linkcode NatsLog} is constructed from. */
export interface NatsLogDeps {
  readonly jetstream: JetStream;
  readonly stream: string;
  readonly retention: Retention;
  readonly marks: NatsMarks;
  /** Called if the stream was replaced or has lost messages: this process must stop. */
  readonly onLost: (reason: string) => void;
}

/**
 * The log in a stream of JetStream. A message's id is its sequence number in the stream. An ordered consumer delivers all
 * messages to every node, in the same order; the index of all ids is in memory, the messages are read from the stream.
 */
export class NatsLog implements MessageLog, Disposable {
  readonly epoch: string;
  readonly #deps: NatsLogDeps;
  readonly #runtime: Runtime;
  readonly #index: LogIndex;
  readonly #guard: StreamGuard;
  readonly #appender: NatsAppender;
  readonly #followers = new Listeners<readonly Message[]>();
  readonly #waiters: DeliveryWaiters;
  #consumer: OrderedConsumer | undefined;
  /** Messages that the consumer has delivered, up to this id, but the followers have not received yet. */
  #arrived: Message[] = [];
  #arrivedUpTo: number;
  /** The followers have received all messages up to this id. */
  #deliveredUpTo: number;
  /** The last message that has arrived, if this node knows one. */
  #newest: KnownMessage | undefined;

  static async open(deps: NatsLogDeps): Promise<NatsLog> {
    const { jetstream, stream, retention, marks } = deps;
    const guard = await StreamGuard.open(deps);
    const { first_seq } = guard.state;
    const floor = Math.max(0, first_seq - 1);
    const index = new LogIndex(stream, floor);
    let newest: KnownMessage | undefined;
    await readAll(jetstream, { stream, headersOnly: true, after: floor }, (delivery) => {
      index.add(delivery);
      newest = delivery;
    });
    // After the index: a mark is stored before messages are removed from the stream.
    await marks.load(index, floor);
    // What a node has left that was killed while it removed messages.
    const left = index.takeRemoved().flatMap(({ ids }) => ids);
    await Promise.all(left.map((id) => jetstream.remove(stream, id)));
    while (index.trim(retention, 0));
    const log = new NatsLog(deps, { guard, index, newest });
    await log.#startConsumer();
    return log;
  }

  private constructor(
    deps: NatsLogDeps,
    { guard, index, newest }: {
      guard: StreamGuard;
      index: LogIndex;
      newest: KnownMessage | undefined;
    },
  ) {
    this.epoch = guard.epoch;
    this.#deps = deps;
    this.#runtime = deps.jetstream.client.runtime;
    this.#waiters = new DeliveryWaiters(this.#runtime, () => this.#consumer?.restart());
    this.#guard = guard;
    this.#index = index;
    this.#newest = newest;
    this.#deliveredUpTo = this.#arrivedUpTo = Math.max(guard.state.last_seq, newest?.seq ?? 0);
    this.#appender = new NatsAppender({
      ...deps,
      get: (id) => this.#getStored(id),
      newestId: () => this.#arrivedUpTo,
      onLost: (id) => guard.giveUp(id),
      waitUntilDelivered: (id) => this.#waitUntilDelivered(id),
    });
  }

  /** Why messages cannot be sent or received at the moment; `undefined` if they can. */
  get unavailableReason(): string | undefined {
    return this.#guard.unavailableReason ??
      (this.#consumer?.isRunning
        ? this.#appender.unavailableReason
        : "The stream delivers no messages");
  }

  append(drafts: readonly Draft[]): Promise<readonly Appended[]> {
    return this.#appender.append(drafts);
  }

  async read(topics: readonly Topic[], after: number, limit: number): Promise<Page> {
    const { ids, hasMore } = this.#index.after(topics, after, limit);
    const messages = within(topics, await this.#getAll(ids));
    return { messages, hasMore, trimmedUpTo: this.#index.trimmedUpTo(topics) };
  }

  async history(topic: Topic, before = Infinity, limit: number): Promise<readonly Message[]> {
    return within([topic], await this.#getAll(this.#index.before(topic, before, limit)));
  }

  async get(id: number): Promise<Message | undefined> {
    if (!this.#index.has(id) || id > this.#deliveredUpTo) return undefined;
    return await this.#getStored(id);
  }

  /** Asks the stream's leader. When this resolves, this node has received the newest message too. */
  async newestId(): Promise<number> {
    const { jetstream, stream } = this.#deps;
    const { state: { last_seq } } = await jetstream.info(stream);
    await this.#waitUntilDelivered(last_seq);
    return last_seq;
  }

  async follow(
    after: number,
    onAppended: (messages: readonly Message[]) => void,
  ): Promise<Disposable> {
    let last = after;
    while (last < this.#deliveredUpTo) {
      const ids = this.#index.range(last, FOLLOW_BATCH);
      const messages = await this.#getAll(ids);
      if (messages.length > 0) onAppended(messages);
      last = ids.at(-1) ?? this.#deliveredUpTo;
    }
    // Synchronously after the check above, so that no message is missed.
    return this.#followers.add((messages) => {
      const areAllNew = (messages[0]?.id ?? 0) > last;
      onAppended(areAllNew ? messages : messages.filter(({ id }) => id > last));
    });
  }

  async trim(now: number): Promise<boolean> {
    const isMore = this.#index.trim(this.#deps.retention, now);
    if (isMore) return true;
    await this.#guard.purge(this.#index, { first: await this.#checkStream(), now });
    return false;
  }

  [Symbol.dispose](): void {
    this.#waiters[Symbol.dispose]();
    this.#consumer?.[Symbol.dispose]();
    this.#appender[Symbol.dispose]();
  }

  async #startConsumer(): Promise<void> {
    const { jetstream, stream } = this.#deps;
    this.#consumer = await OrderedConsumer.open(jetstream, {
      stream,
      after: this.#deliveredUpTo,
      onMessage: (delivery) => this.#onMessage(delivery),
      beforeRestart: async () => void await this.#checkStream(),
    });
  }

  /** Verifies that the stream is still the one we opened, and removes from the index what its own limits have removed. */
  async #checkStream(): Promise<number> {
    const { first_seq } = await this.#guard.check(this.#deliveredUpTo, this.#newest);
    this.#index.trimUpTo(first_seq - 1);
    return first_seq;
  }

  #onMessage(delivery: StreamDelivery): void {
    const { seq, text } = delivery;
    // Messages that arrive in one network read are delivered together.
    if (this.#arrivedUpTo === this.#deliveredUpTo) queueMicrotask(() => this.#deliver());
    this.#arrivedUpTo = seq;
    this.#newest = delivery;
    const message = parseMessage(seq, text());
    if (message === undefined) return;
    this.#index.add(delivery);
    this.#arrived.push(message);
  }

  #deliver(): void {
    const messages = this.#arrived;
    this.#arrived = [];
    this.#deliveredUpTo = this.#arrivedUpTo;
    if (messages.length > 0) this.#followers.emit(messages);
    this.#waiters.onDelivered(this.#deliveredUpTo);
  }

  /** Resolves when the followers have received every message up to this id. */
  #waitUntilDelivered(id: number): Promise<void> {
    return id <= this.#deliveredUpTo ? Promise.resolve() : this.#waiters.wait(id);
  }

  /**
   * Gets messages, without those that were removed. A new leader that has not caught up yet does not have the newest
   * messages: if any message is missing, it is requested again after the leader has caught up, so that no reader skips it.
   */
  async #getAll(ids: readonly number[]): Promise<readonly Message[]> {
    const start = this.#runtime.monotonicNow();
    for (let hasCaughtUp = false;;) {
      const messages = await Promise.all(ids.map((id) => this.#getStored(id)));
      if (hasCaughtUp || !messages.includes(undefined)) {
        // Another node has removed them: their topics are trimmed up to there.
        for (const [n, id] of ids.entries()) if (!messages[n]) this.#index.remove(id);
        return messages.filter((message) => message !== undefined);
      }
      hasCaughtUp = await this.#hasLeaderCaughtUp(start);
    }
  }

  /** Whether the stream's leader has all messages that this node has received. Refuses if it takes too long. */
  async #hasLeaderCaughtUp(start: MonotonicTime): Promise<boolean> {
    try {
      await this.#checkStream();
      return true;
    } catch (error) {
      if (!(error instanceof Refused) || this.#runtime.msSince(start) > DELIVERY.timeout) {
        throw error;
      }
    }
    await this.#runtime.delay(DELIVERY.checkInterval);
    return false;
  }

  /** Gets a message from any replica, or from the leader if the replica does not have it or does not reply. */
  async #getStored(id: number): Promise<Message | undefined> {
    const { jetstream, stream } = this.#deps;
    const text = await jetstream.getText(stream, id).catch((error) => {
      if (error instanceof Refused) return undefined;
      throw error;
    }) ?? (await jetstream.get(stream, { seq: id }))?.text;
    return text === undefined ? undefined : parseMessage(id, text);
  }
}

/**
 * The messages of these topics. The stream can have others under the ids in the index: if it has lost messages and has assigned
 * their ids again, which no node has noticed yet, or if another client has written them.
 */
function within(topics: readonly Topic[], messages: readonly Message[]): readonly Message[] {
  const areAll = messages.every(({ channel }) => isOf(topics, channel));
  return areAll ? messages : messages.filter(({ channel }) => isOf(topics, channel));
}

function isOf(topics: readonly Topic[], channel: string): boolean {
  return topicsOf(channel).some((topic) => topics.includes(topic));
}

/** Parses a stored message and puts its id first. Returns `undefined` if another client wrote something else. */
function parseMessage(id: number, text: string): Message | undefined {
  try {
    const message = decode(`{"id":${id},${text.slice(1)}`);
    return typeof message.channel === "string" ? message : undefined;
  } catch {
    return undefined;
  }
}
