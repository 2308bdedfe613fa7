import { isPollReply } from "../../../server/protocol/guards.ts";
import { Backoff } from "../delays.ts";
import { type HalleyError, isFinal } from "../halley_error.ts";
import { pageState } from "../page_lifecycle.ts";
import { randomKeyFrom } from "../random_key.ts";
import { NOTICES, readingOf } from "../rooms.ts";
import type { ReaderOptions, Update } from "../reader.ts";
import type { LeaderUpdate } from "./tab_channel.ts";
import type { CancelReason, PollReply } from "../../../server/protocol/replies.ts";
import type { PollRequest } from "../../../server/protocol/requests.ts";
import type { Signal } from "../../../server/protocol/signal.ts";

/** Maximum number of leader updates that are buffered while catching up. */
const MAX_BUFFERED = 100;

export interface FollowerOptions extends
  Pick<
    ReaderOptions,
    "platform" | "api" | "delays" | "channels" | "cursor" | "onPolled" | "onUpdate" | "onCursor"
  > {
  readonly onCancelled: (reason: CancelReason) => void;
  /** The server has rejected a poll for good. */
  readonly onRejected: (error: HalleyError) => void;
}

/**
 * Follows the leader of a group. `SharedReader` passes it the leader's updates. Its own cursor is authoritative: an
 * update is accepted only if it continues from there. Otherwise the follower polls the server itself for all that it has
 * missed. So nothing is lost or out of order, whichever updates are lost. Messages can come twice; the client drops them.
 *
 * - **no cursor**: ignores updates until the leader is current, and then starts at the leader's cursor: following.
 * - **following**: delivers updates that continue. After one that does not: catching up.
 * - **catching up**: polls from its own cursor until there is no more, and buffers updates that do not continue. Then it
 *   processes these: following. An update that does continue, from beyond its own cursor, ends it as well.
 *
 * A reply to the follower's own poll ends at a cursor that the leader never had. So it remembers a *link*: the leader's
 * cursor from before that poll was sent. Everything up to the link is delivered, so an update from there continues.
 */
export class Follower {
  /** Everything up to here is delivered. `SharedReader` moves it while it leads. */
  cursor: string | undefined;
  readonly #options: FollowerOptions;
  /** Polls under a name of its own, for a moment only. */
  readonly #tab: string;
  #link: string | undefined;
  /** When the last catch-up ended: Unix time in ms. */
  #caughtUpAt = 0;
  /** The leader's cursor when it was last current. */
  #leaderCursor: string | undefined;
  #catchUp: CatchUp | undefined;

  constructor(options: FollowerOptions) {
    this.#options = options;
    this.#tab = randomKeyFrom(options.platform);
    this.cursor = options.cursor;
  }

  /** Delivers what is new in an update, or catches up. */
  follow(update: LeaderUpdate): void {
    const { poll } = update;
    if (poll) this.#options.onPolled(poll.sent.channels, poll.reply.refused);
    const signals = poll?.reply.signals ?? [];
    // Signals are not in the log: a poll of its own would not bring them.
    if (signals.length > 0) this.#deliver({ gap: false, messages: [], signals });
    this.#process(update);
  }

