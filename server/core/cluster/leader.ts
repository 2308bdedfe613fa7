import type { KeyValue } from "../model/store.ts";
import { steadyNow } from "../../base/clock.ts";
import { delay } from "../../base/delay.ts";

/** What a leader is made from. */
export interface LeaderDeps {
  readonly keyValue: KeyValue;
  /** What it is that only one node does. */
  readonly name: string;
  /** This node. */
  readonly node: string;
  /** Does it, until disposed. */
  readonly lead: () => Promise<AsyncDisposable>;
  readonly onError: (error: unknown) => void;
}

/** A lease is taken for so long (ms), and renewed so often: another node takes over so long after this one has died. */
const LEASE = { length: 15_000, renewal: 5_000 } as const;

/** Does what only one node may do, while it is this one. */
export class Leader implements AsyncDisposable {
  readonly #deps: LeaderDeps;
  readonly #end = new AbortController();
  #led: AsyncDisposable | undefined;
  /** When the lease was had last, by the clock of this node. */
  #had = 0;
  #running: Promise<void> = Promise.resolve();

  /** Begins at once if no other node does it, and then throws what keeps it from that. */
  static async start(deps: LeaderDeps): Promise<Leader> {
    const leader = new Leader(deps);
    await leader.#turn();
    leader.#running = leader.#run();
    return leader;
  }

  private constructor(deps: LeaderDeps) {
    this.#deps = deps;
  }

  /** Whether it is this node. */
  get isLeading(): boolean {
    return this.#led !== undefined;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#end.abort();
    await this.#running;
    await this.#resign();
    await this.#giveBack();
  }

  async #run(): Promise<void> {
    while (!this.#end.signal.aborted) {
      await delay(LEASE.renewal, this.#end.signal);
      if (this.#end.signal.aborted) return;
      try {
        await this.#turn();
      } catch (error) {
        this.#deps.onError(error);
        // Before the lease ends for the others, whose clocks may be a little ahead.
        if (steadyNow() - this.#had > LEASE.length - LEASE.renewal) {
          await this.#resign().catch(this.#deps.onError);
        }
      }
    }
  }

  async #turn(): Promise<void> {
    const { keyValue, name, node, lead } = this.#deps;
    const asked = steadyNow();
    const isOurs = await keyValue.acquireLease(`leader ${name}`, node, LEASE.length);
    if (!isOurs) return await this.#resign();
    this.#had = asked;
    try {
      this.#led ??= await lead();
    } catch (error) {
      // Another node may be able to.
      await this.#giveBack();
      throw error;
    }
  }

  async #resign(): Promise<void> {
    const led = this.#led;
    this.#led = undefined;
    await led?.[Symbol.asyncDispose]();
  }

  async #giveBack(): Promise<void> {
    const { keyValue, name, node, onError } = this.#deps;
    await keyValue.releaseLease(`leader ${name}`, node).catch(onError);
  }
}
