import type { StreamConfig } from "../../../../server/stores/nats/nats_stream_info.ts";
import type { ModelTime } from "../model_time.ts";
import type { NatsConditions } from "./nats_conditions.ts";
import { type NewMessage, type StreamChange, StreamState } from "./stream_state.ts";

/** A server's replica of a stream. */
export interface Replica {
  readonly server: number;
  state: StreamState;
  /** The number of changes that it has applied. */
  applied: number;
}

/**
 * A stream with its replicas. The leader decides which changes are made; what is acknowledged is in the log of the majority,
 * so that every later leader has it, after it has caught up. Other replicas apply it later.
 */
export class StreamGroup {
  config: StreamConfig;
  readonly replicas: readonly Replica[];
  /** Messages of batches that have not ended yet, by the id of the batch. Only the leader has them. */
  readonly batches = new Map<string, NewMessage[]>();
  readonly #time: ModelTime;
  readonly #conditions: NatsConditions;
  readonly #onApplied: (replica: Replica) => void;
  readonly #log: StreamChange[] = [];
  #leader: Replica | undefined;
  /** Whether the leader has all changes. */
  #isCurrent = true;
  #term = 0;
  /** Requests that wait until those before them are done. */
  #waiting: (() => void)[] = [];

  constructor(
    config: StreamConfig,
    { servers, time, conditions, onApplied }: {
      servers: readonly number[];
      time: ModelTime;
      conditions: NatsConditions;
      /** Called when a replica has applied changes. */
      onApplied: (replica: Replica) => void;
    },
  ) {
    this.config = config;
    this.#time = time;
    this.#conditions = conditions;
    this.#onApplied = onApplied;
    this.replicas = servers.map((server) => ({
      server,
      state: new StreamState(config),
      applied: 0,
    }));
    this.#leader = this.replicas[0];
  }

  /** The replica that answers requests, if there is one. A new leader answers reads before it has caught up. */
  get leader(): Replica | undefined {
    this.#leader?.state.expire(this.#time.wallNow());
    return this.#leader;
  }

  /** What a replica has that has applied everything. */
  get complete(): StreamState {
    const state = new StreamState(this.config);
    for (const change of this.#log) state.apply(change);
    return state;
  }

  configure(config: StreamConfig): void {
    this.config = config;
    for (const { state } of this.replicas) state.configure(config);
  }

  /**
   * Calls `decide` with the leader's state, after the requests before it, when it can be changed. Does not if the leader
   * fails before.
   */
  change(decide: (state: StreamState) => void): void {
    const term = this.#term;
    this.#waiting.push(() => {
      const { leader } = this;
      if (term === this.#term && leader !== undefined && this.#isCurrent) decide(leader.state);
    });
    this.#time.after(
      this.#conditions.replication(),
      "a stream handles a request",
      () => this.#waiting.shift()?.(),
    );
  }

  /** Makes a change, which is durable then. Only within `change`. Returns the number of messages that it removes. */
  commit(change: StreamChange): number {
    this.#log.push(change);
    let removed = 0;
    for (const replica of this.replicas) {
      if (replica === this.#leader) removed = this.#catchUp(replica);
      else this.#catchUpLater(replica);
    }
    return removed;
  }

  /** Chooses a leader among the servers that are up, if they are the majority. */
  elect(isUp: (server: number) => boolean): void {
    const up = this.replicas.filter(({ server }) => isUp(server));
    if (this.#leader !== undefined && up.includes(this.#leader)) return;
    this.#lead(undefined);
    if (2 * up.length <= this.replicas.length) return;
    const term = this.#term;
    this.#time.after(this.#conditions.election(), `${this.config.name} elects a leader`, () => {
      if (term === this.#term) this.#lead(up[this.#conditions.choose(up.length)]);
    });
  }

  /** The leader gives up. */
  stepDown(isUp: (server: number) => boolean): void {
    this.#lead(undefined);
    this.elect(isUp);
  }

  /** Loses the last changes on all replicas, as a power failure of servers that do not sync can. */
  lose(count: number): void {
    this.#log.splice(Math.max(0, this.#log.length - count));
    for (const replica of this.replicas) {
      replica.state = new StreamState(this.config);
      replica.applied = 0;
      this.#catchUp(replica);
    }
  }

  #lead(replica: Replica | undefined): void {
    this.#term++;
    this.#leader = replica;
    this.batches.clear();
    if (replica === undefined) return;
    this.#isCurrent = replica.applied === this.#log.length;
    if (this.#isCurrent) return;
    const term = this.#term;
    this.#time.after(this.#conditions.election(), `${this.config.name} catches up`, () => {
      if (term !== this.#term) return;
      this.#catchUp(replica);
      this.#isCurrent = true;
    });
  }

  #catchUpLater(replica: Replica): void {
    const end = this.#log.length;
    this.#time.after(this.#conditions.lag(), "a replica applies a change", () => {
      if (replica.applied < end) this.#catchUp(replica, Math.min(end, this.#log.length));
    });
  }

  #catchUp(replica: Replica, end = this.#log.length): number {
    let removed = 0;
    for (const change of this.#log.slice(replica.applied, end)) {
      removed = replica.state.apply(change);
    }
    replica.applied = end;
    this.#onApplied(replica);
    return removed;
  }
}
