import { later, monotonicNow, msSince } from "../../base/clock.ts";
import { delay } from "../../base/delay.ts";
import type { OwnServer } from "./own_server.ts";
import type { RunContext } from "./run_context.ts";
import { SeededRandom } from "./seeded_random.ts";
import type { Pacer } from "./sender.ts";

/** What to kill, and how often. */
export interface ServerKillerOptions {
  readonly server: OwnServer;
  readonly pacer: Pacer;
  readonly kills: number;
  /** The time (ms) over which the kills are spread. */
  readonly duration: number;
}

/** In half of the cases, the server is killed within a burst of messages of this length, in ms. */
const BURST = 500;

/** Kills or stops the run's own server several times, and starts it again each time. */
export class ServerKiller {
  readonly #options: ServerKillerOptions;
  readonly #context: RunContext;
  readonly #random: SeededRandom;
  #restarts = 0;

  constructor(options: ServerKillerOptions, context: RunContext) {
    this.#options = options;
    this.#context = context;
    this.#random = new SeededRandom(context.seed, "killer");
  }

  get restarts(): number {
    return this.#restarts;
  }

  /** Resolves after the last restart. Throws a `CommandError` if the server does not start again. */
  async run(): Promise<void> {
    const { kills, duration } = this.#options;
    const { over } = this.#context;
    const start = monotonicNow();
    const slot = duration / Math.max(kills, 1);
    for (let n = 0; n < kills; n++) {
      // At least a tenth of each slot is left for the recovery.
      const due = later(start, slot * (n + this.#random.between(0.1, 0.9)));
      await delay(-msSince(due), over);
      if (over.aborted) return;
      await this.#kill();
    }
  }

  async #kill(): Promise<void> {
    const { server, pacer } = this.#options;
    const { faults, onRemark } = this.#context;
    const isGraceful = this.#drawIsGraceful();
    const isInBurst = this.#random.next() < 0.5;
    const moment = this.#random.between(0, BURST);
    if (isInBurst) {
      pacer.burst(BURST);
      await delay(moment);
    }
    const status = await server.end(isGraceful ? "SIGTERM" : "SIGKILL");
    faults.count(isGraceful ? "term" : "kill");
    if (isGraceful && !status.success) {
      onRemark(`The server exited with status ${status.code} after SIGTERM`);
    }
    await server.restart();
    this.#restarts++;
  }

  #drawIsGraceful(): boolean {
    const { faults } = this.#context;
    const isGraceful = this.#random.next() < 0.3;
    return faults.has("term") && (isGraceful || !faults.has("kill"));
  }
}
