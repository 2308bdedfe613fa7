import type { Msg } from "@nats-io/transport-node";
import type { JetStream } from "./nats_jetstream.ts";
import { allSubjects } from "./nats_subjects.ts";

/** A message of a stream, as a consumer is given it. */
export interface StreamDelivery {
  readonly seq: number;
  /** When it was stored, by the clock of the stream: Unix time in ms. */
  readonly at: number;
  readonly subject: string;
  /** How many more were there when it was sent, where that is known. */
  readonly pending?: number;
  readonly text: () => string;
}

/** What a consumer is to give. */
export interface ConsumerOptions {
  readonly stream: string;
  /** Messages of these subjects alone. */
  readonly subject?: string;
  /** Messages after this one. */
  readonly after: number;
  readonly headersOnly?: boolean;
  readonly onMessage: (delivered: StreamDelivery) => void;
  /** Called now and then while there is no more to give. */
  readonly onIdle?: () => void;
  /** Called before a lost place is taken up again; what it throws puts that off. */
  readonly beforeRestart?: () => Promise<void>;
}

/** In ms: signs of life, and how long one is missed; how long making a consumer may take; looks; pauses between tries. */
const TIME = {
  heartbeat: 1_000,
  patience: 2_600,
  limit: 2_000,
  tick: 500,
  pause: 250,
  breath: 20,
} as const;

/** So many messages are asked for at once, where there is no consumer. */
const AT_ONCE = 50;

/** A consumer that nobody listens to is removed by the server after so long (ms). */
const UNHEARD = 10_000;

/**
 * Gives the messages of a stream in order, none left out and none twice, whatever happens to servers and connections: an
 * ordered consumer of JetStream, made anew after its last message whenever something is missing. Until there is one, which
 * takes a cluster some seconds when the wrong server has failed, it asks the stream's leader for the next messages.
 */
export class OrderedConsumer implements Disposable {
  readonly #jetstream: JetStream;
  readonly #options: ConsumerOptions;
  readonly #returning: Disposable;
  #place: number;
  #listening: Disposable | undefined;
  #received = 0;
  #heard = performance.now();
  readonly #ticking: ReturnType<typeof setInterval>;
  #pause: ReturnType<typeof setTimeout> | undefined;
  #restarting: Promise<void> | undefined;
  #isOver = false;

