import { LONG_AGO, type MonotonicTime } from "../../base/clock.ts";
import { type Runtime, SYSTEM_RUNTIME } from "../../base/runtime.ts";
import type { KeyValue } from "../model/store.ts";

/** What a leader works with. */
export interface LeaderDeps {
  readonly keyValue: KeyValue;
  /** Names the work. */
  readonly name: string;
  /** The id of this node. */
  readonly node: string;
  /** Starts the work. It stops when the result is disposed of. */
  readonly lead: () => Promise<AsyncDisposable>;
  readonly onError: (error: unknown) => void;
  readonly runtime?: Runtime;
}

/** Times in ms. A node that dies is replaced after `length` plus `renewal` at the latest. */
const LEASE = { length: 15_000, renewal: 5_000 } as const;

/**
 * Runs work that only one node may do at a time, such as sending webhooks. Every node that can do the work has a leader
 * of the same name; they compete for a lease in the shared store. The node that has the lease works. It stops before
 * another node can get the lease, even if it cannot reach the store. Knows nothing about the work.
 *
 *     following ──lease acquired──▶ leading
 *         ▲                            │
 *         └──────lease lost, or not renewed in time
 */
export class Leader implements AsyncDisposable {
  readonly #deps: LeaderDeps;
  readonly #runtime: Runtime;
  readonly #stop = new AbortController();
  /** Set while this node leads. */
  #work: AsyncDisposable | undefined;
  /** This node must stop leading then, unless it renews the lease. */
  #leadsUntil: MonotonicTime = LONG_AGO;
  #running: Promise<void> = Promise.resolve();

  /** Leads at once if no other node does. Throws if the work cannot be started then. */
  static async start(deps: LeaderDeps): Promise<Leader> {
    const leader = new Leader(deps);
    await leader.#compete();
    leader.#running = leader.#run();
    return leader;
  }

  private constructor(deps: LeaderDeps) {
    this.#deps = deps;
    this.#runtime = deps.runtime ?? SYSTEM_RUNTIME;
  }

  /** Whether this node leads. */
  get isLeading(): boolean {
    return this.#work !== undefined;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    await this.#running;
    await this.#stopWork();
    await this.#releaseLease();
  }

  async #run(): Promise<void> {
    const { signal } = this.#stop;
    for (;;) {
      await this.#runtime.delay(LEASE.renewal, signal);
      if (signal.aborted) return;
      const competing = new AbortController();
      const stopping = this.#stopInTime(competing.signal);
      await this.#compete().catch(this.#deps.onError);
      competing.abort();
      await stopping;
    }
  }

  /** Stops the work when its time is over, also while the store does not answer; `signal` aborts when it has answered. */
  async #stopInTime(signal: AbortSignal): Promise<void> {
    if (this.#work === undefined) return;
    while (!this.#runtime.hasPassed(this.#leadsUntil)) {
      if (signal.aborted) return;
      // A timer can be early by a fraction of a millisecond.
      await this.#runtime.delay(Math.ceil(this.#runtime.msUntil(this.#leadsUntil)), signal);
    }
    await this.#stopWork().catch(this.#deps.onError);
  }

  /** Tries to acquire or renew the lease, and starts or stops the work accordingly. */
  async #compete(): Promise<void> {
    const { keyValue, name, node, lead } = this.#deps;
    // From before the request, and a renewal earlier than the lease ends: the clocks of other nodes may run faster.
    const leadsUntil = this.#runtime.fromNow(LEASE.length - LEASE.renewal);
    const isOurs = await keyValue.acquireLease(`leader ${name}`, node, LEASE.length);
    // An answer that was late says nothing about how long the lease still lasts.
    if (!isOurs || this.#runtime.hasPassed(leadsUntil)) return await this.#stopWork();
    this.#leadsUntil = leadsUntil;
    try {
      this.#work ??= await lead();
    } catch (error) {
      // Another node may succeed.
      await this.#releaseLease();
      throw error;
    }
  }

  async #stopWork(): Promise<void> {
    const work = this.#work;
    this.#work = undefined;
    await work?.[Symbol.asyncDispose]();
  }

  async #releaseLease(): Promise<void> {
    const { keyValue, name, node, onError } = this.#deps;
    await keyValue.releaseLease(`leader ${name}`, node).catch(onError);
  }
}
