import { isPollReply } from "../../server/protocol/guards.ts";
import { TimeoutError } from "./api.ts";
import { Backoff } from "./backoff.ts";
import { type ConnectionState, isSame, type StopReason, stopReasonOf } from "./connection_state.ts";
import { askedPause, type HalleyError, isFinal } from "./halley_error.ts";
import { isOffline, watchPage } from "./page_lifecycle.ts";
import type { Reader, ReaderOptions } from "./reader.ts";
import type { Turns } from "./turns.ts";
import type { PollReply } from "../../server/protocol/replies.ts";
import type { PollRequest } from "../../server/protocol/requests.ts";

/** The longest hold that a server grants, and so the longest that an answer may be away when none is asked for. */
const LONGEST_HOLD = 55_000;
/** The hold while it is not known whether the server is there: to know it at once. */
const PROBING_HOLD = 0;
/** How much later than its hold a poll may be answered. */
const GRACE = 10_000;
/** How long to leave the turn to another reader in this browser that has taken it. */
const YIELDING = 1_000;
/** Changes of presence are told at most this often. */
const PRESENCE_INTERVAL = 1_000;

/** How a poll was asked for. */
export interface Asking {
  readonly cursor: string | undefined;
  readonly channels: readonly string[];
  /** In Unix time. */
  readonly at: number;
}

/** What a loop is given. */
export interface PollLoopOptions extends Omit<ReaderOptions, "onNews"> {
  readonly tab: string;
  readonly turns: Turns;
  /** Whether somebody looks at what is read; asked before each poll. */
  readonly presence: () => "active" | "background";
  /** Called with each reply before the cursor is moved. */
  readonly onReply: (reply: PollReply, asking: Asking) => void;
}

/** Polls one after the other, and never two at once. Knows when to poll again, and nothing of messages. */
export class PollLoop implements Reader, Disposable {
  readonly #options: PollLoopOptions;
  readonly #backoff = new Backoff();
  #state: ConnectionState = { name: "stopped", reason: "asked" };
  #cursor: string | undefined;
  #page: Disposable | undefined;
  #run: AbortController | undefined;
  #poll = new AbortController();
  #asking: Asking;
  #told: PollRequest["state"];
  #presenceTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(options: PollLoopOptions) {
    this.#options = options;
    this.#cursor = options.cursor;
    this.#asking = { cursor: options.cursor, channels: [], at: 0 };
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
      onVisibility: () => this.noticePresence(),
      onLeave: () => this.#suspend(),
      onReturn: () => this.#resume(),
    });
    this.#say({ name: "connecting" });
    this.#resume();
  }

  stop(reason: StopReason, problem?: HalleyError): void {
    if (!this.#page) return;
    this[Symbol.dispose]();
    this.#say({ name: "stopped", reason, ...(problem && { problem }) });
  }

  /** Gives up the poll that is parked, and polls again at once from the same place. A pause is not cut short. */
  changeChannels(): void {
    this.#poll.abort();
  }

  tryNow(): void {
    this.#options.pauses.endAll();
  }

  /** Tells the server, soon, whether somebody looks at what is read. */
  noticePresence(): void {
    clearTimeout(this.#presenceTimer);
    const since = Math.max(0, Date.now() - this.#asking.at);
    if (since >= PRESENCE_INTERVAL) return this.#tellPresence();
    const tell = () => this.#tellPresence();
    this.#presenceTimer = setTimeout(tell, PRESENCE_INTERVAL - since);
  }

  /** Stops without a word. */
  [Symbol.dispose](): void {
    this.#page?.[Symbol.dispose]();
    this.#page = undefined;
    this.#suspend();
  }

  #suspend(): void {
    clearTimeout(this.#presenceTimer);
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
    const { api, tab, turns } = this.#options;
    const isKnown = this.#state.name === "connected";
    const hold = isKnown ? this.#options.hold : PROBING_HOLD;
    const cursor = this.#cursor;
    const channels = this.#options.channels();
    this.#asking = { cursor, channels, at: Date.now() };
    this.#told = this.#options.presence();
    const body: PollRequest = {
      channels,
      tab,
      turn: turns.next(),
      state: this.#told,
      ...(cursor !== undefined && { cursor }),
      ...(hold !== undefined && { hold }),
    };
    const within = (hold ?? LONGEST_HOLD) + GRACE;
    const path = "api/poll";
    return api.ask({ method: "POST", path, body, isAnswer: isPollReply, within, signal });
  }

  async #obey(reply: PollReply, run: AbortSignal): Promise<void> {
    if (reply.outcome === "cancelled") return await this.#yield(reply, run);
    this.#options.onReply(reply, this.#asking);
    this.#cursor = reply.cursor;
    this.#options.onCursor(reply.cursor);
    if (run.aborted) return;
    this.#backoff.reset();
    this.#say({ name: "connected" });
    if (reply.retryAfter > 0) await this.#rest(reply.retryAfter, { asked: true, run });
  }

  async #yield({ reason = "superseded" }: PollReply, run: AbortSignal): Promise<void> {
    // Another reader of this browser polls too, for a moment: whoever is to, will be known by then.
    const isOurs = reason === "superseded" && this.#options.turns.isPassed;
    if (!isOurs) return this.stop(reason);
    await this.#options.pauses.pause(YIELDING, { signal: run, asked: true });
  }

  async #recover(error: unknown, run: AbortSignal): Promise<void> {
    if (isFinal(error)) return this.stop(stopReasonOf(error), error);
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
    this.changeChannels();
  }

  #tellPresence(): void {
    const presence = this.#options.presence();
    const hasSlept = Date.now() - this.#asking.at > (this.#options.hold ?? LONGEST_HOLD);
    if (hasSlept) return this.#doubt();
    if (presence === "active") this.#options.pauses.endOwn();
    if (presence !== this.#told) this.changeChannels();
  }

  #say(state: ConnectionState): void {
    if (isSame(state, this.#state)) return;
    this.#state = state;
    this.#options.onState(state);
  }
}
