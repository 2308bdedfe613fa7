import type { Notebook } from "../model/store.ts";
import { steadyNow } from "../../base/clock.ts";
import { pause } from "../../base/delay.ts";

/** What a leader is made from. */
export interface LeaderParts {
  readonly notebook: Notebook;
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
  readonly #parts: LeaderParts;
  readonly #end = new AbortController();
  #led: AsyncDisposable | undefined;
  /** When the lease was had last, by the clock of this node. */
  #had = 0;
  #running: Promise<void> = Promise.resolve();

  /** Begins at once if no other node does it, and then throws what keeps it from that. */
  static async start(parts: LeaderParts): Promise<Leader> {
    const leader = new Leader(parts);
    await leader.#turn();
    leader.#running = leader.#run();
    return leader;
  }

  private constructor(parts: LeaderParts) {
    this.#parts = parts;
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
      await pause(LEASE.renewal, this.#end.signal);
      if (this.#end.signal.aborted) return;
      try {
        await this.#turn();
      } catch (error) {
        this.#parts.onError(error);
        // Before the lease ends for the others, whose clocks may be a little ahead.
        if (steadyNow() - this.#had > LEASE.length - LEASE.renewal) {
          await this.#resign().catch(this.#parts.onError);
        }
      }
    }
  }

  async #turn(): Promise<void> {
    const { notebook, name, node, lead } = this.#parts;
    const asked = steadyNow();
    const isOurs = await notebook.lease(`leader ${name}`, node, LEASE.length);
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
    const { notebook, name, node, onError } = this.#parts;
    await notebook.lease(`leader ${name}`, node, 0).catch(onError);
  }
}
