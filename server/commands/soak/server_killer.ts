import { SeededRandom } from "./seeded_random.ts";
import type { OwnServer } from "./own_server.ts";
import { pause } from "./pause.ts";
import type { RunContext } from "./run_context.ts";
import type { Pacer } from "./pacer.ts";

/** What a reaper needs. */
export interface ServerKillerOptions {
  readonly server: OwnServer;
  readonly tempo: Pacer;
  /** How often the server is ended. */
  readonly kills: number;
  /** Over how long a time (ms) that is spread. */
  readonly duration: number;
}

/** In half of the cases everybody sends as fast as they can when the server ends, for so long (ms). */
const BURST = 500;

/** Ends the server again and again, and starts it again each time. */
export class ServerKiller {
  readonly #options: ServerKillerOptions;
  readonly #stage: RunContext;
  readonly #chance: SeededRandom;
  #restarts = 0;

  constructor(options: ServerKillerOptions, stage: RunContext) {
    this.#options = options;
    this.#stage = stage;
    this.#chance = new SeededRandom(stage.seed, "reaper");
  }

  get restarts(): number {
    return this.#restarts;
  }

  /** Resolves when the server has been started again for the last time. Throws a `SoakError` if it does not get up. */
  async run(): Promise<void> {
    const { kills, duration } = this.#options;
    const start = performance.now();
    const slot = duration / Math.max(kills, 1);
    for (let n = 0; n < kills; n++) {
      // At least a tenth of the time is left to recover.
      const due = start + slot * (n + this.#chance.between(0.1, 0.9));
      await pause(due - performance.now(), this.#stage.over);
      if (this.#stage.over.aborted) return;
      await this.#strike();
    }
  }

  async #strike(): Promise<void> {
    const { server, tempo } = this.#options;
    const { faults, remark } = this.#stage;
    const isGentle = this.#drawsGentle();
    const isInBurst = this.#chance.next() < 0.5;
    const moment = this.#chance.between(0, BURST);
    if (isInBurst) tempo.burst(BURST);
    if (isInBurst) await pause(moment);
    const status = await server.end(isGentle ? "SIGTERM" : "SIGKILL");
    faults.count(isGentle ? "term" : "kill");
    if (isGentle && !status.success) remark(`After SIGTERM the server ended with ${status.code}`);
    await server.rise();
    this.#restarts++;
  }

  #drawsGentle(): boolean {
    const { faults } = this.#stage;
    const isGentle = this.#chance.next() < 0.3;
    return faults.has("term") && (isGentle || !faults.has("kill"));
  }
}
