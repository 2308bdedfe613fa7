import type { MonotonicTime } from "../../base/clock.ts";
import type { Runtime, Timer } from "../../base/runtime.ts";
import type { NatsMessage } from "./nats_client.ts";
import { type ChangeHeader, parseChangeHeader } from "./nats_changes.ts";
import { CHANGE_HEADER, type JetStream, OWNER_HEADER } from "./nats_jetstream.ts";
import { allSubjects } from "./nats_subjects.ts";

/** A message of a stream as a consumer delivers it. */
export interface StreamDelivery {
  readonly seq: number;
  /** When the server stored it: Unix time in ms. */
  readonly at: number;
  readonly subject: string;
  /** The size of the text in UTF-8, also if only the headers were delivered. */
  readonly bytes: number;
  readonly text: () => string;
  /** See {@linkcode OWNER_HEADER}. */
  readonly owner: string | undefined;
  /** If it is a change of an earlier message. */
  readonly change: ChangeHeader | undefined;
}

/** Options of an {@linkcode OrderedConsumer}. */
export interface ConsumerOptions {
  readonly stream: string;
  /** Delivers only messages of these subjects. */
  readonly subject?: string;
  /** Delivers messages after this sequence number. */
  readonly after: number;
  readonly headersOnly?: boolean;
  readonly onMessage: (delivery: StreamDelivery) => void;
  /** Called about once a second while there are no more messages. */
  readonly onIdle?: () => void;
  /** Called before each restart. If it rejects, the restart is retried later. */
  readonly beforeRestart?: () => Promise<void>;
}

/** How often the server sends a heartbeat while there are no messages, in ms. */
const HEARTBEAT = 1_000;

/** A consumer that has received nothing for this time in ms is restarted. */
const MAX_SILENCE = 2_600;

const SILENCE_CHECK_INTERVAL = 500;

/** Timeout in ms of creating a consumer, and of reading without one. */
const REQUEST_TIMEOUT = 2_000;

/** Delay in ms between two attempts to create a consumer, and between two reads without one. */
const RETRY_DELAY = 250;
const READ_DELAY = 20;

/** Number of messages read at once while there is no consumer. */
const READ_SIZE = 50;

/** Time in ms after which the server removes a consumer without a subscriber. */
const INACTIVE_THRESHOLD = 10_000;

/**
 * Delivers the messages of a stream in order, without gaps and duplicates, despite failures of servers and connections: an
 * ordered push consumer that is recreated after its last message whenever something is missing. In a cluster, that can
 * take seconds if the failed server was a leader; meanwhile, messages are read from the stream's leader one by one.
 *
 * ```text
 * running ── reconnect, silence, gap, restart() ──> restarting ── consumer created ──> running
 * ```
 *
 * Why not the ordered consumers of `@nats-io/jetstream` 3.4, with which our fault tests fail: the push consumer has a fixed
 * heartbeat of 30 s and did not resume within 20 s after its server had restarted; it also does not compare its position
 * with the one in a heartbeat, so it notices a lost last message only with the next one. The pull consumer requested
 * batches of 0 messages after a server of the cluster was killed, and never resumed. Both reset themselves onto a stream
 * that was replaced, before its epoch can be checked.
 */
export class OrderedConsumer implements Disposable {
  readonly #jetstream: JetStream;
  readonly #runtime: Runtime;
  readonly #options: ConsumerOptions;
  readonly #end = new AbortController();
  readonly #reconnects: Disposable;
  readonly #silenceCheck: Timer;
  #isRestarting = true;
  #subscription: Disposable | undefined;
  /** The last delivered message's number in the stream, and its number among those of this consumer. */
  #streamSeq: number;
  #consumerSeq = 0;
  #lastActivity: MonotonicTime;

  /** Resolves with a running consumer. */
  static async open(jetstream: JetStream, options: ConsumerOptions): Promise<OrderedConsumer> {
    const consumer = new OrderedConsumer(jetstream, options);
    try {
      await consumer.#create();
      return consumer;
    } catch (error) {
      consumer[Symbol.dispose]();
      throw error;
    }
  }

