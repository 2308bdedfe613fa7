import { headers as newHeaders, type MsgHdrs } from "@nats-io/transport-node";
import type { StreamConfig } from "../../../../server/stores/nats/nats_stream_info.ts";
import type { ModelTime } from "../model_time.ts";
import {
  type ApiContext,
  failed,
  isSubjectOf,
  publish,
  STREAM_METHODS,
  type StreamRequest,
  withDefaults,
} from "./jetstream_api.ts";
import { ModelConnection, type Packet } from "./model_connection.ts";
import type { NatsConditions } from "./nats_conditions.ts";
import { type ConsumerConfig, headersOf, PushConsumer } from "./push_consumer.ts";
import { StreamGroup } from "./stream_group.ts";

/** What a {@linkcode NatsModel} is constructed from. */
export interface NatsModelDeps {
  readonly time: ModelTime;
  readonly conditions: NatsConditions;
  /** The number of servers. With more than one, they are a cluster. */
  readonly servers: number;
  /** The number of servers that can store batches, as from NATS 2.12 on; the last ones are older. By default none can. */
  readonly newServers?: number;
}

/**
 * A cluster of NATS servers with JetStream, as far as Halley uses it. What the servers acknowledge survives the crash of any of
 * them; only `failPower` loses it.
 */
export class NatsModel {
  readonly #deps: NatsModelDeps;
  readonly #context: ApiContext;
  readonly #up: Set<number>;
  readonly #streams = new Map<string, StreamGroup>();
  readonly #connections = new Set<ModelConnection>();
  readonly #consumers = new Set<PushConsumer>();
  #consumerCount = 0;

  constructor(deps: NatsModelDeps) {
    this.#deps = deps;
    const apiLevel = deps.newServers ? 2 : 0;
    this.#context = { ...deps, isClustered: deps.servers > 1, apiLevel };
    this.#up = new Set(Array.from({ length: deps.servers }, (_, n) => n));
  }

