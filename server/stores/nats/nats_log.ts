import { Listeners } from "../../base/listeners.ts";
import type { Runtime } from "../../base/runtime.ts";
import type { Draft, Entry, Topic } from "../../core/model/message.ts";
import type { Appended, MessageLog, Page, Retention } from "../../core/model/store.ts";
import { NatsAppender } from "./nats_appender.ts";
import { ChangeAppender } from "./nats_change_appender.ts";
import { type ChangeHeader, NatsChanges } from "./nats_changes.ts";
import { DeliveryGate } from "./nats_delivery_gate.ts";
import { DELIVERY, DeliveryWaiters } from "./nats_delivery_waiters.ts";
import type { JetStream } from "./nats_jetstream.ts";
import type { StreamInfo } from "./nats_stream_info.ts";
import { LogContent, parseEntry, within } from "./nats_log_content.ts";
import { LogIndex } from "./nats_log_index.ts";
import { readIndex } from "./nats_read_index.ts";
import type { NatsMarks } from "./nats_marks.ts";
import { OrderedConsumer, type StreamDelivery } from "./nats_ordered_consumer.ts";
import { type KnownMessage, MAX_BEHIND_TIME, StreamGuard } from "./nats_stream_guard.ts";

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
  readonly #changes: NatsChanges;
  readonly #content: LogContent;
  readonly #guard: StreamGuard;
  readonly #appender: NatsAppender;
  readonly #changing: ChangeAppender;
  readonly #followers = new Listeners<readonly Entry[]>();
  readonly #waiters: DeliveryWaiters;
  readonly #gate: DeliveryGate;
  #consumer: OrderedConsumer | undefined;
  /** Messages that the consumer has delivered, up to this id, but the followers have not received yet. */
  #arrived: Entry[] = [];
  #arrivedUpTo: number;
  /** The followers have received all messages up to this id. */
  #deliveredUpTo: number;
  /** The last message that has arrived, if this node knows one. */
  #newest: KnownMessage | undefined;

  static async open(deps: NatsLogDeps): Promise<NatsLog> {
    const { jetstream, stream, retention, marks } = deps;
    const guard = await StreamGuard.open(deps);
    const { index, changes, newest, floor } = await readIndex(jetstream, stream, guard.state);
    // After the index: a mark is stored before messages are removed from the stream.
    await marks.load(index, floor);
    // What a node has left that was killed while it removed messages.
    const left = index.takeRemoved().flatMap(({ ids }) => ids);
    await Promise.all(left.map((id) => jetstream.remove(stream, id)));
    while (index.trim(retention, 0));
    const log = new NatsLog(deps, { guard, index, changes, newest });
    await log.#startConsumer();
    return log;
  }

  private constructor(
    deps: NatsLogDeps,
    { guard, index, changes, newest }: {
      guard: StreamGuard;
      index: LogIndex;
      changes: NatsChanges;
      newest: KnownMessage | undefined;
    },
  ) {
    this.epoch = guard.epoch;
    this.#deps = deps;
    this.#runtime = deps.jetstream.client.runtime;
    this.#waiters = new DeliveryWaiters(this.#runtime, () => this.#consumer?.restart());
    this.#guard = guard;
    this.#index = index;
    this.#changes = changes;
    this.#content = new LogContent({
      ...{ ...deps, index, changes },
      catchUp: async () => this.#waitUntilDelivered((await this.#checkStream()).last_seq),
    });
    this.#newest = newest;
    this.#deliveredUpTo = this.#arrivedUpTo = Math.max(guard.state.last_seq, newest?.seq ?? 0);
    this.#gate = new DeliveryGate({
      after: this.#deliveredUpTo,
      findEnd: async () => (await deps.jetstream.info(deps.stream)).state.last_seq,
      onMessage: (delivery, message) => this.#onMessage(delivery, message),
      runtime: this.#runtime,
    });
    this.#appender = new NatsAppender({
      ...deps,
      get: (id) => this.#content.get(id),
      changedWith: (key) => changes.changedWith(key),
      hasBatches: guard.hasBatches,
      newestId: () => this.#arrivedUpTo,
      onLost: (id) => guard.giveUp(id),
      waitUntilDelivered: (id) => this.#waitUntilDelivered(id),
    });
    this.#changing = new ChangeAppender({
      ...{ ...deps, changes, appender: this.#appender },
      get: (id) => this.get(id),
      deliveredUpTo: () => this.#deliveredUpTo,
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
    const [draft] = drafts;
    return draft?.changes === undefined
      ? this.#appender.append(drafts)
      : this.#changing.change(draft, draft.changes);
  }

  async read(topics: readonly Topic[], after: number, limit: number): Promise<Page> {
    const { ids, hasMore } = this.#index.after(topics, after, limit);
    const messages = within(topics, await this.#content.getAll(ids));
    return { messages, hasMore, trimmedUpTo: this.#index.trimmedUpTo(topics) };
  }

  async scan(after: number, limit: number): Promise<readonly Entry[]> {
    for (;;) {
      const ids = this.#index.range(after, limit);
      const entries = await this.#content.getAll(ids);
      // Another node may have removed all of these: then they are not in the index any more.
      if (entries.length > 0 || ids.length === 0) return entries;
    }
  }

  async history(topic: Topic, before = Infinity, limit: number): Promise<readonly Entry[]> {
    return within([topic], await this.#content.getAll(this.#index.before(topic, before, limit)));
  }

  async get(id: number): Promise<Entry | undefined> {
    const isKnown = this.#index.has(id) || this.#changes.lastOf(id)?.header.deleted;
    if (!isKnown || id > this.#deliveredUpTo) return undefined;
    const [entry] = await this.#content.getAll([id]);
    return entry;
  }

  /** Asks the stream's leader. When this resolves, this node has received the newest message too. */
  async newestId(known = 0): Promise<number> {
    const { jetstream, stream } = this.#deps;
    const start = this.#runtime.monotonicNow();
    while (true) {
      const { config: { num_replicas: replicas = 1 }, state } = await jetstream.info(stream);
      const mayCatchUp = replicas > 1 && this.#runtime.msSince(start) < MAX_BEHIND_TIME;
      if (state.last_seq >= known || !mayCatchUp) {
        await this.#waitUntilDelivered(state.last_seq);
        return state.last_seq;
      }
      await this.#runtime.delay(DELIVERY.checkInterval);
    }
  }

  async follow(
    after: number,
    onAppended: (messages: readonly Entry[]) => void,
  ): Promise<Disposable> {
    let last = after;
    while (last < this.#deliveredUpTo) {
      const ids = this.#index.range(last, FOLLOW_BATCH);
      const messages = await this.#content.getAll(ids);
      if (messages.length > 0) onAppended(messages);
      last = ids.at(-1) ?? this.#deliveredUpTo;
    }
    // Synchronously after the check above, so that no message is missed.
    return this.#followers.add((messages) => {
      const areAllNew = (messages[0]?.id ?? 0) > last;
      onAppended(areAllNew ? messages : messages.filter(({ id }) => id > last));
    });
  }

  async trim(now: number, ids: readonly number[] = []): Promise<boolean> {
    for (const id of ids) this.#index.remove(id);
    const isMore = this.#index.trim(this.#deps.retention, now);
    if (isMore) return true;
    const { first_seq: first } = await this.#checkStream();
    await this.#guard.purge(this.#index, { first, now });
    await this.#changing.erase();
    return false;
  }

  [Symbol.dispose](): void {
    this.#waiters[Symbol.dispose]();
    this.#gate[Symbol.dispose]();
    this.#consumer?.[Symbol.dispose]();
    this.#appender[Symbol.dispose]();
  }

  async #startConsumer(): Promise<void> {
    const { jetstream, stream } = this.#deps;
    this.#consumer = await OrderedConsumer.open(jetstream, {
      stream,
      after: this.#deliveredUpTo,
      onMessage: (delivery) => this.#gate.add(delivery),
      onIdle: () => this.#gate.onIdle(),
      beforeRestart: async () => void await this.#checkStream(),
    });
  }

  /** Verifies that the stream is still the one we opened, and removes from the index what its own limits have removed. */
  async #checkStream(): Promise<StreamInfo["state"]> {
    const state = await this.#guard.check(this.#deliveredUpTo, this.#newest);
    this.#index.trimUpTo(state.first_seq - 1);
    return state;
  }

  /** `message`: the content of a message that the stream does not have any more. */
  #onMessage(delivery: StreamDelivery, message?: Entry): void {
    const { seq, text } = delivery;
    // Messages that arrive in one network read are delivered together.
    if (this.#arrivedUpTo === this.#deliveredUpTo) queueMicrotask(() => this.#deliver());
    this.#arrivedUpTo = seq;
    this.#newest = delivery;
    const entry = message ?? parseEntry(seq, text());
    if (entry === undefined) return;
    this.#index.add(delivery);
    this.#arrived.push(
      delivery.change === undefined ? entry : this.#applied(entry, delivery.change),
    );
  }

  /** Applies a change that has arrived; returns it as followers get it. */
  #applied(entry: Entry, header: ChangeHeader): Entry {
    const { id, channel, at } = entry;
    const replaced = this.#changes.add({ seq: id, header });
    // Another change came first. This one will be tried again: readers get nothing of it.
    if (this.#changes.changedBy(id) === undefined) {
      this.#index.drop(id);
      return { id, channel, at, deletedAt: at };
    }
    // The message was deleted before: readers are told that again.
    if (replaced === undefined) {
      return { id, message: { id: header.of, channel, at, deletedAt: at }, channel, at };
    }
    if (replaced > 0) this.#index.drop(replaced);
    if (header.deleted) this.#index.drop(header.of);
    return entry;
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
}
