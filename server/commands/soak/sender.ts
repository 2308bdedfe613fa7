import { isMessage } from "../../protocol/guards.ts";
import { Api } from "../../../client/comet/api.ts";
import { isFinal, retryAfterOf } from "../../../client/comet/halley_error.ts";
import { randomKey } from "../../../client/comet/random_key.ts";
import type { SendRequest } from "../../protocol/requests.ts";
import { SeededRandom } from "./seeded_random.ts";
import { pause } from "./pause.ts";
import type { RunContext } from "./run_context.ts";
import type { Pacer } from "./pacer.ts";

/** Who sends where, and how often. */
export interface SenderOptions {
  readonly name: string;
  readonly privateToken: string;
  readonly channels: readonly string[];
  /** From one message to a channel to the next, in ms. */
  readonly interval: number;
  readonly tempo: Pacer;
}

/** A send that is not answered within so many ms is repeated. */
const PATIENCE = 2_000;

/** Who is behind by more than so many ms lets messages go rather than to send them all at once. */
const ARREARS = 5_000;

/** A failed send is repeated after at most so many ms. */
const LONGEST_REST = 200;

/** Sends numbered messages to its channels, each with a key, and each until it is answered. */
export class Sender {
  readonly #options: SenderOptions;
  readonly #stage: RunContext;
  readonly #api: Api;

  constructor(options: SenderOptions, stage: RunContext) {
    this.#options = options;
    this.#stage = stage;
    this.#api = new Api({ url: stage.url, privateToken: options.privateToken });
  }

  /** Sends until `end` aborts; resolves when the last messages have been answered, or when the run is over. */
  async run(end: AbortSignal): Promise<void> {
    await Promise.all(this.#options.channels.map((channel) => this.#sendTo(channel, end)));
  }

  async #sendTo(channel: string, end: AbortSignal): Promise<void> {
    const { name, interval, tempo } = this.#options;
    const chance = new SeededRandom(this.#stage.seed, `${name}/${channel}`);
    let due = performance.now() + chance.between(0, interval);
    for (let n = 1; !end.aborted; n++) {
      await tempo.rest(due - performance.now(), end);
      if (end.aborted) return;
      due = Math.max(due + interval, performance.now() - ARREARS);
      const body = { channel, data: { sender: name, n }, key: randomKey() };
      if (!await this.#deliver(body, n, chance)) return;
    }
  }

  /** Whether the message was taken. */
  async #deliver(body: SendRequest, n: number, chance: SeededRandom): Promise<boolean> {
    const { faults, checker } = this.#stage;
    checker.sent();
    if (faults.draw(chance, ["twin-send"]) === undefined) return await this.#persist(body, n);
    faults.count("twin-send");
    const twins = await Promise.all([this.#persist(body, n), this.#persist(body, n)]);
    return twins.every((isTaken) => isTaken);
  }

  async #persist(body: SendRequest, n: number): Promise<boolean> {
    const { over, checker } = this.#stage;
    const request = { method: "POST", path: "api/messages", body, isReply: isMessage } as const;
    const { channel } = body;
    while (!over.aborted) {
      try {
        const { id } = await this.#api.request({ ...request, timeoutMs: PATIENCE, signal: over });
        const sender = this.#options.name;
        checker.acknowledge({ id, channel, sender, n }, performance.now());
        return true;
      } catch (error) {
        if (isFinal(error)) return this.#giveUp(error);
        await pause(retryAfterOf(error) || Math.random() * LONGEST_REST, over);
      }
    }
    return false;
  }

  #giveUp(error: Error): false {
    this.#stage.remark(`${this.#options.name} was refused: ${error.message}`);
    return false;
  }
}
