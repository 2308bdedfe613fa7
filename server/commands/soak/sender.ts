import { Api } from "../../../client/comet/api.ts";
import { randomKey } from "../../../client/comet/random_key.ts";
import { fromNow, hasPassed, later, LONG_AGO, msSince } from "../../base/clock.ts";
import { delay } from "../../base/delay.ts";
import { errorMessage } from "../../base/error_message.ts";
import { isMessage } from "../../protocol/guards.ts";
import type { SendRequest } from "../../protocol/requests.ts";
import { Changes } from "./changes.ts";
import type { RunContext } from "./run_context.ts";
import { SeededRandom } from "./seeded_random.ts";
import { RESPONSE_TIMEOUT, untilAnswered } from "./until_answered.ts";
import type { User } from "./users.ts";

/** What a sender sends to, as whom, and how often. */
export interface SenderOptions {
  readonly name: string;
  readonly user: User;
  readonly channels: readonly string[];
  /** Time between two messages to a channel, in ms. */
  readonly interval: number;
  readonly pacer: Pacer;
}

/** A sender that is late by more than this (ms) skips messages, instead of sending all of them at once. */
const MAX_LATENESS = 5_000;

/** Sends numbered messages to its channels, each with a key and with retries until the server responds. */
export class Sender {
  readonly #options: SenderOptions;
  readonly #context: RunContext;
  /** Two devices of the user, each with its own token. */
  readonly #apis: readonly [Api, Api];
  readonly #changes: Changes;

  static async open(options: SenderOptions, context: RunContext): Promise<Sender> {
    const { user } = options;
    const openApi = async () =>
      new Api({
        url: context.url,
        privateToken: await user.newToken(),
        ...(user.tokensExpire && { getToken: () => user.newToken() }),
      });
    return new Sender(options, context, [await openApi(), await openApi()]);
  }

  private constructor(
    options: SenderOptions,
    context: RunContext,
    apis: readonly [Api, Api],
  ) {
    this.#options = options;
    this.#context = context;
    this.#apis = apis;
    this.#changes = new Changes(apis[0], context);
  }

  /** Sends until `end` is aborted. Resolves when the server has responded to the last messages, or the run is over. */
  async run(end: AbortSignal): Promise<void> {
    await Promise.all(this.#options.channels.map((channel) => this.#sendTo(channel, end)));
    await this.#changes.end();
  }

  async #sendTo(channel: string, end: AbortSignal): Promise<void> {
    const { name, interval, pacer } = this.#options;
    const random = new SeededRandom(this.#context.seed, `${name}/${channel}`);
    let due = fromNow(random.between(0, interval));
    for (let n = 1; !end.aborted; n++) {
      await pacer.wait(-msSince(due), end);
      if (end.aborted) return;
      const earliest = fromNow(-MAX_LATENESS);
      due = later(due, interval) > earliest ? later(due, interval) : earliest;
      const body = { channel, data: { sender: name, n }, key: randomKey() };
      if (!await this.#sendMessage(body, n, random)) return;
    }
  }

  /** Returns whether the server accepted the message. */
  async #sendMessage(body: SendRequest, n: number, random: SeededRandom): Promise<boolean> {
    const { faults, checker } = this.#context;
    const [first] = this.#apis;
    checker.onSent();
    const isTwin = faults.draw(random, ["twin-send"]) !== undefined;
    if (isTwin) faults.count("twin-send");
    const apis = isTwin ? this.#apis : [first];
    const [id, ...others] = await Promise.all(apis.map((api) => this.#retry(body, n, api)));
    if (id === undefined || others.includes(undefined)) return false;
    const { channel } = body;
    this.#changes.begin({ id, channel, sender: this.#options.name, n }, random);
    return true;
  }

  /** Returns the id of the message; `undefined` if it was given up. */
  async #retry(body: SendRequest, n: number, api: Api): Promise<number | undefined> {
    const { over, checker } = this.#context;
    const { name: sender } = this.#options;
    const sentAt = performance.now();
    const options = { timeoutMs: RESPONSE_TIMEOUT, signal: over } as const;
    const request = { method: "POST", path: "api/messages", body, isReply: isMessage } as const;
    const { channel } = body;
    try {
      const message = await untilAnswered(() => api.request({ ...request, ...options }), over);
      if (message === undefined) return undefined;
      checker.onAcknowledged({ id: message.id, channel, sender, n }, performance.now(), sentAt);
      return message.id;
    } catch (error) {
      checker.onStopped(`${sender} gave a message up: ${errorMessage(error)}`);
      return undefined;
    }
  }
}

/** Delays the senders of a run, and lets them all send at full speed for a while. */
export class Pacer {
  #burst = new AbortController();
  #burstEnd = LONG_AGO;

  /** Resolves after `ms`, or at once during a burst. */
  wait(ms: number, signal: AbortSignal): Promise<void> {
    if (!hasPassed(this.#burstEnd)) return delay(0, signal);
    const wait = delay(ms, this.#burst.signal);
    return signal.aborted ? Promise.resolve() : wait;
  }

  /** Makes all senders send without delays for `ms`. */
  burst(ms: number): void {
    this.#burstEnd = fromNow(ms);
    this.endWaits();
  }

  /** Ends all current waits. */
  endWaits(): void {
    this.#burst.abort();
    this.#burst = new AbortController();
  }
}
