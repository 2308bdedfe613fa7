import { LONG_AGO, type MonotonicTime } from "../../base/clock.ts";
import { Listeners } from "../../base/listeners.ts";
import type { Runtime, Timer } from "../../base/runtime.ts";
import { decode, type Draft, type Topic } from "../../core/model/message.ts";
import { Refused } from "../../core/model/refused.ts";
import type { Appended, MessageLog, Page, Retention } from "../../core/model/store.ts";
import type { Message } from "../../protocol/message.ts";
import { NatsAppender } from "./nats_appender.ts";
import { unavailable } from "./nats_client.ts";
import type { JetStream } from "./nats_jetstream.ts";
import { LogIndex } from "./nats_log_index.ts";
import type { NatsMarks } from "./nats_marks.ts";
import { OrderedConsumer, type StreamDelivery } from "./nats_ordered_consumer.ts";
import { readAll } from "./nats_read_all.ts";
import { StreamGuard } from "./nats_stream_guard.ts";

/** Number of messages read at once for a follower that starts in the past. */
const FOLLOW_BATCH = 500;

/** In ms: how long to wait for the delivery of a message, and after which time the consumer is restarted. */
const DELIVERY = { timeout: 5_000, restartAfter: 1_000, checkInterval: 250 } as const;

/** What a {@linkcode NatsLog} is constructed from. */
export interface NatsLogDeps {
  readonly jetstream: JetStream;
  readonly stream: string;
  readonly retention: Retention;
  readonly marks: NatsMarks;
  /** Called if the stream was replaced or has lost messages: this process must stop. */
  readonly onLost: (reason: string) => void;
}

/** A caller that waits until a message is delivered to this node. */
interface DeliveryWaiter {
  readonly id: number;
  readonly since: MonotonicTime;
  resolve(): void;
  reject(error: Refused): void;
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
  readonly #waiters = new Set<DeliveryWaiter>();
  #waiterTimer: Timer | undefined;
  /** When the consumer was last restarted on behalf of a waiter. */
  #restartedAt = LONG_AGO;
  #consumer: OrderedConsumer | undefined;
  /** Messages that the consumer has delivered, up to this id, but the followers have not received yet. */
  #arrived: Message[] = [];
  #arrivedUpTo: number;
  /** The followers have received all messages up to this id. */
  #deliveredUpTo: number;

  static async open(deps: NatsLogDeps): Promise<NatsLog> {
    const { jetstream, stream, retention, marks } = deps;
    const guard = await StreamGuard.open(deps);
    const { first_seq, last_seq } = guard.state;
    const floor = Math.max(0, first_seq - 1);
    const index = new LogIndex(stream, floor);
    let newest = last_seq;
    await readAll(jetstream, { stream, headersOnly: true, after: floor }, (delivery) => {
      index.add(delivery);
      newest = Math.max(newest, delivery.seq);
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
    { guard, index, newest }: { guard: StreamGuard; index: LogIndex; newest: number },
  ) {
    this.epoch = guard.epoch;
    this.#deps = deps;
    this.#runtime = deps.jetstream.client.runtime;
    this.#guard = guard;
    this.#index = index;
    this.#deliveredUpTo = this.#arrivedUpTo = newest;
    this.#appender = new NatsAppender({
      ...deps,
      get: (id) => this.#getStored(id),
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
    const messages = await this.#getAll(ids);
    return { messages, hasMore, trimmedUpTo: this.#index.trimmedUpTo(topics) };
  }

  async history(topic: Topic, before = Infinity, limit: number): Promise<readonly Message[]> {
    return await this.#getAll(this.#index.before(topic, before, limit));
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
    this.#runtime.clearTimeout(this.#waiterTimer);
    for (const { reject } of this.#waiters) reject(unavailable("The store is closed"));
    this.#waiters.clear();
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
    const { first_seq } = await this.#guard.check(this.#deliveredUpTo);
    this.#index.trimUpTo(first_seq - 1);
    return first_seq;
  }

  #onMessage(delivery: StreamDelivery): void {
    const { seq, text } = delivery;
    // Messages that arrive in one network read are delivered together.
    if (this.#arrivedUpTo === this.#deliveredUpTo) queueMicrotask(() => this.#deliver());
    this.#arrivedUpTo = seq;
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
    for (const waiter of this.#waiters) {
      if (waiter.id > this.#deliveredUpTo) continue;
      this.#waiters.delete(waiter);
      waiter.resolve();
    }
  }

  /** Resolves when the followers have received every message up to this id. */
  #waitUntilDelivered(id: number): Promise<void> {
    if (id <= this.#deliveredUpTo) return Promise.resolve();
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.#waiters.add({ id, since: this.#runtime.monotonicNow(), resolve, reject });
    this.#waiterTimer ??= this.#runtime.setTimeout(
      () => this.#checkWaiters(),
      DELIVERY.checkInterval,
    );
    return promise;
  }

  /** Called regularly while there are waiters. */
  #checkWaiters(): void {
    this.#waiterTimer = undefined;
    let longestWait = 0;
    for (const waiter of this.#waiters) {
      const wait = this.#runtime.msSince(waiter.since);
      longestWait = Math.max(longestWait, wait);
      if (wait < DELIVERY.timeout) continue;
      this.#waiters.delete(waiter);
      waiter.reject(unavailable("NATS did not deliver a message in time"));
    }
    const { restartAfter } = DELIVERY;
    if (longestWait > restartAfter && this.#runtime.msSince(this.#restartedAt) > restartAfter) {
      this.#restartedAt = this.#runtime.monotonicNow();
      this.#consumer?.restart();
    }
    if (this.#waiters.size > 0) {
      this.#waiterTimer = this.#runtime.setTimeout(
        () => this.#checkWaiters(),
        DELIVERY.checkInterval,
      );
    }
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

/** Parses a stored message and puts its id first. Returns `undefined` if another client wrote something else. */
function parseMessage(id: number, text: string): Message | undefined {
  try {
    const message = decode(`{"id":${id},${text.slice(1)}`);
    return typeof message.channel === "string" ? message : undefined;
  } catch {
    return undefined;
  }
}
