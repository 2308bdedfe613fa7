import { isPollReply } from "../../server/protocol/guards.ts";
import { HOLD } from "../../server/protocol/limits.ts";
import { TimeoutError } from "./abort.ts";
import {
  type ConnectionState,
  isSameState,
  type StopReason,
  stopReasonOf,
} from "./connection_state.ts";
import { HoldSlot } from "./cross_tab/hold_slot.ts";
import { Backoff, type Delay } from "./delays.ts";
import { HalleyError, isFinal } from "./halley_error.ts";
import { HeartbeatWatch } from "./heartbeat_watch.ts";
import { HoldLimit } from "./hold_limit.ts";
import { isOffline, watchPage } from "./page_lifecycle.ts";
import type { Timer } from "./platform.ts";
import { readingOf } from "./rooms.ts";
import type { Reader, ReaderOptions } from "./reader.ts";
import type { Turns } from "./turns.ts";
import type { PollReply } from "../../server/protocol/replies.ts";
import type { PollRequest } from "../../server/protocol/requests.ts";

/** The hold of a poll that finds out whether the server can be reached, or a room be read: it is answered at once. */
const PROBE_HOLD = 0;

/** Delay in ms between the polls of a loop that has no slot to hold them. */
const UNHELD_INTERVAL = 2_000;

/** How much longer than its hold a poll may take, in ms. */
const GRACE = 10_000;

/** Delay in ms before a poll that another tab of this browser has superseded is sent again. */
const SUPERSEDED_DELAY = 1_000;

/** Minimum time in ms between polls that report a change of presence. */
const PRESENCE_INTERVAL = 1_000;

/** A poll that was sent. */
export interface SentPoll {
  readonly cursor: string | undefined;
  readonly channels: readonly string[];
  readonly presence: PollRequest["state"];
  /** When it was sent: Unix time in ms. */
  readonly at: number;
}

export interface PollLoopOptions extends Omit<ReaderOptions, "onUpdate"> {
  readonly tab: string;
  readonly turns: Turns;
  /** Whether the user can see the messages; called before each poll. */
  readonly presence: () => "active" | "background";
  /** Called with each reply before the cursor moves. */
  readonly onReply: (reply: PollReply, poll: SentPoll) => void;
}

/**
 * Sends one poll after another, never two at once, and moves its cursor with each reply. Decides when to send the next
 * poll; does not know what to do with messages. Transitions of `state`:
 *
 * - `stopped` to `connecting`: `start()`. Polls are not held, so that the state is soon known.
 * - `connecting` to `connected`: the server has replied. Polls are held from now on.
 * - `connected` to `connecting`: the poll has timed out, the network has changed or the computer has slept. The
 *   connection may be dead, so the poll is replaced by one that is not held.
 * - `connecting` or `connected` to `waiting` or `offline`: the poll has failed, or the server asks to wait.
 * - `waiting` or `offline` to `connecting`: the delay is over or was skipped.
 * - any to `stopped`: `stop()`, a final error, or the server has cancelled the poll.
 *
 * A poll that names new rooms is not held either, and none is while other pages of the browser hold as many as its
 * connections allow (`HoldSlot`): there is a delay between them instead.
 *
 * While the page is frozen no poll is sent, and the state does not change.
 */
export class PollLoop implements Reader, Disposable {
  readonly #options: PollLoopOptions;
  readonly #backoff: Backoff;
  readonly #holdLimit: HoldLimit;
  readonly #heartbeats: HeartbeatWatch;
  #state: ConnectionState = { name: "stopped", reason: "asked" };
  #cursor: string | undefined;
  /** Defined unless stopped. */
  #page: Disposable | undefined;
  /** Ends the loop. Defined unless stopped, or the page is frozen. */
  #run: AbortController | undefined;
  /** Defined as long as `#run`. */
  #slot: HoldSlot | undefined;
  /** Abandons the current poll; the loop goes on. */
  #abandon = new AbortController();
  #lastPoll: SentPoll;
  /** The rooms that every poll since an answered one has named. */
  #answered: ReadonlySet<string> = new Set();
  #presenceTimer: Timer | undefined;

  constructor(options: PollLoopOptions) {
    this.#options = options;
    this.#backoff = new Backoff(options.platform);
    this.#holdLimit = new HoldLimit(options.platform);
    this.#heartbeats = new HeartbeatWatch(options.settings);
    this.#cursor = options.cursor;
    this.#lastPoll = { cursor: options.cursor, channels: [], presence: undefined, at: 0 };
  }

  get state(): ConnectionState {
    return this.#state;
  }

  get cursor(): string | undefined {
    return this.#cursor;
  }

