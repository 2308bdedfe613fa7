import { isPollReply } from "../../../server/protocol/guards.ts";
import { Backoff } from "../backoff.ts";
import { askedPause, type HalleyError, isFinal } from "../halley_error.ts";
import { pageState } from "../page_lifecycle.ts";
import { randomKey } from "../random_key.ts";
import type { News, ReaderOptions } from "../reader.ts";
import { filteredUpdate } from "./filtered_update.ts";
import type { Lead } from "./tab_channel.ts";
import type { CancelReason, PollReply } from "../../../server/protocol/replies.ts";
import type { PollRequest } from "../../../server/protocol/requests.ts";

/** So many of the leader's words are kept during a poll of one's own. */
const KEPT = 100;

/** What a follower is given. */
export interface FollowerOptions
  extends Pick<ReaderOptions, "api" | "pauses" | "channels" | "cursor" | "onNews" | "onCursor"> {
  readonly onCancelled: (reason: CancelReason) => void;
  /** The server will not have its polls. */
  readonly onRefused: (error: HalleyError) => void;
}

/**
 * Reads along with a leader. What the leader passes on is taken only where it continues what this reader has: its own
 * cursor is the truth. Otherwise it asks the server itself, once, for all that it has missed.
 */
export class Follower {
  /** Up to here everything was given. */
  cursor: string | undefined;
  readonly #options: FollowerOptions;
  /** Catching up is no tab of its own for longer than a moment. */
  readonly #tab = randomKey();
  /** A place of the leader's up to which everything was given too, though one's own may be beyond. */
  #link: string | undefined;
  /** When that was so, in Unix time. */
  #linkedAt = 0;
  /** The place where the leader was current last. */
  #leaderAt: string | undefined;
  #catchingUp: AbortController | undefined;
  #kept: Lead[] = [];

  constructor(options: FollowerOptions) {
    this.#options = options;
    this.cursor = options.cursor;
  }

  /** Takes from a leader's word what continues the own place. */
  hear(lead: Lead): void {
    const signals = lead.news?.reply.signals ?? [];
    // They have no place in the log: who would not take them now would never get them.
    if (signals.length > 0) this.#give({ gap: false, messages: [], signals });
    this.#follow(lead);
  }

  /** To be called when the rooms to read are others. */
  changeChannels(): void {
    // What lies between the link and the own place was not asked for the new room.
    this.#link = undefined;
    if (this.#catchingUp) this.#catchUp();
  }

  /** Follows nobody, for now. */
  rest(): void {
    this.#endCatchingUp();
    this.#leaderAt = undefined;
  }

  #follow(lead: Lead): void {
    if (lead.isCurrent) this.#leaderAt = lead.cursor;
    if (this.cursor === undefined) return this.#adopt(lead);
    if (this.#continues(lead)) return this.#take(lead);
    if (this.#catchingUp) this.#keep(lead);
    else if (lead.isCurrent) this.#catchUp();
  }

  /** Who has no place yet reads from now on. */
  #adopt({ cursor, isCurrent }: Lead): void {
    if (isCurrent && cursor !== undefined) this.#move(cursor);
  }

  #continues({ cursor, isCurrent, news }: Lead): boolean {
    const from = news ? news.asking.cursor : cursor;
    const own = this.#options.channels();
    if (news && !own.every((channel) => news.asking.channels.includes(channel))) return false;
    // What a leader brings who is behind may have been given so long ago that nobody remembers.
    return from !== undefined && (from === this.cursor || (isCurrent && from === this.#link));
  }

  #take({ cursor, news }: Lead): void {
    if (!news) {
      this.#link = cursor;
      return;
    }
    const { reply, asking } = news;
    this.#give({ ...reply, signals: [] });
    // A poll that was sent before the own place was reached may have been answered from before it.
    const isBeyond = asking.cursor === this.cursor || asking.at > this.#linkedAt;
    if (isBeyond) this.#endCatchingUp();
    this.#link = reply.cursor;
    if (isBeyond) this.#move(reply.cursor);
  }

  #keep(lead: Lead): void {
    this.#kept.push(lead);
    // What is left would not link up any more; then it catches up once again.
    if (this.#kept.length > KEPT) this.#kept.shift();
  }

  async #catchUp(): Promise<void> {
    this.#endCatchingUp();
    const { signal } = this.#catchingUp = new AbortController();
    const backoff = new Backoff();
    while (!signal.aborted) {
      // Known before the server is asked, and so nothing that the reply might not reach.
      const link = this.#leaderAt;
      this.#kept = [];
      try {
        const reply = await this.#ask(signal);
        if (!signal.aborted && this.#isDone(reply)) this.#linkUp(link);
      } catch (error) {
        if (signal.aborted) return;
        if (isFinal(error)) return this.#options.onRefused(error);
        const asked = askedPause(error);
        const pause = { signal, asked: asked > 0 };
        await this.#options.pauses.pause(asked + backoff.next(), pause);
      }
    }
  }

  #ask(signal: AbortSignal): Promise<PollReply> {
    const { api, channels } = this.#options;
    const body: PollRequest = {
      channels: channels(),
      tab: this.#tab,
      state: pageState(),
      hold: 0,
      ...(this.cursor !== undefined && { cursor: this.cursor }),
    };
    return api.ask({ method: "POST", path: "api/poll", body, isAnswer: isPollReply, signal });
  }

  /** Takes what the server says to this reader alone; whether that was all. */
  #isDone(reply: PollReply): boolean {
    if (reply.outcome === "cancelled") {
      this.#endCatchingUp();
      this.#options.onCancelled(reply.reason ?? "superseded");
      return false;
    }
    // The leader passes on the signals.
    this.#give({ ...reply, signals: [] });
    this.#move(reply.cursor);
    return !reply.more;
  }

  #linkUp(link: string | undefined): void {
    const kept = this.#kept;
    this.#endCatchingUp();
    this.#link = link;
    this.#linkedAt = Date.now();
    for (const lead of kept) this.#follow(lead);
  }

  #endCatchingUp(): void {
    this.#catchingUp?.abort();
    this.#catchingUp = undefined;
    this.#link = undefined;
    this.#kept = [];
  }

  #give(news: News): void {
    this.#options.onNews(filteredUpdate(news, this.#options.channels()));
  }

  #move(cursor: string): void {
    this.cursor = cursor;
    this.#options.onCursor(cursor);
  }
}