  /** Resolves with the consumer, and how many messages were there. */
  static async open(jetstream: JetStream, options: ConsumerOptions) {
    const consumer = new OrderedConsumer(jetstream, options);
    try {
      return { consumer, pending: await consumer.#start() };
    } catch (error) {
      consumer[Symbol.dispose]();
      throw error;
    }
  }

  private constructor(jetstream: JetStream, options: ConsumerOptions) {
    this.#jetstream = jetstream;
    this.#options = options;
    this.#place = options.after;
    this.#returning = jetstream.client.onReconnect(() => this.restart());
    this.#ticking = setInterval(() => this.#tick(), TIME.tick);
  }

  /** Whether messages come now. */
  get isRunning(): boolean {
    return this.#restarting === undefined || this.#silence < TIME.patience;
  }

  /** Begins anew after the last message. */
  restart(): void {
    if (!this.#isOver) this.#restarting ??= this.#restart();
  }

  [Symbol.dispose](): void {
    this.#isOver = true;
    clearInterval(this.#ticking);
    clearTimeout(this.#pause);
    this.#returning[Symbol.dispose]();
    this.#listening?.[Symbol.dispose]();
  }

  #tick(): void {
    if (this.#silence > TIME.patience) this.restart();
  }

  /** For how long (ms) nothing has come, no sign of life either. */
  get #silence(): number {
    return performance.now() - this.#heard;
  }

  async #restart(): Promise<void> {
    this.#listening?.[Symbol.dispose]();
    this.#listening = undefined;
    while (!this.#isOver) {
      try {
        await this.#options.beforeRestart?.();
        const starting = this.#start();
        this.#readOn(starting);
        await starting;
        break;
      } catch {
        // Whatever it is: without messages nobody can go on, and the next try may succeed.
        await new Promise((resolve) => this.#pause = setTimeout(resolve, TIME.pause));
      }
    }
    this.#restarting = undefined;
  }

  /** Gives what comes next, for as long as a consumer is not there. */
  async #readOn(starting: Promise<unknown>): Promise<void> {
    let isStarting = true;
    const end = () => void (isStarting = false);
    const started = starting.then(end, end);
    try {
      while (isStarting && !this.#isOver) {
        const count = await this.#readNext();
        this.#heard = performance.now();
        if (count === 0) await breathe(started);
      }
    } catch {
      // The leader is away, too: the next try to have a consumer reads on again.
    }
  }

  async #readNext(): Promise<number> {
    const { stream, subject = allSubjects(stream) } = this.#options;
    const start = this.#place + 1;
    const asked = Array.from(
      { length: AT_ONCE },
      (_, n) => this.#jetstream.get(stream, { seq: start + n, next_by_subj: subject }, TIME.limit),
    );
    let count = 0;
    for (const message of await Promise.all(asked)) {
      // What comes after one that was not there yet might leave one out.
      if (message === undefined || this.#isOver) break;
      const { seq, at, subject, text } = message;
      if (seq <= this.#place) continue;
      this.#place = seq;
      this.#options.onMessage({ seq, at, subject, text: () => text });
      count++;
    }
    return count;
  }

  async #start(): Promise<number> {
    const { stream, subject, headersOnly = false } = this.#options;
    const { client: link } = this.#jetstream;
    const inbox = link.newInbox();
    const listening = link.subscribe(inbox, (message) => this.#take(message, inbox));
    this.#received = 0;
    const config = {
      deliver_subject: inbox,
      deliver_policy: "by_start_sequence",
      opt_start_seq: this.#place + 1,
      ...(subject !== undefined && { filter_subject: subject }),
      ack_policy: "none",
      max_deliver: 1,
      flow_control: true,
      idle_heartbeat: TIME.heartbeat * 1e6,
      inactive_threshold: UNHEARD * 1e6,
      headers_only: headersOnly,
      mem_storage: true,
      num_replicas: 1,
    };
    try {
      const asked = { stream_name: stream, config };
      const made = await this.#jetstream.call<Made>(
        `CONSUMER.CREATE.${stream}`,
        asked,
        TIME.limit,
      );
      if (this.#isOver) throw new Error("The consumer is closed");
      this.#heard = performance.now();
      this.#listening = listening;
      return made.num_pending + made.delivered.consumer_seq;
    } catch (error) {
      listening[Symbol.dispose]();
      throw error;
    }
  }

  #take(message: Msg, inbox: string): void {
    this.#heard = performance.now();
    // What is not of the stream is of the consumer itself.
    if (message.subject === inbox) return this.#takeStatus(message);
    const delivered = deliveredOf(message);
    if (delivered === undefined) return;
    if (delivered.count !== this.#received + 1) return this.restart();
    this.#received = delivered.count;
    // It may have been asked for already.
    if (delivered.seq <= this.#place) return;
    this.#place = delivered.seq;
    this.#options.onMessage(delivered);
  }

  /** A sign of life, or the question whether we keep up. */
  #takeStatus({ reply, headers }: Msg): void {
    const { client: link } = this.#jetstream;
    if (reply) link.publish(reply, "");
    const stalled = headers?.get("Nats-Consumer-Stalled");
    if (stalled) link.publish(stalled, "");
    const last = headers?.get("Nats-Last-Consumer");
    if (!last) return;
    if (Number(last) === this.#received) this.#options.onIdle?.();
    else this.restart();
  }
}

/** Waits a little; not longer than until `end`. */
async function breathe(end: Promise<void>): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, TIME.breath);
  await Promise.race([promise, end]);
  clearTimeout(timer);
}

interface Made {
  readonly num_pending: number;
  readonly delivered: { readonly consumer_seq: number };
}

/** Reads what a message's reply subject says of it: https://docs.nats.io/nats-concepts/jetstream (`$JS.ACK…`). */
function deliveredOf(message: Msg): StreamDelivery & { readonly count: number } | undefined {
  const parts = (message.reply ?? "").split(".");
  if (parts[0] !== "$JS" || parts[1] !== "ACK" || parts.length < 9) return undefined;
  // Newer servers put a domain and an account before these, and a token after them.
  const start = parts.length === 9 ? 4 : 6;
  const [, seq, count, time, pending] = parts.slice(start).map(Number);
  if (seq === undefined || count === undefined || time === undefined || pending === undefined) {
    return undefined;
  }
  const { subject } = message;
  const text = () => message.string();
  return { seq, count, at: Math.floor(time / 1e6), pending, subject, text };
}

/** All messages of a subject that are kept now, in order. */
export async function readAll(
  jetstream: JetStream,
  { stream, subject, headersOnly = false, after = 0 }: {
    stream: string;
    subject?: string;
    headersOnly?: boolean;
    after?: number;
  },
  onMessage: (delivered: StreamDelivery) => void,
): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const { consumer, pending } = await OrderedConsumer.open(jetstream, {
    stream,
    ...(subject !== undefined && { subject }),
    after,
    headersOnly,
    onMessage: (delivered) => {
      onMessage(delivered);
      if (delivered.pending === 0) resolve();
    },
    // The last ones may have been removed meanwhile.
    onIdle: resolve,
  });
  using _ = consumer;
  if (pending > 0) await promise;
}