  start(): void {
    if (this.#page) return;
    this.#page = watchPage(this.#options.platform, {
      onNetwork: () => this.#reconnect(),
      onVisibility: () => this.updatePresence(),
      onLeave: () => this.#suspend(),
      onReturn: () => this.#resume(),
    });
    this.#setState({ name: "connecting" });
    this.#resume();
  }

  stop(reason: StopReason, problem?: HalleyError): void {
    if (!this.#page) return;
    this[Symbol.dispose]();
    this.#setState({ name: "stopped", reason, ...(problem && { problem }) });
  }

  /** Replaces a parked poll by one with the same cursor and the current channels. Does not skip a delay. */
  changeChannels(): void {
    this.#abandon.abort();
  }

  tryNow(): void {
    this.#options.delays.skipAll();
  }

  /** Reports the presence to the server if it has changed; at once, or when the last poll was a second ago. */
  updatePresence(): void {
    this.#options.platform.clearTimeout(this.#presenceTimer);
    const sinceLastPoll = Math.max(0, this.#now() - this.#lastPoll.at);
    if (sinceLastPoll >= PRESENCE_INTERVAL) return this.#reportPresence();
    const report = () => this.#reportPresence();
    this.#presenceTimer = this.#options.platform.setTimeout(
      report,
      PRESENCE_INTERVAL - sinceLastPoll,
    );
  }

  /** Stops without a change of state. */
  [Symbol.dispose](): void {
    this.#page?.[Symbol.dispose]();
    this.#page = undefined;
    this.#suspend();
  }

  #suspend(): void {
    this.#options.platform.clearTimeout(this.#presenceTimer);
    this.#run?.abort();
    this.#run = undefined;
    this.#slot?.[Symbol.dispose]();
    this.#slot = undefined;
    this.#abandon.abort();
  }

  #resume(): void {
    if (this.#run) return;
    this.#run = new AbortController();
    this.#slot = new HoldSlot(this.#options.platform, () => this.#options.delays.skipOptional());
    this.#pollRepeatedly(this.#run.signal);
  }

  async #pollRepeatedly(run: AbortSignal): Promise<void> {
    while (!run.aborted) await this.#pollOnce(run);
  }

  async #pollOnce(run: AbortSignal): Promise<void> {
    const { signal } = this.#abandon = new AbortController();
    try {
      const reply = await this.#poll(signal);
      if (!run.aborted) await this.#onReply(reply, run);
    } catch (error) {
      if (!signal.aborted) await this.#onFailure(error, run);
    }
  }

  #poll(signal: AbortSignal): Promise<PollReply> {
    const { api, tab, turns, hold: requestedHold } = this.#options;
    const cursor = this.#cursor;
    const channels = this.#options.channels();
    // The server names the rooms that it refuses in its reply, which a hold would delay.
    const answered = channels.filter((channel) => this.#answered.has(channel));
    const isProbe = this.#state.name !== "connected" || answered.length < channels.length;
    this.#answered = new Set(answered);
    const hold = isProbe || !this.#slot?.isHeld ? PROBE_HOLD : this.#holdLimit.apply(requestedHold);
    const presence = this.#options.presence();
    this.#lastPoll = { cursor, channels, presence, at: this.#now() };
    const body: PollRequest = {
      ...readingOf(channels),
      tab,
      turn: turns.next(),
      state: presence,
      ...(cursor !== undefined && { cursor }),
      ...(hold !== undefined && { hold }),
    };
    const timeoutMs = (hold ?? HOLD.max) + GRACE;
    return api.request({
      method: "POST",
      path: "api/poll",
      body,
      isReply: isPollReply,
      timeoutMs,
      signal,
      heartbeats: this.#heartbeats,
    });
  }

  async #onReply(reply: PollReply, run: AbortSignal): Promise<void> {
    if (reply.outcome === "cancelled") return await this.#onCancelled(reply, run);
    this.#answered = new Set(this.#lastPoll.channels);
    this.#options.onReply(reply, this.#lastPoll);
    this.#cursor = reply.cursor;
    this.#options.onCursor(reply.cursor);
    // A listener may have stopped the loop.
    if (run.aborted) return;
    this.#backoff.reset();
    this.#setState({ name: "connected" });
    const ms = reply.retryAfter;
    if (ms > 0) return await this.#wait({ ms, isMandatory: true }, run);
    if (this.#slot?.isHeld || reply.more) return;
    const pause = { ms: UNHELD_INTERVAL, isMandatory: false };
    await this.#options.delays.wait(pause, this.#abandon.signal);
  }

  async #onCancelled({ reason = "superseded" }: PollReply, run: AbortSignal): Promise<void> {
    // Two tabs of a browser can poll at the same time for a moment. By the next poll one of them leads.
    const isOwnBrowser = reason === "superseded" && this.#options.turns.isOvertaken;
    if (!isOwnBrowser) return this.stop(reason);
    await this.#options.delays.wait({ ms: SUPERSEDED_DELAY, isMandatory: true }, run);
  }

  async #onFailure(error: unknown, run: AbortSignal): Promise<void> {
    if (isFinal(error)) return this.stop(stopReasonOf(error), error);
    // The time is spent already: no further delay.
    if (error instanceof TimeoutError) return this.#setState({ name: "connecting" });
    this.#holdLimit.onFailure(error, this.#lastPoll.at);
    await this.#wait(this.#backoff.delayAfter(error), run, error);
  }

  async #wait(delay: Delay, run: AbortSignal, error?: unknown): Promise<void> {
    const name = isOffline(this.#options.platform) ? "offline" : "waiting";
    const problem = error instanceof HalleyError ? { problem: error } : {};
    this.#setState({ name, until: this.#now() + delay.ms, ...problem });
    await this.#options.delays.wait(delay, run);
    if (!run.aborted) this.#setState({ name: "connecting" });
  }

  /** Replaces the parked poll, whose connection may be dead, by one that is answered at once. */
  #reconnect(): void {
    this.#setState({ name: "connecting" });
    this.#options.delays.skipOptional();
    this.#abandon.abort();
  }

  #reportPresence(): void {
    const presence = this.#options.presence();
    const hasSlept = this.#now() - this.#lastPoll.at > (this.#options.hold ?? HOLD.max);
    if (hasSlept) return this.#reconnect();
    if (presence === "active") this.#options.delays.skipOptional();
    if (presence !== this.#lastPoll.presence) this.#abandon.abort();
  }

  #now(): number {
    return this.#options.platform.Date.now();
  }

  #setState(state: ConnectionState): void {
    if (isSameState(state, this.#state)) return;
    this.#state = state;
    this.#options.onState(state);
  }
}
