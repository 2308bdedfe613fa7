import { LinkedAbortController, TimeoutError } from "../../../client/comet/abort.ts";
import {
  HalleyError,
  isFinal,
  readError,
  retryAfterOf,
} from "../../../client/comet/halley_error.ts";
import { wallNow } from "../../base/clock.ts";
import { delay } from "../../base/delay.ts";
import { isPollReply } from "../../protocol/guards.ts";
import type { PollReply } from "../../protocol/replies.ts";
import { parseNumbered } from "./checker.ts";
import type { Fault } from "./faults.ts";
import type { Reader, ReaderOptions, RunContext } from "./run_context.ts";
import { SeededRandom } from "./seeded_random.ts";

/** The faults that this reader injects. */
const FAULTS: readonly Fault[] = [
  "abort",
  "late",
  "twin-poll",
  "slow",
  "away",
  "forget",
  "token",
];

/** This header asks the proxy to hold a request back until the client has given it up. */
export const HOLD_BACK = { name: "x-soak", value: "late" } as const;

/** A poll is aborted this long (ms) after its hold. */
const GRACE = 3_000;

/** Maximum time (ms) before a failed poll is repeated. */
const MAX_RETRY_DELAY = 250;

/** How to send a poll. */
interface PollOptions {
  /** Abort it after this time, in ms. */
  readonly abortAfter?: number;
  readonly isSlow?: boolean;
  readonly isHeldBack?: boolean;
}

/**
 * Reads exactly as docs/API.md tells clients to: it accepts only complete replies, stores nothing but its cursor, and
 * does not remove duplicates. So it sees exactly what the server sends, where the client library would hide a duplicate.
 */
export class StrictReader implements Reader {
  readonly #options: ReaderOptions;
  readonly #context: RunContext;
  readonly #random: SeededRandom;
  #token: string;
  #cursor: string | undefined;
  #turn = wallNow();
  #isStopped = false;

  static async open(options: ReaderOptions, context: RunContext): Promise<StrictReader> {
    return new StrictReader(options, context, await options.user.newToken());
  }

  private constructor(options: ReaderOptions, context: RunContext, token: string) {
    this.#options = options;
    this.#context = context;
    this.#random = new SeededRandom(context.seed, options.name);
    this.#token = token;
    this.#cursor = options.cursor;
  }

  get cursor(): string | undefined {
    return this.#cursor;
  }

  async enter(): Promise<void> {
    const { over } = this.#context;
    while (this.#cursor === undefined && !this.#isStopped && !over.aborted) {
      this.#onReply(await this.#poll());
    }
  }

  async run(): Promise<void> {
    const { faults, over } = this.#context;
    while (!over.aborted && !this.#isStopped) {
      const reply = await this.#pollWith(faults.draw(this.#random, FAULTS));
      this.#onReply(reply);
      if (reply !== undefined && reply.retryAfter > 0) await delay(reply.retryAfter, over);
    }
  }

  hurry(): void {}

