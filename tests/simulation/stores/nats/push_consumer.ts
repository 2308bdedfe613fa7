import { headers as newHeaders, type MsgHdrs } from "@nats-io/transport-node";
import type { ModelTime } from "../model_time.ts";
import type { Packet } from "./model_connection.ts";
import type { Replica, StreamGroup } from "./stream_group.ts";
import type { StoredMessage } from "./stream_state.ts";

/** The configuration of a consumer, as far as Halley uses it. Durations in ns. */
export interface ConsumerConfig {
  readonly deliver_subject: string;
  readonly opt_start_seq: number;
  readonly filter_subject?: string;
  readonly idle_heartbeat: number;
  readonly inactive_threshold: number;
  readonly headers_only: boolean;
}

/** What a {@linkcode PushConsumer} is constructed from. */
export interface PushConsumerDeps {
  readonly name: string;
  readonly group: StreamGroup;
  /** The replica from which it reads: it can be behind its leader. */
  readonly replica: Replica;
  readonly config: ConsumerConfig;
  readonly time: ModelTime;
  readonly send: (packet: Packet, address: string) => void;
  readonly isWanted: () => boolean;
  readonly onEnd: () => void;
}

/** A consumer with one replica in memory: its server sends each message once, and a heartbeat while there is none. */
export class PushConsumer {
  readonly #deps: PushConsumerDeps;
  #next: number;
  #delivered = 0;
  #isIdle = true;
  #unwantedFor = 0;
  #cancel = () => {};

  constructor(deps: PushConsumerDeps) {
    this.#deps = deps;
    this.#next = deps.config.opt_start_seq;
    this.#beat();
  }

  get server(): number {
    return this.#deps.replica.server;
  }

  /** The reply to the request that creates it. */
  get info() {
    return { num_pending: this.#pending(), delivered: { consumer_seq: this.#delivered } };
  }

  isOn(replica: Replica): boolean {
    return this.#deps.replica === replica;
  }

  /** Sends what its replica has. */
  pump(): void {
    const { replica: { state }, time } = this.#deps;
    state.expire(time.wallNow());
    while (true) {
      const message = state.next(this.#next, this.#filter);
      if (message === undefined) return;
      this.#next = message.seq + 1;
      this.#delivered++;
      this.#isIdle = false;
      this.#send(message);
    }
  }

  end(): void {
    this.#cancel();
    this.#deps.onEnd();
  }

  get #filter(): string {
    return this.#deps.config.filter_subject ?? ">";
  }

  #pending(): number {
    const { state } = this.#deps.replica;
    return state.matching(this.#filter).filter(({ seq }) => seq >= this.#next).length;
  }

  #send(message: StoredMessage): void {
    const { name, group, config, send } = this.#deps;
    const { seq, subject, payload, at } = message;
    const stream = group.config.name;
    const numbers = [1, seq, this.#delivered, `${at}500000`, this.#pending()];
    const headers = headersOf(message);
    if (config.headers_only) {
      headers.set("Nats-Msg-Size", String(new TextEncoder().encode(payload).length));
    }
    const reply = ["$JS.ACK", stream, name, ...numbers].join(".");
    const packet = { subject, payload: config.headers_only ? "" : payload, reply, headers };
    send(packet, config.deliver_subject);
  }

  #beat(): void {
    const { config, time } = this.#deps;
    const interval = config.idle_heartbeat / 1e6;
    this.#cancel = time.after(interval, "a heartbeat of a consumer", () => {
      if (this.#isIdle) this.#sendHeartbeat();
      this.#isIdle = true;
      this.#unwantedFor = this.#deps.isWanted() ? 0 : this.#unwantedFor + interval;
      if (this.#unwantedFor >= config.inactive_threshold / 1e6) this.end();
      else this.#beat();
    });
  }

  #sendHeartbeat(): void {
    const headers = newHeaders(100, "Idle Heartbeat");
    headers.set("Nats-Last-Consumer", String(this.#delivered));
    headers.set("Nats-Last-Stream", String(this.#next - 1));
    const { deliver_subject } = this.#deps.config;
    this.#deps.send({ subject: deliver_subject, payload: "", headers }, deliver_subject);
  }
}

/** The headers of a stored message, as the library has them. */
export function headersOf({ headers }: StoredMessage): MsgHdrs {
  const fields = newHeaders();
  for (const [name, value] of headers) fields.set(name, value);
  return fields;
}
