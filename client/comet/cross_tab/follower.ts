import { parseCursor } from "../../../server/protocol/cursor.ts";
import { isBelow, isMeantAsPattern } from "../../../server/protocol/room_pattern.ts";
import { isPollReply } from "../../../server/protocol/guards.ts";
import { Backoff } from "../delays.ts";
import { type HalleyError, isFinal } from "../halley_error.ts";
import { pageState } from "../page_lifecycle.ts";
import { randomKeyFrom } from "../random_key.ts";
import { NOTICES, readingOf } from "../rooms.ts";
import type { ReaderOptions, Update } from "../reader.ts";
import type { LeaderPoll, LeaderUpdate } from "./tab_channel.ts";
import type { CancelReason, PollReply } from "../../../server/protocol/replies.ts";
import type { PollRequest } from "../../../server/protocol/requests.ts";
import type { Signal } from "../../../server/protocol/signal.ts";

/** Maximum number of leader updates that are buffered while catching up. */
const MAX_BUFFERED = 100;

/** Delay in ms before the server is asked again after a node has answered that is behind the leader's. */
const BEHIND_DELAY = 1_000;

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
 * Delivers to one member of a group what its leader reads. `SharedReader` passes it the leader's updates, also if it leads
 * itself. Its own cursor is authoritative: if an update begins there or before, it delivers what comes after its cursor.
 * Otherwise it polls the server itself for all that it has missed. So nothing is lost or out of order, whichever updates
 * are lost, and whichever node answers.
 *
 * - **no cursor**: ignores updates until the leader is current, and then starts at the leader's cursor: following.
 * - **following**: delivers updates. When it is behind a leader that is current: catching up.
 * - **catching up**: polls from its own cursor until it has reached the leader, and buffers updates that begin later. Then
 *   it delivers these: following. An update that moves its cursor meanwhile ends it as well.
 */
export class Follower {
  /** Everything up to here is delivered. */
  cursor: string | undefined;
  readonly #options: FollowerOptions;
  /** Polls under a name of its own, for a moment only. */
  readonly #tab: string;
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
    const { cursor, isCurrent, poll } = update;
    if (poll) this.#options.onPolled(poll.sent.channels, poll.reply.refused);
    const signals = poll?.reply.signals ?? [];
    // Signals are not in the log: a poll of its own would not bring them.
    if (signals.length > 0) this.#deliver({ gap: false, messages: [], signals });
    if (isCurrent) this.#leaderCursor = cursor;
    if (this.cursor === undefined) return this.#adoptCursor(update);
    const before = this.cursor;
    if (poll && !this.#accept(poll)) this.#catchUp?.buffer(poll);
    if (this.cursor !== before) this.#endCatchUp();
    if (!this.#catchUp && this.#isBehind) this.#startCatchUp();
  }

  /** To be called when the rooms to read have changed. */
  changeChannels(): void {
    if (this.#catchUp) this.#startCatchUp();
  }

  /** Follows nobody until the next update. */
  suspend(): void {
    this.#endCatchUp();
    this.#leaderCursor = undefined;
  }

  get #isBehind(): boolean {
    return this.#leaderCursor !== undefined && !isReached(this.#leaderCursor, this.cursor);
  }

  #adoptCursor({ cursor, isCurrent }: LeaderUpdate): void {
    if (isCurrent && cursor !== undefined) this.#move(cursor);
  }

