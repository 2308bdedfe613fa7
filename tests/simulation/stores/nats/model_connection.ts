import { headers as newHeaders, type MsgHdrs } from "@nats-io/transport-node";
import type { NatsConnection, NatsMessage } from "../../../../server/stores/nats/nats_client.ts";
import type { ModelTime } from "../model_time.ts";
import type { NatsConditions } from "./nats_conditions.ts";
import { matches } from "./stream_state.ts";

/** A message on its way. */
export interface Packet {
  readonly subject: string;
  readonly payload: string;
  readonly reply?: string | undefined;
  readonly headers?: MsgHdrs | undefined;
}

/** What a {@linkcode ModelConnection} is constructed from. */
export interface ModelConnectionDeps {
  readonly conditions: NatsConditions;
  /** The times of the servers and of the node: a node that crashes receives nothing, but what it has sent arrives. */
  readonly servers: ModelTime;
  readonly node: ModelTime;
  /** Called when a message has arrived at the server. */
  readonly onArrival: (packet: Packet) => void;
  /** Called when the connection was closed. */
  readonly onEnd: () => void;
  /** The servers that accept connections. */
  readonly serversUp: () => readonly number[];
}

/** Delay in ms until a node that has lost its connection connects again. */
const RECONNECT_DELAY = 250;

/** After this time in ms a node notices that a connection is dead which was not closed. */
const SILENCE = 10_000;

interface Subscription {
  readonly subject: string;
  readonly callback: (error: Error | null, message: NatsMessage) => void;
}

/** A node's connection to a model of a NATS cluster. In each direction, messages arrive in order; a lost connection loses them. */
export class ModelConnection implements NatsConnection {
  readonly #deps: ModelConnectionDeps;
  readonly #subscriptions = new Set<Subscription>();
  /** What the server knows of them. */
  readonly #interest = new Set<Subscription>();
  readonly #statuses: { readonly type: string }[] = [];
  #onStatus: () => void = () => {};
  #toServer: (() => void)[] = [];
  #toNode: (() => void)[] = [];
  #server: number | undefined;
  #isSilent = false;
  #isClosed = false;

  constructor(deps: ModelConnectionDeps) {
    this.#deps = deps;
    this.#connect();
  }

  /** The server of this connection, while there is one. */
  get server(): number | undefined {
    return this.#server;
  }

  publish(
    subject: string,
    payload: string | Uint8Array,
    { reply, headers }: { reply?: string; headers?: MsgHdrs } = {},
  ): void {
    if (this.#isClosed) throw new Error("closed connection");
    const text = typeof payload === "string" ? payload : utf8.decode(payload);
    this.#send(
      `sends ${subject}`,
      () => this.#deps.onArrival({ subject, payload: text, reply, headers }),
    );
  }

  subscribe(subject: string, { callback }: Pick<Subscription, "callback">) {
    const subscription = { subject, callback };
    this.#subscriptions.add(subscription);
    this.#send(`subscribes to ${subject}`, () => this.#interest.add(subscription));
    return {
      unsubscribe: () => {
        this.#subscriptions.delete(subscription);
        this.#send(`unsubscribes from ${subject}`, () => this.#interest.delete(subscription));
      },
    };
  }

  /** Whether the server would send messages of this subject. */
  isInterestedIn(subject: string): boolean {
    return [...this.#interest].some((one) => matches(one.subject, subject));
  }

  /** Sends the node a message, if it is subscribed to `address`: by default, the subject. */
  deliver(packet: Packet, address = packet.subject): void {
    for (const subscription of this.#interest) {
      if (!matches(subscription.subject, address)) continue;
      this.#receive(`receives ${packet.subject}`, () => {
        if (this.#subscriptions.has(subscription)) subscription.callback(null, messageOf(packet));
      });
    }
  }

  /** Ends the connection. What is on its way is lost; the node connects again. */
  cut(): void {
    if (this.#server === undefined) return;
    this.#server = undefined;
    this.#forget();
    if (this.#isClosed) return;
    this.#report("disconnect");
    this.#reconnectLater();
  }

  /** Nothing arrives any more, until the node notices that. */
  silence(): void {
    if (this.#isSilent || this.#server === undefined) return;
    this.#isSilent = true;
    this.#forget();
    this.#deps.node.after(SILENCE, "notices a dead connection", () => {
      this.#isSilent = false;
      this.cut();
    });
  }

  async *status(): AsyncGenerator<{ readonly type: string }> {
    while (!this.#isClosed) {
      const status = this.#statuses.shift();
      if (status !== undefined) yield status;
      else await new Promise<void>((resolve) => this.#onStatus = resolve);
    }
  }

  isClosed(): boolean {
    return this.#isClosed;
  }

  close(): Promise<void> {
    this.abandon();
    this.#onStatus();
    return Promise.resolve();
  }

  /** The servers forget the connection: it was closed, or its node has crashed. */
  abandon(): void {
    this.#isClosed = true;
    this.#server = undefined;
    this.#interest.clear();
    this.#deps.onEnd();
  }

  #connect(): void {
    const servers = this.#deps.serversUp();
    this.#server = servers[this.#deps.conditions.choose(servers.length)];
    for (const one of this.#subscriptions) this.#send("subscribes", () => this.#interest.add(one));
  }

  #reconnectLater(): void {
    this.#deps.node.after(RECONNECT_DELAY, "connects to NATS", () => {
      if (this.#isClosed || this.#server !== undefined) return;
      this.#connect();
      if (this.#server === undefined) this.#reconnectLater();
      else this.#report("reconnect");
    });
  }

  #forget(): void {
    this.#interest.clear();
    this.#toServer = [];
    this.#toNode = [];
  }

  #report(type: string): void {
    this.#deps.node.after(0, `${type}s`, () => {
      this.#statuses.push({ type });
      this.#onStatus();
    });
  }

  #send(what: string, arrive: () => void): void {
    const queue = this.#toServer;
    this.#pass(queue, { time: this.#deps.servers, what, arrive });
  }

  #receive(what: string, arrive: () => void): void {
    this.#pass(this.#toNode, { time: this.#deps.node, what, arrive });
  }

  /** Messages arrive in order: each event lets the one arrive that was sent first. */
  #pass(
    queue: (() => void)[],
    { time, what, arrive }: { time: ModelTime; what: string; arrive: () => void },
  ): void {
    if (this.#server === undefined || this.#isSilent) return;
    queue.push(arrive);
    time.after(this.#deps.conditions.latency(), what, () => {
      // A queue that was replaced belongs to a lost connection. What was sent before the connection was closed arrives.
      const isToNode = queue === this.#toNode && !this.#isClosed;
      if (isToNode || queue === this.#toServer) queue.shift()?.();
    });
  }
}

const utf8 = new TextDecoder();

function messageOf({ subject, payload, reply, headers }: Packet): NatsMessage {
  return {
    subject,
    ...(reply !== undefined && { reply }),
    headers: headers ?? newHeaders(),
    data: new TextEncoder().encode(payload),
    string: () => payload,
    json: () => JSON.parse(payload),
  };
}