  private constructor(jetstream: JetStream, options: ConsumerOptions) {
    this.#jetstream = jetstream;
    this.#runtime = jetstream.client.runtime;
    this.#lastActivity = this.#runtime.monotonicNow();
    this.#options = options;
    this.#streamSeq = options.after;
    this.#reconnects = jetstream.client.onReconnect(() => this.restart());
    this.#silenceCheck = this.#runtime.setInterval(() => {
      if (this.#silence > MAX_SILENCE) this.restart();
    }, SILENCE_CHECK_INTERVAL);
  }

  /** Whether messages arrive at the moment. */
  get isRunning(): boolean {
    return !this.#isRestarting || this.#silence < MAX_SILENCE;
  }

  /** Recreates the consumer after the last delivered message. */
  restart(): void {
    if (this.#isRestarting || this.#end.signal.aborted) return;
    this.#isRestarting = true;
    this.#restart();
  }

  [Symbol.dispose](): void {
    this.#end.abort();
    this.#runtime.clearInterval(this.#silenceCheck);
    this.#reconnects[Symbol.dispose]();
    this.#subscription?.[Symbol.dispose]();
  }

  /** For how long (ms) neither a message nor a heartbeat has arrived. */
  get #silence(): number {
    return this.#runtime.msSince(this.#lastActivity);
  }

  async #restart(): Promise<void> {
    const { signal } = this.#end;
    this.#subscription?.[Symbol.dispose]();
    while (!signal.aborted) {
      try {
        await this.#options.beforeRestart?.();
        const creating = this.#create();
        this.#readUntil(creating);
        await creating;
        return;
      } catch {
        // Without a consumer the store is unusable, whatever the error is. The next attempt may succeed.
        await this.#runtime.delay(RETRY_DELAY, signal);
      }
    }
  }

  async #create(): Promise<void> {
    const { stream, subject, headersOnly = false } = this.#options;
    const { client } = this.#jetstream;
    const inbox = client.newInbox();
    const subscription = client.subscribe(inbox, (message) => this.#onMessage(message, inbox));
    this.#consumerSeq = 0;
    const config = {
      deliver_subject: inbox,
      deliver_policy: "by_start_sequence",
      opt_start_seq: this.#streamSeq + 1,
      ...(subject !== undefined && { filter_subject: subject }),
      ack_policy: "none",
      max_deliver: 1,
      flow_control: true,
      idle_heartbeat: HEARTBEAT * 1e6,
      inactive_threshold: INACTIVE_THRESHOLD * 1e6,
      headers_only: headersOnly,
      mem_storage: true,
      num_replicas: 1,
    };
    try {
      const method = `CONSUMER.CREATE.${stream}`;
      const request = { stream_name: stream, config };
      await this.#jetstream.call(method, request, REQUEST_TIMEOUT);
      if (this.#end.signal.aborted) throw new Error("The consumer is closed");
      this.#subscription = subscription;
      this.#lastActivity = this.#runtime.monotonicNow();
      this.#isRestarting = false;
    } catch (error) {
      subscription[Symbol.dispose]();
      throw error;
    }
  }

  #onMessage(message: NatsMessage, inbox: string): void {
    this.#lastActivity = this.#runtime.monotonicNow();
    // Messages of the stream keep their subject. Others are about the consumer.
    if (message.subject === inbox) return this.#onStatus(message);
    const delivery = parseDelivery(message);
    if (delivery === undefined) return;
    if (delivery.consumerSeq !== this.#consumerSeq + 1) return this.restart();
    this.#consumerSeq = delivery.consumerSeq;
    this.#deliver(delivery);
  }

  /** Handles a heartbeat or a flow control request. */
  #onStatus({ reply, headers }: NatsMessage): void {
    const { client } = this.#jetstream;
    if (reply) client.publish(reply, "");
    const stalled = headers?.get("Nats-Consumer-Stalled");
    if (stalled) client.publish(stalled, "");
    const lastSent = headers?.get("Nats-Last-Consumer");
    if (!lastSent) return;
    if (Number(lastSent) === this.#consumerSeq) this.#options.onIdle?.();
    else this.restart();
  }

  #deliver(delivery: StreamDelivery): void {
    // Reading without a consumer may have been faster.
    if (delivery.seq <= this.#streamSeq) return;
    this.#streamSeq = delivery.seq;
    this.#options.onMessage(delivery);
  }

  /** Reads and delivers messages until the consumer is created. */
  async #readUntil(creating: Promise<unknown>): Promise<void> {
    const created = new AbortController();
    const onCreated = () => created.abort();
    creating.then(onCreated, onCreated);
    const signal = AbortSignal.any([created.signal, this.#end.signal]);
    try {
      while (!signal.aborted) {
        const count = await this.#readNext();
        this.#lastActivity = this.#runtime.monotonicNow();
        if (count === 0) await this.#runtime.delay(READ_DELAY, signal);
      }
    } catch {
      // The stream has no leader either. The next attempt to create the consumer reads again.
    }
  }

  async #readNext(): Promise<number> {
    const { stream, subject = allSubjects(stream) } = this.#options;
    const start = this.#streamSeq + 1;
    const requests = Array.from({ length: READ_SIZE }, (_, n) => {
      const query = { seq: start + n, next_by_subj: subject };
      return this.#jetstream.get(stream, query, REQUEST_TIMEOUT);
    });
    let count = 0;
    for (const message of await Promise.all(requests)) {
      // Stops at the first gap: that message may have been stored between two of the requests.
      if (message === undefined || this.#end.signal.aborted) break;
      const { seq, at, subject, owner, text } = message;
      const change = parseChangeHeader(message.change);
      if (seq <= this.#streamSeq) continue;
      const bytes = utf8.encode(text).length;
      this.#deliver({ seq, at, subject, owner, change, bytes, text: () => text });
      count++;
    }
    return count;
  }
}

const utf8 = new TextEncoder();

/** Parses the metadata in a message's reply subject, `$JS.ACK.…`: https://docs.nats.io/nats-concepts/jetstream. */
function parseDelivery(message: NatsMessage): StreamDelivery & { consumerSeq: number } | undefined {
  const parts = (message.reply ?? "").split(".");
  if (parts[0] !== "$JS" || parts[1] !== "ACK" || parts.length < 9) return undefined;
  // Newer servers insert a domain and an account, and append a token.
  const start = parts.length === 9 ? 4 : 6;
  const [, seq, consumerSeq, time] = parts.slice(start).map(Number);
  if (seq === undefined || consumerSeq === undefined || time === undefined) return undefined;
  const { subject } = message;
  const text = () => message.string();
  const bytes = message.data.length || Number(message.headers?.get("Nats-Msg-Size") ?? 0);
  const owner = message.headers?.get(OWNER_HEADER) || undefined;
  const change = parseChangeHeader(message.headers?.get(CHANGE_HEADER));
  return { seq, consumerSeq, at: Math.floor(time / 1e6), bytes, subject, owner, change, text };
}
