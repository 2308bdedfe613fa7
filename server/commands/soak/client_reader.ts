import { CometClient } from "../../../client/comet/comet_client.ts";
import type { ConnectionState } from "../../../client/comet/connection_state.ts";
import type { Message } from "../../protocol/message.ts";
import { SeededRandom } from "./seeded_random.ts";
import type { Fault } from "./faults.ts";
import { pause } from "./pause.ts";
import { parsePlaced } from "./placed.ts";
import type { Reader, ReaderOptions } from "./reader.ts";
import type { ReaderRecord } from "./reader_record.ts";
import type { RunContext } from "./run_context.ts";

/** What this reader does to itself. */
const FAULTS: readonly Fault[] = ["abort", "away", "reload"];

/** It thinks of doing so every so many ms, and so more often than its share of the polls. */
const ROUND = 500;
const WEIGHT = 3;

/** Nobody sends there: joining it is a reason to poll anew. */
const ASIDE = "room:soak-aside";

/** Reads with the client library, as an application does. */
export class ClientReader implements Reader {
  readonly name: string;
  readonly #options: ReaderOptions;
  readonly #stage: RunContext;
  readonly #chance: SeededRandom;
  readonly #record: ReaderRecord;
  readonly #entered = Promise.withResolvers<void>();
  /** As an application would keep it. */
  #cursor: string | undefined;
  #client: CometClient;

  constructor(options: ReaderOptions, stage: RunContext) {
    this.name = options.name;
    this.#options = options;
    this.#stage = stage;
    this.#chance = new SeededRandom(stage.seed, options.name);
    this.#record = stage.checker.enter(options.name, options.reads);
    this.#client = this.#open();
  }

  async enter(): Promise<void> {
    this.#client.startWaiting();
    await this.#entered.promise;
  }

  async run(): Promise<void> {
    const { faults, over } = this.#stage;
    while (!over.aborted) {
      await pause(ROUND, over);
      const fault = faults.draw(this.#chance, FAULTS, WEIGHT);
      if (fault === undefined) continue;
      faults.count(fault);
      await this.#suffer(fault);
    }
    this.#client[Symbol.dispose]();
  }

  hurry(): void {
    this.#client.tryNow();
  }

  async #suffer(fault: Fault): Promise<void> {
    if (fault === "abort") return this.#pollAnew();
    if (fault === "reload") return this.#reload();
    this.#client.stopWaiting();
    await pause(this.#chance.between(1_000, 5_000), this.#stage.faults.signal);
    this.#client.startWaiting();
  }

  #pollAnew(): void {
    if (this.#client.channels.includes(ASIDE)) this.#client.leave(ASIDE);
    else this.#client.join(ASIDE);
  }

  #reload(): void {
    this.#client[Symbol.dispose]();
    this.#client = this.#open();
    this.#client.startWaiting();
  }

  #open(): CometClient {
    const { privateToken, rooms: channels, tab, hold } = this.#options;
    const cursor = this.#cursor;
    const place = cursor === undefined ? {} : { cursor };
    const { url } = this.#stage;
    const client = new CometClient({ url, privateToken, channels, tab, hold, ...place });
    client.on("message", (message) => this.#give(message));
    client.on("gap", () => this.#stage.checker.gap(this.#record));
    client.on("cursor", (cursor) => this.#keep(cursor));
    client.on("state", (state) => this.#notice(state));
    return client;
  }

  #give(message: Message): void {
    const placed = parsePlaced(message);
    if (placed) this.#stage.checker.give(this.#record, placed, performance.now());
  }

  #keep(cursor: string): void {
    this.#cursor = cursor;
    this.#entered.resolve();
  }

  #notice(state: ConnectionState): void {
    if (state.name !== "stopped" || state.reason === "asked") return;
    const why = [state.reason, state.problem?.message].filter((part) => part).join(": ");
    this.#stage.remark(`${this.name} stopped: ${why}`);
    this.#entered.resolve();
  }
}
