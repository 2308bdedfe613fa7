import { CometClient } from "../../../client/comet/comet_client.ts";
import type { ConnectionState } from "../../../client/comet/connection_state.ts";
import { delay } from "../../base/delay.ts";
import type { Message } from "../../protocol/message.ts";
import { parseNumbered } from "./checker.ts";
import type { Fault } from "./faults.ts";
import type { Reader, ReaderOptions, RunContext } from "./run_context.ts";
import { SeededRandom } from "./seeded_random.ts";

/** The faults that this reader injects. */
const FAULTS: readonly Fault[] = ["abort", "away", "reload", "token"];

/** How often (ms) it decides on one. The weight compensates for deciding less often than once per poll. */
const INTERVAL = 500;
const WEIGHT = 3;

/** A room without senders: joining or leaving it makes the client poll again. */
const EMPTY_ROOM = "room:soak-empty";

/** Reads with the client library, as an application does. */
export class ClientReader implements Reader {
  readonly #options: ReaderOptions;
  readonly #context: RunContext;
  readonly #random: SeededRandom;
  readonly #entered = Promise.withResolvers<void>();
  #token: string;
  #cursor: string | undefined;
  #client: CometClient;

  static async open(options: ReaderOptions, context: RunContext): Promise<ClientReader> {
    return new ClientReader(options, context, await options.user.newToken());
  }

  private constructor(options: ReaderOptions, context: RunContext, token: string) {
    this.#options = options;
    this.#context = context;
    this.#random = new SeededRandom(context.seed, options.name);
    this.#token = token;
    this.#cursor = options.cursor;
    if (options.cursor !== undefined) this.#entered.resolve();
    context.over.addEventListener("abort", () => this.#entered.resolve(), { once: true });
    this.#client = this.#open();
  }

  get cursor(): string | undefined {
    return this.#cursor;
  }

  async enter(): Promise<void> {
    this.#client.startWaiting();
    await this.#entered.promise;
  }

  async run(): Promise<void> {
    const { faults, over } = this.#context;
    while (!over.aborted) {
      await delay(INTERVAL, over);
      const fault = faults.draw(this.#random, FAULTS, WEIGHT);
      if (fault === undefined) continue;
      faults.count(fault);
      await this.#inject(fault);
    }
    this.#client[Symbol.dispose]();
  }

  hurry(): void {
    this.#client.tryNow();
  }

  async #inject(fault: Fault): Promise<void> {
    if (fault === "abort") return this.#pollAgain();
    if (fault === "token") this.#token = await this.#options.user.newToken();
    if (fault === "reload" || fault === "token") return this.#reload();
    this.#client.stopWaiting();
    await delay(this.#random.between(1_000, 5_000), this.#context.faults.signal);
    this.#client.startWaiting();
  }

  #pollAgain(): void {
    if (this.#client.channels.includes(EMPTY_ROOM)) this.#client.leave(EMPTY_ROOM);
    else this.#client.join(EMPTY_ROOM);
  }

  #reload(): void {
    this.#client[Symbol.dispose]();
    this.#client = this.#open();
    this.#client.startWaiting();
  }

  #open(): CometClient {
    const { user, record, rooms: channels, tab, hold } = this.#options;
    const { url, checker } = this.#context;
    const client = new CometClient({
      ...{ url, privateToken: this.#token, channels, tab, hold },
      ...(user.tokensExpire && { getToken: () => user.newToken() }),
      ...(this.#cursor !== undefined && { cursor: this.#cursor }),
    });
    client.on("message", (message) => this.#onMessage(message));
    client.on("change", (change) => checker.onChange(record, change));
    client.on("gap", () => checker.onGap(record));
    client.on("cursor", (cursor) => this.#onCursor(cursor));
    client.on("state", (state) => this.#onState(state));
    return client;
  }

  #onMessage(message: Message): void {
    const numbered = parseNumbered(message);
    const { checker } = this.#context;
    if (numbered) checker.onReceived(this.#options.record, numbered, performance.now());
  }

  #onCursor(cursor: string): void {
    this.#cursor = cursor;
    this.#entered.resolve();
  }

  #onState(state: ConnectionState): void {
    if (state.name !== "stopped" || state.reason === "asked") return;
    const reason = [state.reason, state.problem?.message].filter((part) => part).join(": ");
    this.#context.checker.onStopped(`${this.#options.name} stopped: ${reason}`);
    this.#entered.resolve();
  }
}
