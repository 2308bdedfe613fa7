import { isPollReply } from "./answers.ts";
import { type Api, TimeoutError } from "./api.ts";
import { Backoff } from "./backoff.ts";
import type { ConnectionState, StopReason } from "./connection_state.ts";
import { askedPause, type HalleyError, isFinal } from "./halley_error.ts";
import { isOffline, pageState, watchPage } from "./page_life.ts";
import type { Pauses } from "./pauses.ts";
import type { PollReply, PollRequest } from "../../server/wire.ts";

/** The longest hold that a server grants, and so the longest that an answer may be away when none is asked for. */
const LONGEST_HOLD = 55_000;
/** The hold while it is not known whether the server is there: to know it soon. */
const PROBING_HOLD = 1_000;
/** How much later than its hold a poll may be answered. */
const GRACE = 10_000;
/** Changes of visibility are told at most this often. */
const VISIBILITY_INTERVAL = 1_000;

/** What a loop is given. */
export interface PollLoopOptions {
  readonly api: Api;
  readonly pauses: Pauses;
  readonly tab: string;
  readonly cursor: string | undefined;
  readonly hold: number | undefined;
  /** Asked before each poll. */
  readonly channels: () => readonly string[];
  /** Called with each reply before the cursor is moved. */
  readonly onReply: (reply: PollReply) => void;
  readonly onCursor: (cursor: string) => void;
  readonly onState: (state: ConnectionState) => void;
}

/** Polls one after the other, and never two at once. Knows when to poll again, and nothing of messages. */
export class PollLoop {
  readonly #options: PollLoopOptions;
  readonly #backoff = new Backoff();
  #state: ConnectionState = { name: "stopped", reason: "asked" };
  #cursor: string | undefined;
  #turn = 0;
  #page: Disposable | undefined;
  #run: AbortController | undefined;
  #poll = new AbortController();
  #startedAt = 0;
  #told: PollRequest["state"];
  #visibilityTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(options: PollLoopOptions) {
    this.#options = options;
    this.#cursor = options.cursor;
  }

  get state(): ConnectionState {
    return this.#state;
  }

  get cursor(): string | undefined {
    return this.#cursor;
  }

  start(): void {
    if (this.#page) return;
    this.#page = watchPage({
      onNetwork: () => this.#doubt(),
      onVisibility: () => this.#noticeVisibility(),
      onLeave: () => this.#suspend(),
      onReturn: () => this.#resume(),
    });
    this.#say({ name: "connecting" });
    this.#resume();
  }

  stop(reason: StopReason, problem?: HalleyError): void {
    if (!this.#page) return;
    this.#page[Symbol.dispose]();
    this.#page = undefined;
    this.#suspend();
    this.#say({ name: "stopped", reason, ...(problem && { problem }) });
  }

  /** Gives up the poll that is parked, and polls again at once from the same place. A pause is not cut short. */
  pollAgain(): void {
    this.#poll.abort();
  }

  #suspend(): void {
    clearTimeout(this.#visibilityTimer);
    this.#run?.abort();
    this.#run = undefined;
    this.#poll.abort();
  }

  #resume(): void {
    if (this.#run) return;
    this.#run = new AbortController();
    this.#go(this.#run.signal);
  }

  async #go(run: AbortSignal): Promise<void> {
    while (!run.aborted) await this.#pollOnce(run);
  }

  async #pollOnce(run: AbortSignal): Promise<void> {
    const poll = this.#poll = new AbortController();
    try {
      const reply = await this.#ask(poll.signal);
      if (!run.aborted) await this.#obey(reply, run);
    } catch (error) {
      if (!poll.signal.aborted) await this.#recover(error, run);
    }
  }

  #ask(signal: AbortSignal): Promise<PollReply> {
    const { api, tab, channels } = this.#options;
    const isKnown = this.#state.name === "connected";
    const hold = isKnown ? this.#options.hold : PROBING_HOLD;
    this.#startedAt = Date.now();
    this.#turn = Math.max(this.#turn + 1, this.#startedAt);
    this.#told = pageState();
    const body: PollRequest = {
      channels: channels(),
      tab,
      turn: this.#turn,
      state: this.#told,
      ...(this.#cursor !== undefined && { cursor: this.#cursor }),
      ...(hold !== undefined && { hold }),
    };
    const within = (hold ?? LONGEST_HOLD) + GRACE;
    const path = "api/poll";
    return api.ask({ method: "POST", path, body, isAnswer: isPollReply, within, signal });
  }

  async #obey(reply: PollReply, run: AbortSignal): Promise<void> {
    if (reply.outcome === "cancelled") return this.stop(reply.reason ?? "superseded");
    this.#options.onReply(reply);
    this.#cursor = reply.cursor;
    this.#options.onCursor(reply.cursor);
    if (run.aborted) return;
    this.#backoff.reset();
    this.#say({ name: "connected" });
    if (reply.retryAfter > 0) await this.#rest(reply.retryAfter, { asked: true, run });
  }

  async #recover(error: unknown, run: AbortSignal): Promise<void> {
    if (isFinal(error)) return this.stop(error.status === 401 ? "signed_out" : "refused", error);
    // It took its time already.
    if (error instanceof TimeoutError) return this.#say({ name: "connecting" });
    const asked = askedPause(error);
    await this.#rest(asked + this.#backoff.next(), { asked: asked > 0, run });
  }

  async #rest(
    milliseconds: number,
    { asked, run }: { readonly asked: boolean; readonly run: AbortSignal },
  ): Promise<void> {
    const name = isOffline() ? "offline" : "waiting";
    this.#say({ name, until: Date.now() + milliseconds });
    await this.#options.pauses.pause(milliseconds, { signal: run, asked });
    if (!run.aborted) this.#say({ name: "connecting" });
  }

  /** The parked poll may hang on a connection that is no more. */
  #doubt(): void {
    this.#say({ name: "connecting" });
    this.#options.pauses.endOwn();
    this.pollAgain();
  }

  #noticeVisibility(): void {
    clearTimeout(this.#visibilityTimer);
    const since = Math.max(0, Date.now() - this.#startedAt);
    if (since >= VISIBILITY_INTERVAL) return this.#tellVisibility();
    const tell = () => this.#tellVisibility();
    this.#visibilityTimer = setTimeout(tell, VISIBILITY_INTERVAL - since);
  }

  #tellVisibility(): void {
    const state = pageState();
    const hasSlept = Date.now() - this.#startedAt > (this.#options.hold ?? LONGEST_HOLD);
    if (hasSlept) return this.#doubt();
    if (state === "active") this.#options.pauses.endOwn();
    if (state !== this.#told) this.pollAgain();
  }

  #say(state: ConnectionState): void {
    if (state.name === this.#state.name && !("until" in state)) return;
    this.#state = state;
    this.#options.onState(state);
  }
}