  /** A connection of a node. */
  connect(node: ModelTime): ModelConnection {
    const connection: ModelConnection = new ModelConnection({
      conditions: this.#deps.conditions,
      servers: this.#deps.time,
      node,
      onArrival: (packet) => this.#onArrival(packet),
      onEnd: () => this.#connections.delete(connection),
      serversUp: () => [...this.#up],
    });
    this.#connections.add(connection);
    return connection;
  }

  /** Whether a stream has a message: its leader has it, or will have it when it has caught up. */
  has(stream: string, seq: number): boolean {
    return this.#streams.get(stream)?.complete.get(seq) !== undefined;
  }

  /** The number of the last message that a stream has stored. */
  newest(stream: string): number {
    return this.#streams.get(stream)?.complete.info.last_seq ?? 0;
  }

  get connections(): readonly ModelConnection[] {
    return [...this.#connections];
  }

  /** The servers that run. */
  get up(): readonly number[] {
    return [...this.#up];
  }

  get streams(): readonly string[] {
    return [...this.#streams.keys()];
  }

  /** A server stops at once. */
  crash(server: number): void {
    if (!this.#up.delete(server)) return;
    for (const consumer of this.#consumers) if (consumer.server === server) consumer.end();
    for (const connection of this.#connections) if (connection.server === server) connection.cut();
    this.#elect();
  }

  restart(server: number): void {
    this.#up.add(server);
    this.#elect();
  }

  /** All servers stop, and lose the last changes of each stream: by `lostOf`, how many. */
  failPower(lostOf: (stream: string) => number): void {
    for (const server of [...this.#up]) this.crash(server);
    for (const [name, group] of this.#streams) group.lose(lostOf(name));
  }

  /** The leader of a stream gives up. */
  stepDown(stream: string): void {
    this.#streams.get(stream)?.stepDown((server) => this.#up.has(server));
  }

  #elect(): void {
    for (const group of this.#streams.values()) group.elect((server) => this.#up.has(server));
  }

  #onArrival(packet: Packet): void {
    const { subject, payload, headers } = packet;
    const { conditions } = this.#deps;
    if (subject === "$SYS.REQ.SERVER.PING.JSZ") return this.#report(packet);
    if (subject.startsWith("$JS.API.")) {
      if (!conditions.isLost("request")) this.#onRequest(packet, subject.slice("$JS.API.".length));
      return;
    }
    const group = [...this.#streams.values()].find(({ config }) => isSubjectOf(config, subject));
    if (group === undefined) return this.#route(packet);
    if (group.leader === undefined) return this.#answerNoResponders(packet);
    if (conditions.isLost("request")) return;
    const reply = (answer: object) => this.#reply(packet, JSON.stringify(answer));
    const fields = new Map(headers?.keys().map((name) => [name, headers.get(name)]));
    publish({ group, body: payload, reply }, { subject, headers: fields }, this.#context);
  }

  #onRequest(packet: Packet, method: string): void {
    const reply = (answer: object) => this.#reply(packet, JSON.stringify(answer));
    const name = method.split(".").at(-1) ?? "";
    const kind = method.slice(0, -name.length - 1);
    const group = this.#streams.get(name);
    if (method === "INFO" && this.#hasMajority) reply({ api: { level: this.#context.apiLevel } });
    if (method === "INFO") return;
    if (kind === "STREAM.CREATE") return this.#create(JSON.parse(packet.payload), reply);
    if (group === undefined) {
      if (this.#hasMajority) reply(failed(10059, "stream not found"));
      return;
    }
    if (kind === "DIRECT.GET") return this.#getDirect(group, packet);
    if (group.leader === undefined) return;
    const request = { group, body: packet.payload, reply };
    if (kind === "CONSUMER.CREATE") return this.#createConsumer(request);
    if (kind === "STREAM.DELETE") return this.#delete(request);
    for (const [method, handle] of Object.entries(STREAM_METHODS)) {
      if (kind === `STREAM.${method}`) return handle(request, this.#context);
    }
    throw new Error(`The model of NATS has no ${method}: add it if Halley uses it`);
  }

  /** Every server that runs replies. */
  #report(packet: Packet): void {
    for (const n of this.#up) {
      const level = n < (this.#deps.newServers ?? 0) ? 2 : 0;
      const data = { config: {}, api: { level } };
      this.#reply(packet, JSON.stringify({ server: { name: `n${n}`, ver: "model" }, data }));
    }
  }

  #create(config: StreamConfig, reply: (answer: object) => void): void {
    if (!this.#hasMajority) return;
    const { servers, time, conditions } = this.#deps;
    const { num_replicas = 1 } = config;
    if (this.#streams.has(config.name)) {
      return reply(failed(10058, "stream name already in use with a different configuration"));
    }
    if (num_replicas > servers) {
      return reply(failed(10074, "replicas > 1 not supported in non-clustered mode"));
    }
    const group = new StreamGroup(withDefaults(config), {
      servers: Array.from({ length: num_replicas }, (_, n) => n),
      time,
      conditions,
      onApplied: (replica) => {
        for (const consumer of this.#consumers) if (consumer.isOn(replica)) consumer.pump();
      },
    });
    this.#streams.set(config.name, group);
    group.elect((server) => this.#up.has(server));
    reply({ config: group.config, state: group.leader?.state.info });
  }

  #delete({ group, reply }: StreamRequest): void {
    this.#streams.delete(group.config.name);
    for (const consumer of this.#consumers) {
      if (group.replicas.some((replica) => consumer.isOn(replica))) consumer.end();
    }
    reply({ success: true });
  }

  #createConsumer({ group, body, reply }: StreamRequest): void {
    const { conditions, time } = this.#deps;
    const replicas = group.replicas.filter(({ server }) => this.#up.has(server));
    const replica = replicas[conditions.choose(replicas.length)];
    if (replica === undefined || !this.#hasMajority) return;
    const { config }: { config: ConsumerConfig } = JSON.parse(body);
    replica.state.expire(time.wallNow());
    const consumer: PushConsumer = new PushConsumer({
      ...{ name: `c${++this.#consumerCount}`, group, replica, config, time },
      send: (packet, address) => {
        if (!conditions.isLost("delivery")) this.#route(packet, address);
      },
      isWanted: () =>
        [...this.#connections].some((one) => one.isInterestedIn(config.deliver_subject)),
      onEnd: () => this.#consumers.delete(consumer),
    });
    this.#consumers.add(consumer);
    reply(consumer.info);
    consumer.pump();
  }

  /** Any replica answers. */
  #getDirect(group: StreamGroup, packet: Packet): void {
    const replicas = group.replicas.filter(({ server }) => this.#up.has(server));
    const replica = replicas[this.#deps.conditions.choose(replicas.length)];
    if (replica === undefined) return this.#answerNoResponders(packet);
    replica.state.expire(this.#deps.time.wallNow());
    const { seq }: { seq: number } = JSON.parse(packet.payload);
    const message = replica.state.get(seq);
    if (message === undefined) this.#reply(packet, "", newHeaders(404, "Message Not Found"));
    else this.#reply(packet, message.payload, headersOf(message));
  }

  get #hasMajority(): boolean {
    return 2 * this.#up.size > this.#deps.servers;
  }

  #answerNoResponders(packet: Packet): void {
    this.#reply(packet, "", newHeaders(503, "No Responders"));
  }

  #reply({ reply }: Packet, payload: string, headers?: MsgHdrs): void {
    if (reply === undefined || this.#deps.conditions.isLost("reply")) return;
    this.#route({ subject: reply, payload, headers });
  }

  /** Sends a message to whoever is interested in `address`: by default, its subject. */
  #route(packet: Packet, address?: string): void {
    for (const connection of this.#connections) connection.deliver(packet, address);
  }
}