  /** To be called when the rooms to read have changed. */
  changeChannels(): void {
    // Between the link and the own cursor the new room has not been read.
    this.#link = undefined;
    if (this.#catchUp) this.#startCatchUp();
  }

  /** Follows nobody until the next update. */
  suspend(): void {
    this.#endCatchUp();
    this.#leaderCursor = undefined;
  }

  #process(update: LeaderUpdate): void {
    if (update.isCurrent) this.#leaderCursor = update.cursor;
    if (this.cursor === undefined) return this.#adoptCursor(update);
    if (this.#continues(update)) return this.#accept(update);
    if (this.#catchUp) this.#catchUp.buffer(update);
    else if (update.isCurrent) this.#startCatchUp();
  }

  #adoptCursor({ cursor, isCurrent }: LeaderUpdate): void {
    if (isCurrent && cursor !== undefined) this.#move(cursor);
  }

  #continues({ cursor, isCurrent, poll }: LeaderUpdate): boolean {
    const from = poll ? poll.sent.cursor : cursor;
    const own = this.#options.channels();
    if (poll && !own.every((channel) => poll.sent.channels.includes(channel))) return false;
    // A leader that is behind brings messages from before the link, older than the client recognizes.
    return from !== undefined && (from === this.cursor || (isCurrent && from === this.#link));
  }

  #accept({ cursor, poll }: LeaderUpdate): void {
    if (!poll) {
      this.#link = cursor;
      return;
    }
    const { sent, reply } = poll;
    const isNew = this.#deliver({ ...reply, signals: [] });
    // A poll that was sent before the own cursor was reached may have been answered from before it, with nothing new then.
    const isAhead = isNew || sent.cursor === this.cursor || sent.at > this.#caughtUpAt;
    if (isAhead) this.#endCatchUp();
    this.#link = reply.cursor;
    if (isAhead) this.#move(reply.cursor);
  }

  async #startCatchUp(): Promise<void> {
    this.#endCatchUp();
    const catchUp = this.#catchUp = new CatchUp();
    const { signal } = catchUp;
    const backoff = new Backoff(this.#options.platform);
    while (!signal.aborted) {
      // Taken before the poll is sent, so that the reply reaches at least this far.
      const link = this.#leaderCursor;
      catchUp.clear();
      try {
        const rooms = this.#options.channels();
        const reply = await this.#poll(rooms, signal);
        if (signal.aborted) return;
        this.#options.onPolled(rooms, reply.refused);
        if (!signal.aborted && this.#isComplete(reply)) this.#resumeAt(link, catchUp);
      } catch (error) {
        if (signal.aborted) return;
        if (isFinal(error)) return this.#options.onRejected(error);
        await this.#options.delays.wait(backoff.delayAfter(error), signal);
      }
    }
  }

  #poll(channels: readonly string[], signal: AbortSignal): Promise<PollReply> {
    const { api } = this.#options;
    const body: PollRequest = {
      ...readingOf(channels),
      tab: this.#tab,
      state: pageState(this.#options.platform),
      hold: 0,
      ...(this.cursor !== undefined && { cursor: this.cursor }),
    };
    return api.request({ method: "POST", path: "api/poll", body, isReply: isPollReply, signal });
  }

  /** Delivers a reply to the follower's own poll. Returns whether there is no more. */
  #isComplete(reply: PollReply): boolean {
    if (reply.outcome === "cancelled") {
      this.#endCatchUp();
      this.#options.onCancelled(reply.reason ?? "superseded");
      return false;
    }
    // Signals come from the leader.
    this.#deliver({ ...reply, signals: [] });
    this.#move(reply.cursor);
    return !reply.more;
  }

  #resumeAt(link: string | undefined, { buffered }: CatchUp): void {
    this.#endCatchUp();
    this.#link = link;
    this.#caughtUpAt = this.#options.platform.Date.now();
    for (const update of buffered) this.#process(update);
  }

  #endCatchUp(): void {
    this.#catchUp?.abort();
    this.#catchUp = undefined;
    this.#link = undefined;
  }

  #deliver(update: Update): boolean {
    return this.#options.onUpdate(filterUpdate(update, this.#options.channels()));
  }

  #move(cursor: string): void {
    this.cursor = cursor;
    this.#options.onCursor(cursor);
  }
}

/** A catch-up in progress, and the leader's updates since its last poll was sent. */
class CatchUp {
  readonly #controller = new AbortController();
  #buffered: LeaderUpdate[] = [];

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  get buffered(): readonly LeaderUpdate[] {
    return this.#buffered;
  }

  buffer(update: LeaderUpdate): void {
    this.#buffered.push(update);
    // The rest will not continue from the link. Then the follower catches up once more.
    if (this.#buffered.length > MAX_BUFFERED) this.#buffered.shift();
  }

  clear(): void {
    this.#buffered = [];
  }

  abort(): void {
    this.#controller.abort();
  }
}

/** The part of an update for a group that is meant for a reader of `channels`. */
export function filterUpdate(
  { gap, messages, signals }: Update,
  channels: readonly string[],
): Update {
  // The server normalizes the names of rooms.
  const names = new Set(channels.map((channel) => channel.normalize("NFC")));
  // Direct channels belong to the session, and so to every tab.
  const isOwn = ({ channel }: { readonly channel: string }) =>
    channel.startsWith("direct:") || names.has(channel) ||
    channel.startsWith(NOTICES) && names.has(NOTICES);
  // Read markers and closed conversations concern all tabs, even those that do not read the room.
  const isForAll = ({ type }: Signal) => type === "read" || type === "closed";
  return {
    gap,
    messages: messages.filter(isOwn),
    signals: signals.filter((signal) => isOwn(signal) || isForAll(signal)),
  };
}
