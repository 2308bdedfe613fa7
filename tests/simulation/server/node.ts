import { SeededRandom } from "../../../server/commands/soak/seeded_random.ts";
import type { HubOptions, HubWorker } from "../../../server/core/hub/hub_options.ts";
import { NO_OTHERS } from "../../../server/core/model/others.ts";
import type { Store } from "../../../server/core/model/store.ts";
import { allocateSessions } from "../../../server/core/sessions/shared_sessions.ts";
import { allocateTabs } from "../../../server/core/waiting/tab_counts.ts";
import { HUB_OPTIONS } from "../../support/hub.ts";
import type { Actor } from "../actor.ts";
import type { Scheduler } from "../scheduler.ts";
import { simulatedRuntime, type WallClock } from "./simulated_runtime.ts";
import { SimulatedWorker, type WorkerOptions } from "./simulated_worker.ts";
import type { NodeProcess, StorePlace } from "./store_place.ts";

export interface SimulatedNodeOptions
  extends Pick<WorkerOptions, "heartbeat" | "jwt" | "onError" | "receiver"> {
  readonly name: string;
  readonly scheduler: Scheduler;
  readonly seed: number;
  readonly place: StorePlace;
  /** The number of workers of each process. */
  readonly workers: number;
  readonly hub?: Partial<HubOptions>;
  /** What only one node may do at a time. */
  readonly work: NonNullable<WorkerOptions["work"]>;
  /** Changes the store of each worker: how a simulation plants a bug. */
  readonly wrap?: (store: Store) => Store;
}

/** After a process has ended, the next one starts after about this time in ms. */
const RESTART_MS = 1_500;

/** With several workers, the number of seats that they share: few, because each process allocates them. */
const SHARED_SEATS = 500;

/** The connection was refused, or was closed before the reply. */
export class ConnectionLost extends TypeError {
  override readonly name = "ConnectionLost";
}

/**
 * A node: one process with one or several workers over a simulated store, without a socket. It can crash whenever its code
 * waits, and a supervisor starts it again.
 */
export class SimulatedNode {
  readonly name: string;
  /** Its wall clock, which stays set when its process crashes. */
  readonly clock: WallClock = { aheadMs: 0 };
  readonly #options: SimulatedNodeOptions;
  readonly #supervisor: Actor;
  readonly #random: SeededRandom;
  /** Decides which worker gets a connection. */
  readonly #balance: SeededRandom;
  #processes = 0;
  /** The workers of the process that runs or starts. */
  #process: readonly NodeProcess[] = [];
  /** Those that answer requests. */
  #running: readonly SimulatedWorker[] = [];
  #isStopping = false;
  #ended = Promise.withResolvers<never>();

  constructor(options: SimulatedNodeOptions) {
    this.name = options.name;
    this.#options = options;
    this.#supervisor = options.scheduler.actor(`${options.name} (supervisor)`);
    this.#random = new SeededRandom(options.seed, `restarts of ${options.name}`);
    this.#balance = new SeededRandom(options.seed, `workers of ${options.name}`);
    this.#start();
  }

  /** Whether it answers requests. */
  get isUp(): boolean {
    return this.#running.length > 0;
  }

