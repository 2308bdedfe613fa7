import { AckPolicy, type ConsumerInfo, DeliverPolicy } from "@nats-io/jetstream";
import { createInbox, type Msg, nanos, type Subscription } from "@nats-io/transport-node";
import { type NatsLink, unavailable, within } from "./nats_link.ts";

/** A message as it lies in a stream. */
export interface StreamMessage {
  /** Its place in the stream. */
  readonly sequence: number;
  /** Unix time in ms. */
  readonly at: number;
  readonly msg: Msg;
}

/** What is followed, and who is told. */
export interface Following {
  readonly stream: string;
  /** When the stream was made; one that is made anew has lost its past. */
  readonly created: string;
  /** The last message that need not be told. */
  readonly after: number;
  /** Called with what came together. */
  readonly onMessages: (messages: readonly StreamMessage[]) => void;
}

/** The server says so often (ms) that there is nothing new … */
const HEARTBEAT = 1_000;

/** … and when it has been silent for so long (ms), another consumer is made. */
const SILENCE = 2_500;

/**
 * Tells every message of a stream, in order, none left out and none twice. Its consumer lives on one server; when
 * that is lost, or a message is missed, another consumer goes on from the last message that was told.
 */
export class StreamFollower implements Disposable {
  readonly #link: NatsLink;
  readonly #following: Following;
  readonly #arrivals = new Map<number, PromiseWithResolvers<void>>();
  readonly #timer: ReturnType<typeof setInterval>;
  #place: number;
  #subscription: Subscription | undefined;
  /** The consumer's own number of the last message. */
  #delivered = 0;
  #heardAt = performance.now();
  #checkedAt = performance.now();
  #batch: StreamMessage[] = [];
  #isMadeAnew = false;

  constructor(link: NatsLink, following: Following) {
    this.#link = link;
    this.#following = following;
    this.#place = following.after;
    this.#timer = setInterval(() => this.#check(), HEARTBEAT / 2);
    this.#consume();
  }

  /** The last message that was told. */
  get place(): number {
    return this.#place;
  }

  /** Whether every message up to `sequence` is told within the link's patience. */
  reaches(sequence: number): Promise<boolean> {
    if (sequence <= this.#place) return Promise.resolve(true);
    let arrival = this.#arrivals.get(sequence);
    if (arrival === undefined) {
      arrival = Promise.withResolvers();
      this.#arrivals.set(sequence, arrival);
    }
    return within(this.#link.patience, arrival.promise);
  }

  /** Asks the stream for its newest message, and waits until it was told. Refuses with `store_unavailable`. */
  async catchUp(): Promise<void> {
    const { stream } = this.#following;
    const { created, state } = await this.#link.ask(() => this.#link.manager.streams.info(stream));
    this.checkPast(created);
    if (state.messages > 0 && !await this.reaches(state.last_seq)) {
      throw unavailable(`the stream "${stream}" cannot be read`);
    }
  }

  /** Refuses with `store_unavailable` when the stream was made anew since it was opened. */
  checkPast(created?: string): void {
    const { stream } = this.#following;
    if (created !== undefined && created !== this.#following.created) this.#isMadeAnew = true;
    if (!this.#isMadeAnew) return;
    throw unavailable(`the stream "${stream}" was made anew; start Halley again`);
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
    this.#subscription?.unsubscribe();
  }

  #check(): void {
    const now = performance.now();
    // Where this process itself stood still, what came meanwhile has yet to be read.
    if (now - this.#checkedAt > HEARTBEAT) this.#heardAt = now;
    this.#checkedAt = now;
    if (now - this.#heardAt > SILENCE) this.#consume();
  }

  /** Goes on from the place, with a new consumer. */
  async #consume(): Promise<void> {
    this.#heardAt = performance.now();
    this.#subscription?.unsubscribe();
    this.#delivered = 0;
    const { connection, manager } = this.#link;
    const subject = createInbox();
    const subscription = connection.subscribe(subject, {
      callback: (error, msg) => {
        if (error === null && subscription === this.#subscription) this.#hear(msg);
      },
    });
    this.#subscription = subscription;
    try {
      const { stream } = this.#following;
      this.checkPast((await manager.streams.info(stream)).created);
      await addConsumer(this.#link, { stream, subject, after: this.#place });
    } catch {
      // Out of reach: it is tried again when the silence has lasted long enough.
    }
  }

  #hear(msg: Msg): void {
    this.#heardAt = performance.now();
    if (answerStatus(this.#link, msg)) return;
    const { sequence, delivered, at } = deliveryOf(msg);
    if (delivered !== this.#delivered + 1) {
      this.#consume();
      return;
    }
    this.#delivered = delivered;
    if (this.#batch.length === 0) queueMicrotask(() => this.#tell());
    this.#batch.push({ sequence, at, msg });
  }

  /** What one read of the socket brought is told together. */
  #tell(): void {
    const batch = this.#batch;
    this.#batch = [];
    const last = batch.at(-1);
    if (last === undefined) return;
    this.#following.onMessages(batch);
    this.#place = last.sequence;
    for (const [sequence, arrival] of this.#arrivals) {
      if (sequence > this.#place) continue;
      arrival.resolve();
      this.#arrivals.delete(sequence);
    }
  }
}

/** Makes a consumer that sends what comes after a place to a subject, without acknowledgements. */
export function addConsumer(
  { manager }: NatsLink,
  { stream, subject, after, filter }: {
    readonly stream: string;
    readonly subject: string;
    readonly after: number;
    readonly filter?: string;
  },
): Promise<ConsumerInfo> {
  return manager.consumers.add(stream, {
    deliver_subject: subject,
    deliver_policy: DeliverPolicy.StartSequence,
    opt_start_seq: after + 1,
    ack_policy: AckPolicy.None,
    max_deliver: 1,
    flow_control: true,
    idle_heartbeat: nanos(HEARTBEAT),
    inactive_threshold: nanos(10_000),
    mem_storage: true,
    num_replicas: 1,
    ...(filter !== undefined && { filter_subject: filter }),
  });
}

/** Whether it is no message but a sign of life; the server waits for an answer to some of them. */
export function answerStatus({ connection }: NatsLink, msg: Msg): boolean {
  if (msg.headers?.code !== 100) return false;
  const stalled = msg.headers.get("Nats-Consumer-Stalled");
  if (stalled !== "") connection.publish(stalled);
  else msg.respond();
  return true;
}

/** Reads where a message lies from the subject for its acknowledgement, which tells it in nine words, or in twelve. */
export function deliveryOf({ reply = "" }: Msg) {
  const words = reply.split(".");
  const first = words.length > 9 ? 7 : 5;
  return {
    sequence: Number(words[first]),
    delivered: Number(words[first + 1]),
    // Nanoseconds, of which a number could not hold all digits.
    at: Number(words[first + 2]?.slice(0, -6)),
    pending: Number(words[first + 3]),
  };
}