  /** Delivers what is new in a poll of the leader. Returns false if something before it may be missing. */
  #accept({ sent, reply }: LeaderPoll): boolean {
    const { cursor } = this;
    const own = this.#options.channels();
    if (!own.every((channel) => sent.channels.includes(channel))) return false;
    if (sent.cursor === cursor) {
      // Only the server knows whether a gap is in a room of this tab.
      if (reply.gap && !sent.channels.every((channel) => own.includes(channel))) return false;
      this.#advance(reply);
      return true;
    }
    if (reply.gap || !isReached(sent.cursor ?? reply.cursor, cursor)) return false;
    if (isReached(reply.cursor, cursor)) return true;
    const last = parseCursor(cursor ?? "")?.id ?? 0;
    const isNew = ({ id }: { readonly id: number }) => id > last;
    const [messages, changes] = [reply.messages, reply.changes ?? []];
    this.#advance({
      ...reply,
      messages: messages.filter(isNew),
      changes: changes.filter(isNew),
    });
    return true;
  }

  #advance(reply: PollReply): void {
    // Those of the leader's polls are delivered already, and those of other polls come from the leader as well.
    this.#deliver({ ...reply, signals: [] });
    this.#move(reply.cursor);
  }

  async #startCatchUp(): Promise<void> {
    this.#endCatchUp();
    const catchUp = this.#catchUp = new CatchUp();
    const { signal } = catchUp;
    const { delays, onPolled } = this.#options;
    const backoff = new Backoff(this.#options.platform);
    while (!signal.aborted) {
      try {
        const rooms = this.#options.channels();
        const reply = await this.#poll(rooms, signal);
        if (signal.aborted) return;
        onPolled(rooms, reply.refused);
        if (signal.aborted) return;
        if (this.#isComplete(reply) && !this.#resume(catchUp)) {
          await delays.wait({ ms: BEHIND_DELAY, isMandatory: true }, signal);
        }
      } catch (error) {
        if (signal.aborted) return;
        if (isFinal(error)) return this.#options.onRejected(error);
        await delays.wait(backoff.delayAfter(error), signal);
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
    const { outcome, reason = "superseded" } = reply;
    // An earlier poll of this tab can arrive after the one that replaced it. Such a reply ends at the cursor of its poll.
    if (outcome === "cancelled" && reason !== "superseded") {
      this.#endCatchUp();
      this.#options.onCancelled(reason);
      return false;
    }
    this.#advance(reply);
    return !reply.more;
  }

  /** Delivers what the leader has read meanwhile. Returns whether it is reached: a node that is behind may have answered. */
  #resume(catchUp: CatchUp): boolean {
    for (const poll of catchUp.takeAll()) this.#accept(poll);
    if (this.#isBehind) return false;
    this.#endCatchUp();
    return true;
  }

  #endCatchUp(): void {
    this.#catchUp?.abort();
    this.#catchUp = undefined;
  }

  #deliver(update: Update): void {
    this.#options.onUpdate(filterUpdate(update, this.#options.channels()));
  }

  #move(cursor: string): void {
    this.cursor = cursor;
    this.#options.onCursor(cursor);
  }
}

/** A catch-up in progress, and the leader's polls since its start that it could not accept. */
class CatchUp {
  readonly #controller = new AbortController();
  #buffered: LeaderPoll[] = [];

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  buffer(poll: LeaderPoll): void {
    this.#buffered.push(poll);
    if (this.#buffered.length > MAX_BUFFERED) this.#buffered.shift();
  }

  takeAll(): readonly LeaderPoll[] {
    const buffered = this.#buffered;
    this.#buffered = [];
    return buffered;
  }

  abort(): void {
    this.#controller.abort();
  }
}

/** Whether a reader at `cursor` has everything up to `other`. False if they cannot be compared. */
function isReached(other: string, cursor: string | undefined): boolean {
  if (other === cursor) return true;
  const [last, own] = [parseCursor(other), parseCursor(cursor ?? "")];
  return last !== undefined && last.epoch === own?.epoch && last.id <= own.id;
}

/** The part of an update for a group that is meant for a reader of `channels`. */
export function filterUpdate(
  { gap, messages, changes = [], signals }: Update,
  channels: readonly string[],
): Update {
  // The server normalizes the names of rooms.
  const names = new Set(channels.map((channel) => channel.normalize("NFC")));
  const patterns = [...names].filter(isMeantAsPattern);
  // Direct channels belong to the session, and so to every tab.
  const isOwn = ({ channel }: { readonly channel: string }) =>
    channel.startsWith("direct:") || names.has(channel) ||
    patterns.some((pattern) => isBelow(pattern, channel)) ||
    channel.startsWith(NOTICES) && names.has(NOTICES);
  // Read markers, closed conversations, settings and new names concern all tabs, even those that do not read the room.
  const isForAll = ({ type }: Signal) => ["read", "closed", "settings", "renamed"].includes(type);
  return {
    gap,
    messages: messages.filter(isOwn),
    changes: changes.filter(isOwn),
    signals: signals.filter((signal) => isOwn(signal) || isForAll(signal)),
  };
}