  /** What of its process can be starved: each worker, and the thread of its store. */
  get actors(): readonly Actor[] {
    const { thread } = this.#options.place;
    return [...this.#process.map(({ actor }) => actor), ...(thread ? [thread] : [])];
  }

  /** What it is doing, for the coverage of faults. */
  get phases(): string[] {
    if (this.#process.length === 0) return ["down"];
    if (!this.isUp) return ["starting"];
    const phases = new Set(this.#running.flatMap(({ phases }) => phases));
    if (this.#isStopping) phases.add("stopping");
    if (phases.size === 0) phases.add("idle");
    if (this.#running.length > 1) phases.add("several workers");
    return [...phases];
  }

  /** Settles like the answer of the running process. Rejects with {@linkcode ConnectionLost} if there is none, or if it ends. */
  handle(request: Request, address: string): Promise<Response> {
    const worker = this.#running.length > 1 ? this.#balance.pick(this.#running) : this.#running[0];
    if (worker === undefined) return Promise.reject(new ConnectionLost(`${this.name} is down`));
    const { pathname } = new URL(request.url);
    const env = { remoteAddr: { transport: "tcp", hostname: address, port: 1 } };
    const answer = worker.process.actor.later(
      0,
      `receives ${request.method} ${pathname}`,
      () => worker.app.fetch(request, env),
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
    if (process.length === 0) return;
    for (const { actor } of process) actor.crash(why);
    for (const one of process) this.#options.place.onCrash(one);
    this.#process = [];
    this.#running = [];
    this.#isStopping = false;
    const { reject } = this.#ended;
    this.#ended.promise.catch(() => {});
    this.#ended = Promise.withResolvers();
    reject(new ConnectionLost(`${this.name} has ended`));
    this.#supervisor.after(RESTART_MS * (0.5 + this.#random.next()), "starts", () => this.#start());
  }

  /** Answers all polls and ends, as after SIGTERM; the supervisor starts the next process. */
  stop(): void {
    const running = this.#running;
    const [main, ...others] = running;
    if (main === undefined) return;
    this.#isStopping = true;
    main.process.actor.after(0, "stops", async () => {
      const returnDelayOf = (n: number, of: number) => Math.round(1_000 + 1_000 * n / of);
      await Promise.all(running.map(({ hub }) => hub.close(returnDelayOf)));
      // The last replies are sent before the connections are closed.
      await main.process.runtime.delay(100);
      await Promise.all(others.map((worker) => worker[Symbol.asyncDispose]()));
      await main[Symbol.asyncDispose]();
      this.crash("has stopped");
    });
  }

  #start(): void {
    const { scheduler, seed, name, workers } = this.#options;
    const number = ++this.#processes;
    const process = this.#process = Array.from({ length: workers }, (_, n) => {
      const worker = n === 0 ? name : `${name} worker ${n + 1}`;
      const actor = scheduler.actor(worker);
      const random = new SeededRandom(seed, `${worker} process ${number}`);
      const { clock } = this;
      return { actor, clock, runtime: simulatedRuntime(actor, random, clock) };
    });
    process[0]?.actor.after(0, `process ${number} starts`, () => {
      this.#open(process).catch((error) => {
        process[0]?.actor.note(`cannot start: ${error}`);
        this.crash("exits");
      });
    });
  }

  /** Opens the first worker, and then the others. */
  async #open([first, ...others]: readonly NodeProcess[]): Promise<void> {
    if (first === undefined) return;
    const { runtime } = first;
    const memory = {
      tabs: allocateTabs(SHARED_SEATS, runtime),
      sessions: allocateSessions(runtime),
    };
    const memberOf = (worker: number): HubWorker => ({
      ...{ sessions: memory.sessions, others: NO_OTHERS },
      tabs: { worker, ...memory.tabs },
    });
    const isAlone = others.length === 0;
    const main = await this.#openWorker(first, isAlone ? undefined : memberOf(1));
    const rest = await Promise.all(
      others.map((process, n) =>
        process.actor.later(1, "starts", () => this.#openWorker(process, memberOf(n + 2)))
      ),
    );
    first.actor.note("accepts requests");
    this.#running = [main, ...rest];
  }

  async #openWorker(
    process: NodeProcess,
    worker: HubWorker | undefined,
  ): Promise<SimulatedWorker> {
    const { place, hub, heartbeat, jwt, onError, receiver, wrap, work } = this.#options;
    const opened = await place.open(process, (reason) => this.crash(`exits: ${reason}`));
    const waiting = { ...HUB_OPTIONS.waiting, seats: SHARED_SEATS };
    return await SimulatedWorker.open({
      ...{ process, heartbeat, jwt, onError, receiver },
      store: wrap?.(opened) ?? opened,
      hub: worker ? { ...hub, worker, waiting } : { ...hub },
      work: worker === undefined || worker.tabs.worker === 1 ? work : undefined,
    });
  }
}