  /** Polls with a fault. Returns the reply if the reader receives it. */
  #pollWith(fault: Fault | undefined): Promise<PollReply | undefined> {
    switch (fault) {
      case "abort":
        return this.#poll({ abortAfter: this.#random.between(2, 300) });
      case "late":
        return this.#poll({ abortAfter: this.#random.between(20, 200), isHeldBack: true });
      case "twin-poll":
        return this.#pollTwice();
      case "slow":
        return this.#pollSlowly();
      case "away":
        return this.#pollAfterAbsence();
      case "forget":
        return this.#pollAndForget();
      case "token":
        return this.#pollWithAnotherToken();
      default:
        return this.#poll();
    }
  }

  /** Sends two polls of this tab at the same time. The one with the higher turn wins, whichever arrives first. */
  async #pollTwice(): Promise<PollReply | undefined> {
    const isInOrder = this.#random.next() < 0.5;
    const [low, high] = [++this.#turn, ++this.#turn];
    const first = this.#request(isInOrder ? low : high);
    const second = this.#request(isInOrder ? high : low);
    const [loser, winner] = isInOrder ? [first, second] : [second, first];
    this.#context.faults.count("twin-poll");
    loser.catch(() => {}); // Its result does not matter, nor does its error.
    return await this.#resultOf(winner);
  }

  async #pollSlowly(): Promise<PollReply | undefined> {
    const { faults } = this.#context;
    const wait = this.#random.between(100, 1_000);
    faults.count("slow");
    const reply = await this.#poll({ isSlow: true });
    await delay(wait, faults.signal);
    return reply;
  }

  async #pollAfterAbsence(): Promise<PollReply | undefined> {
    const { faults } = this.#context;
    faults.count("away");
    await delay(this.#random.between(1_000, 5_000), faults.signal);
    return await this.#poll();
  }

  async #pollAndForget(): Promise<undefined> {
    const reply = await this.#poll();
    if (reply !== undefined && reply.messages.length > 0) this.#context.faults.count("forget");
  }

  async #pollWithAnotherToken(): Promise<PollReply | undefined> {
    this.#token = await this.#options.user.newToken();
    this.#context.faults.count("token");
    return await this.#poll();
  }

  #poll(options: PollOptions = {}): Promise<PollReply | undefined> {
    return this.#resultOf(this.#request(++this.#turn, options), options);
  }

  /** Returns the reply. After an error, waits before the next poll, or stops the reader. */
  async #resultOf(
    request: Promise<PollReply>,
    { abortAfter, isHeldBack }: PollOptions = {},
  ): Promise<PollReply | undefined> {
    const { faults, over } = this.#context;
    try {
      const reply = await request;
      if (reply.outcome !== "cancelled") return reply;
      this.#stop(`its newest poll was cancelled (${reply.reason})`);
    } catch (error) {
      if (await this.#hasRenewedToken(error)) return;
      if (isFinal(error)) return void this.#stop(`its poll was rejected: ${error.message}`);
      if (abortAfter === undefined || !(error instanceof TimeoutError)) {
        return void await delay(retryAfterOf(error) || Math.random() * MAX_RETRY_DELAY, over);
      }
      // The proxy counts a poll that it has held back.
      if (!isHeldBack) faults.count("abort");
    }
  }

  async #hasRenewedToken(error: unknown): Promise<boolean> {
    const { user } = this.#options;
    const isExpired = error instanceof HalleyError && error.code === "token_expired";
    if (!user.tokensExpire || !isExpired) return false;
    this.#token = await user.newToken();
    return true;
  }

  /** Sends one poll. Throws the errors of `fetch`, a `HalleyError` if it is rejected, and a `TimeoutError` if it is late. */
  async #request(turn: number, options: PollOptions = {}): Promise<PollReply> {
    const { rooms: channels, tab, hold } = this.#options;
    const headers = {
      "content-type": "application/json",
      authorization: `Bearer ${this.#token}`,
      ...(options.isHeldBack && { [HOLD_BACK.name]: HOLD_BACK.value }),
    };
    const cursor = this.#cursor;
    const body = JSON.stringify({ channels, tab, turn, hold, ...(cursor && { cursor }) });
    const { url, over } = this.#context;
    using aborter = new LinkedAbortController(over);
    const ms = options.abortAfter ?? hold + GRACE;
    aborter.abortAfter(ms, "reply of the server", globalThis);
    const { signal } = aborter;
    const init = { method: "POST", headers, body, redirect: "manual", signal } as const;
    const response = await fetch(`${url}api/poll`, init);
    if (!response.ok) throw await readError(response);
    const reply = JSON.parse(await (options.isSlow ? readSlowly(response) : response.text()));
    if (!isPollReply(reply)) throw new Error("The reply to a poll is invalid");
    return reply;
  }

  #onReply(reply: PollReply | undefined): void {
    if (reply === undefined) return;
    const { checker } = this.#context;
    const { record } = this.#options;
    const now = performance.now();
    if (reply.gap) checker.onGap(record);
    for (const message of reply.messages) {
      const numbered = parseNumbered(message);
      if (numbered) checker.onReceived(record, numbered, now);
    }
    for (const change of reply.changes ?? []) checker.onChange(record, change);
    this.#cursor = reply.cursor;
  }

  #stop(reason: string): void {
    this.#isStopped = true;
    this.#context.checker.onStopped(`${this.#options.name} stopped: ${reason}`);
  }
}

async function readSlowly(response: Response): Promise<string> {
  let text = "";
  const body = response.body ?? new Blob().stream();
  for await (const part of body.pipeThrough(new TextDecoderStream())) {
    text += part;
    await delay(Math.random() * 100);
  }
  return text;
}
