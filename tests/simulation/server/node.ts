import type { Hono } from "hono";
import { readConfig } from "../../../server/config/config.ts";
import { startIntervalJob } from "../../../server/base/interval.ts";
import type { Runtime } from "../../../server/base/runtime.ts";
import { SeededRandom } from "../../../server/commands/soak/seeded_random.ts";
import { Leader } from "../../../server/core/cluster/leader.ts";
import { Hub } from "../../../server/core/hub/hub.ts";
import type { HubOptions } from "../../../server/core/hub/hub_options.ts";
import { Refused } from "../../../server/core/model/refused.ts";
import type { MessageLog, Store } from "../../../server/core/model/store.ts";
import { createApp } from "../../../server/http/app.ts";
import { ClientBuckets } from "../../../server/http/limits/client_buckets.ts";
import { Limits } from "../../../server/http/limits/limits.ts";
import { Metrics } from "../../../server/http/metrics/metrics.ts";
import { HUB_OPTIONS } from "../../support/hub.ts";
import { API_KEYS, SETTINGS } from "../../support/chat.ts";
import type { Actor } from "../actor.ts";
import type { Scheduler } from "../scheduler.ts";
import type { SoleWork } from "./sole_work.ts";
import { simulatedRuntime, type WallClock } from "./simulated_runtime.ts";

/** One process of a node: from its start to its crash or its end. */
export interface NodeProcess {
  readonly actor: Actor;
  readonly runtime: Runtime;
}

/** Where a node stores everything: what is left after a crash, the next process finds. */
export interface StorePlace {
  /** Opens the store for a process. `lose` ends the process. Rejects if it cannot be opened now. */
  open(process: NodeProcess, lose: (reason: string) => void): Promise<Store>;
  /** The process is dead. */
  onCrash(process: NodeProcess): void;
}

export interface SimulatedNodeOptions {
  readonly name: string;
  readonly scheduler: Scheduler;
  readonly seed: number;
  readonly place: StorePlace;
  readonly hub?: Partial<HubOptions>;
  /** Interval of heartbeats in ms; 0: none. */
  readonly heartbeat: number;
  /** Called for errors that a server would log as its own. */
  readonly onError: (error: unknown) => void;
  /** What only one node may do at a time. */
  readonly work: SoleWork;
  /** Changes the store of each process: how a simulation plants a bug. */
  readonly wrap?: (store: Store) => Store;
}

const LIMITS = readConfig({ LIMITS: "off" }).limits;

/** Limits are off, so that nothing is written there: one for all nodes saves time. */
const BUCKETS = ClientBuckets.allocate(ArrayBuffer);

/** Interval of the sweep in ms. */
const SWEEP_MS = 10_000;

/** After a process has ended, the next one starts after about this time in ms. */
const RESTART_MS = 1_500;

/** The connection was refused, or was closed before the reply. */
export class ConnectionLost extends TypeError {
  override readonly name = "ConnectionLost";
}

/** What a process has once it has started. */
interface Running {
  readonly app: Hono;
  readonly hub: Hub;
  readonly store: Store;
  readonly leader: Leader;
}

/**
 * A node: the real core and the real HTTP app over a simulated store, without a socket. It can crash whenever its code
 * waits, and a supervisor starts it again.
 */
export class SimulatedNode {
  readonly name: string;
  /** Its wall clock, which stays set when its process crashes. */
  readonly clock: WallClock = { aheadMs: 0 };
  readonly #options: SimulatedNodeOptions;
  readonly #supervisor: Actor;
  readonly #random: SeededRandom;
  #processes = 0;
  #process: NodeProcess | undefined;
  #running: Running | undefined;
  #appending = 0;
  #isSweeping = false;
  #isStopping = false;
  #ended = Promise.withResolvers<never>();

  constructor(options: SimulatedNodeOptions) {
    this.name = options.name;
    this.#options = options;
    this.#supervisor = options.scheduler.actor(`${options.name} (supervisor)`);
    this.#random = new SeededRandom(options.seed, `restarts of ${options.name}`);
    this.#start();
  }

  /** Whether it answers requests. */
  get isUp(): boolean {
    return this.#running !== undefined;
  }

  /** The process that runs or starts. */
  get process(): NodeProcess | undefined {
    return this.#process;
  }

  /** The hub of the running process. */
  get hub(): Hub | undefined {
    return this.#running?.hub;
  }

  get store(): Store | undefined {
    return this.#running?.store;
  }

  /** What it is doing, for the coverage of faults. */
  get phases(): string[] {
    if (this.#process === undefined) return ["down"];
    if (this.#running === undefined) return ["starting"];
    const phases = [
      this.#isStopping ? "stopping" : "",
      this.#isSweeping ? "sweeping" : "",
      this.#appending > 0 ? "appending" : "",
      this.#running.hub.parked > 0 ? "polls parked" : "",
      this.#running.store.unavailableReason === undefined ? "" : "store unavailable",
    ].filter((phase) => phase !== "");
    return phases.length > 0 ? phases : ["idle"];
  }

  /** Settles like the answer of the running process. Rejects with {@linkcode ConnectionLost} if there is none, or if it ends. */
  handle(request: Request, address: string): Promise<Response> {
    const [process, running] = [this.#process, this.#running];
    if (process === undefined || running === undefined) {
      return Promise.reject(new ConnectionLost(`${this.name} is down`));
    }
    const { pathname } = new URL(request.url);
    const env = { remoteAddr: { transport: "tcp", hostname: address, port: 1 } };
    const answer = process.actor.later(
      0,
      `receives ${request.method} ${pathname}`,
      () => running.app.fetch(request, env),
    );
    return Promise.race([answer, this.#ended.promise]);
  }

  /** Rejects with {@linkcode ConnectionLost} when the running process ends. */
  get ended(): Promise<never> {
    return this.#ended.promise;
  }

  /** Ends the process at once, as `kill -9` does. The supervisor starts the next one. */
  crash(why = "crashes"): void {
    const process = this.#process;
    if (process === undefined) return;
    process.actor.crash(why);
    this.#end(process);
    this.#supervisor.after(RESTART_MS * (0.5 + this.#random.next()), "starts", () => this.#start());
  }

  /** Answers all polls and ends, as after SIGTERM; the supervisor starts the next process. */
  stop(): void {
    const [process, running] = [this.#process, this.#running];
    if (process === undefined || running === undefined) return;
    this.#isStopping = true;
    process.actor.after(0, "stops", async () => {
      await running.hub.close((n, of) => Math.round(1_000 + 1_000 * n / of));
      // The last replies are sent before the connections are closed.
      await process.runtime.delay(100);
      await running.leader[Symbol.asyncDispose]();
      await running.hub[Symbol.asyncDispose]();
      await running.store[Symbol.asyncDispose]();
      this.crash("has stopped");
    });
  }

  #end(process: NodeProcess): void {
    this.#options.place.onCrash(process);
    this.#process = undefined;
    this.#running = undefined;
    this.#appending = 0;
    this.#isSweeping = this.#isStopping = false;
    const { reject } = this.#ended;
    this.#ended.promise.catch(() => {});
    this.#ended = Promise.withResolvers();
    reject(new ConnectionLost(`${this.name} has ended`));
  }

  #start(): void {
    const { scheduler, seed, name } = this.#options;
    const number = ++this.#processes;
    const actor = scheduler.actor(name);
    const random = new SeededRandom(seed, `${name} process ${number}`);
    const runtime = simulatedRuntime(actor, random, this.clock);
    const process = this.#process = { actor, runtime };
    actor.after(0, `process ${number} starts`, () => {
      this.#open(process).catch((error) => {
        actor.note(`cannot start: ${error}`);
        this.crash("exits");
      });
    });
  }

  async #open(process: NodeProcess): Promise<void> {
    const { place, hub: changed, heartbeat, onError, wrap, work } = this.#options;
    const { runtime } = process;
    const opened = await place.open(process, (reason) => this.crash(`exits: ${reason}`));
    const store = this.#counted(wrap?.(opened) ?? opened);
    const hub = await Hub.open(store, { ...HUB_OPTIONS, ...changed, runtime });
    const metrics = new Metrics(runtime);
    const onFailure = (error: unknown) => void (error instanceof Refused || onError(error));
    startIntervalJob(async () => {
      this.#isSweeping = true;
      await hub.sweep().finally(() => this.#isSweeping = false);
    }, {
      intervalMs: SWEEP_MS,
      ...{ onError: onFailure, runtime },
    });
    const leader = await Leader.start({
      ...{ keyValue: store.keyValue, name: "work", node: hub.node, runtime },
      lead: () => Promise.resolve(work.begin(process)),
      onError: onFailure,
    });
    const app = createApp({
      ...{ hub, keyValue: store.keyValue, metrics, heartbeat, runtime },
      assets: new Map(),
      basePath: "",
      limits: new Limits(LIMITS, {
        ...{ onLimited: () => {}, onUntrusted: () => {} },
        ...{ memory: BUCKETS, runtime },
      }),
      notReadyReason: () => store.unavailableReason,
      allowedOrigins: [],
      allowedHeaders: [],
      apiKeys: API_KEYS,
      jwt: undefined,
      settings: { ...SETTINGS, heartbeat },
      onRefusal: () => {},
      onInternalError: onError,
    });
    process.actor.note("accepts requests");
    this.#running = { app, hub, store, leader };
  }

  /** The same store, which counts the appends that have not ended. */
  #counted(store: Store): Store {
    const append: MessageLog["append"] = async (drafts) => {
      this.#appending++;
      try {
        return await store.log.append(drafts);
      } finally {
        this.#appending--;
      }
    };
    const log = changed(store.log, { append });
    return changed(store, { log });
  }
}

/** The same object, in which some members are others. */
export function changed<T extends object>(object: T, members: Partial<T>): T {
  return new Proxy(object, {
    get(target, name) {
      const value = Reflect.get(name in members ? members : target, name);
      return typeof value === "function" && !(name in members) ? value.bind(target) : value;
    },
  });
}
