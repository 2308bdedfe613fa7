import type { Runtime } from "../../base/runtime.ts";
import { formatCursor, parseCursor } from "../../protocol/cursor.ts";
import { HOLD } from "../../protocol/limits.ts";
import type { PollReply, RefusedChannel } from "../../protocol/replies.ts";
import type { Signal } from "../../protocol/signal.ts";
import { type Delivery, pendingAckOf } from "../conversations/receipts.ts";
import type { LogPage, LogReader } from "../log/log_reader.ts";
import { StoreRequest } from "../log/read_queue.ts";
import { Refused } from "../model/refused.ts";
import type { Session } from "../model/session.ts";
import type { ChannelPresence } from "../presence/channel_presence.ts";
import type { Presence } from "../presence/presence.ts";
import type { Lease, Subscription } from "../presence/presence_entry.ts";
import type { SignalBoard } from "../presence/signal_board.ts";
import type { Bans } from "../sessions/bans.ts";
import { checkNotExpired } from "../sessions/claims.ts";
import type { Release, Seat, SeatEvent } from "../waiting/seat.ts";
import type { WaitingRoom } from "../waiting/waiting_room.ts";
import { cancelled, type Poll, readerOf } from "./poll.ts";
import { FEW_CHANNELS, isStillValid, shownPage, subscriptionFor } from "./subscription.ts";
import type { Trace } from "./trace.ts";

/** What {@linkcode Polling} is constructed from. */
export interface PollingDeps {
  readonly epoch: string;
  readonly reader: LogReader;
  readonly waiting: WaitingRoom;
  readonly presence: Presence;
  readonly signals: SignalBoard;
  readonly bans: Bans;
  /** Whether a session cannot read one more room, besides `added` others that it does not read yet. */
  readonly isFull: ChannelPresence["isFull"];
  /** Default hold of a poll in ms. */
  readonly hold: number;
  /** Called when a tab has acknowledged messages for its session alone. */
  readonly onDelivered: (delivery: Delivery) => void;
  readonly trace: Trace | undefined;
  readonly runtime: Runtime;
}

/** Each hold is shortened by a random part of up to this, so that polls do not come back all at once. */
const JITTER = 0.1;

/** How long a tab stays present after its poll should have ended, in ms. */
const PRESENCE_GRACE = 15_000;

/** A poll to be parked. */
interface Entering {
  readonly session: Session;
  readonly poll: Poll;
  readonly hold: number;
  /** The id after which it reads; `undefined` if its cursor is invalid or belongs to another log. */
  readonly after: number | undefined;
}

/** A poll while it is being answered. */
interface PollContext extends Omit<Entering, "hold"> {
  readonly seat: Seat;
  readonly lease: Lease;
  /** Whether it waits for messages. Without a cursor it is answered at once. */
  readonly isHeld: boolean;
}

/** A parked poll; `undefined` if its seat is released already, because a newer poll of the tab is parked. */
type Entered = PollContext | undefined;

/**
 * Answers polls: at once if there is something to read, else as soon as there is. A poll is parked first and reads second,
 * so that it misses nothing. Nothing counts as delivered because it was sent: the cursor of the next poll acknowledges it.
 */
export class Polling {
  readonly #deps: PollingDeps;
  /** The last reply with nothing but messages: that of the other readers who are woken by the same message. */
  #lastReply: {
    readonly page: LogPage;
    readonly reply: PollReply;
    readonly cursor: string;
    readonly upTo: number;
  } | undefined;

  constructor(deps: PollingDeps) {
    this.#deps = deps;
  }

  /** Resolves with the reply to a poll, or with `undefined` if its client has disconnected. */
  reply(session: Session, poll: Poll): Promise<PollReply | undefined> {
    const { trace } = this.#deps;
    const pending = this.#reply(session, poll);
    return trace === undefined ? pending : pending.then((reply) => {
      trace.answered(tabOf({ session, poll }), reply);
      return reply;
    });
  }

  /** Not asynchronous, as {@linkcode #hold} is: one more promise takes 100 bytes for each held poll, and time. */
  #reply(session: Session, poll: Poll): Promise<PollReply | undefined> {
    const { cursor } = poll;
    try {
      // A poll is not held longer than its token is valid, so no timer has to watch for the expiry.
      const hold = this.#holdOf(poll, session);
      const after = cursor === undefined ? this.#deps.reader.newest : this.#idOf(cursor);
      const entering = after instanceof Promise
        ? after.then((after) => this.#enter({ session, poll, hold, after }))
        : this.#enter({ session, poll, hold, after });
      return entering instanceof Promise
        ? entering.then((entered) => this.#hold(entered, cursor))
        : this.#hold(entering, cursor);
    } catch (refused) {
      return Promise.reject(refused);
    }
  }

  /** Answers a parked poll. A function of its own, because whatever an asynchronous one knows takes memory while it waits. */
  async #hold(context: Entered, cursor?: string): Promise<PollReply | undefined> {
    // The poll of the tab that is parked is newer.
    if (context === undefined) return cancelled("superseded", cursor);
    const { seat } = context;
    try {
      this.#acknowledge(context);
      this.#deps.trace?.polled(tabOf(context), context.after, context.lease.subscription);
      let event: SeatEvent = seat.isInLine ? await seat.next() : "growth";
      while (event === "growth") {
        checkNotExpired(context.session, this.#deps.runtime);
        const read = this.#read(context);
        const reply = read instanceof Promise ? await read : read;
        const isDue = reply.outcome === "message" || !context.isHeld;
        // The seat may have been released meanwhile, by a newer poll of the tab for example.
        if (isDue && seat.released === undefined) return reply;
        event = await seat.next();
        if (event === "growth") this.#deps.trace?.woken(tabOf(context));
      }
      return await this.#released(event, context);
    } finally {
      seat[Symbol.dispose]();
    }
  }

  /**
   * Parks a poll. If it names many new channels, that takes as long as reading some messages, and so it takes turns with
   * those who read.
   */
  #enter(entering: Entering): Entered | Promise<Entered> {
    const { reader, presence, isFull } = this.#deps;
    const { session, poll } = entering;
    const { channels, connection } = poll;
    const lease = presence.leaseOf(session.publicToken, poll.tab);
    if (lease !== undefined && isStillValid(lease.subscription, session, poll)) {
      return this.#park(entering, { subscription: lease.subscription, lease });
    }
    connection.onNewChannels?.(channels.length);
    const enter = () =>
      this.#park(entering, { subscription: subscriptionFor(session, poll, isFull) });
    if (channels.length <= FEW_CHANNELS) return enter();
    return reader.inTurn(new StoreRequest(readerOf(session, poll)), () => Promise.try(enter));
  }

  /**
   * Parks a poll and renews the presence of its tab, whose lease it has if the subscription is the same as before. Parked
   * first, it reads second: a message that is appended in between wakes the seat.
   */
  #park(
    { session, poll, hold, after }: Entering,
    { subscription, lease: known }: { readonly subscription: Subscription; readonly lease?: Lease },
  ): Entered {
    if (session.hasEnded) throw new Refused("not_signed_in", "The session has ended");
    const { waiting, presence, signals, bans } = this.#deps;
    const { tab, turn, connection, cursor } = poll;
    if (!session.isApiKey) bans.check(session.publicToken, connection);
    const owner = readerOf(session, poll);
    const { topics } = subscription;
    const seat = waiting.park({ owner, tab, turn, after, topics, hold, connection });
    if (seat.released !== undefined) return undefined;
    const { person, seenAt: now } = session;
    const length = hold + PRESENCE_GRACE;
    if (known !== undefined) presence.renew(known, person, now, length);
    const lastSignal = signals.newest;
    const lease = known ?? presence.lease(person, tab, subscription, { now, length, lastSignal });
    const { repliedElsewhereAt: time } = seat;
    if (time !== undefined) lease.lastSignal = signals.newestAt(topics, time);
    return { session, poll, seat, lease, after, isHeld: cursor !== undefined && hold > 0 };
  }

  /** How long to hold a poll, in ms: at most until its token expires. */
  #holdOf({ hold: requested = this.#deps.hold }: Poll, { expires = Infinity }: Session): number {
    if (requested === 0) return 0;
    const { runtime } = this.#deps;
    const clamped = Math.min(Math.max(requested, HOLD.min), HOLD.max);
    const shortened = clamped * (1 - JITTER * runtime.random());
    if (expires === Infinity) return shortened;
    return Math.min(shortened, Math.max(0, expires - runtime.wallNow()));
  }

  /** The id that a cursor stands for; `undefined` if it does not belong to this log. */
  #idOf(word: string): number | undefined | Promise<number | undefined> {
    const { reader, epoch } = this.#deps;
    // Most readers come with the cursor of the reply that they were given together.
    if (word === this.#lastReply?.cursor) return this.#lastReply.upTo;
    const cursor = parseCursor(word);
    if (cursor === undefined || cursor.epoch !== epoch) return undefined;
    const { id } = cursor;
    if (id <= reader.newest) return id;
    // Another node may be ahead of this one.
    return reader.reaches(id).then((exists) => exists ? id : undefined);
  }

  /** The reply as of now: `message`, or else `timedout`, both with the newest cursor. */
  #read(context: PollContext, after = context.after): PollReply | Promise<PollReply> {
    const { lease: { subscription: { topics } } } = context;
    const page = after === undefined ? undefined : this.#deps.reader.recent(topics, after);
    return page ? this.#replyWith(page, context) : this.#readStore(context, after);
  }

  async #readStore(context: PollContext, after: number | undefined): Promise<PollReply> {
    const { reader } = this.#deps;
    const { session, lease: { subscription: { topics } }, poll } = context;
    const request = new StoreRequest(session.publicToken, () => poll.connection.onPortion?.());
    const page = after === undefined
      ? await reader.readNewest(topics, request)
      : await reader.read(topics, after, { request, limit: poll.maxMessages });
    return await this.#replyWith(page, context);
  }

  #replyWith(read: LogPage, context: PollContext): PollReply | Promise<PollReply> {
    const { lease, session, after } = context;
    const { refused, notices } = lease.subscription;
    const page = shownPage(read, lease.subscription);
    // It had notices only, and the next one may have something for this reader.
    const isPassed = page !== read && page.messages.length + page.changes.length === 0 && !page.gap;
    if (isPassed && page.upTo < this.#deps.reader.newest) return this.#read(context, page.upTo);
    const signals = this.#signalsFor(context);
    lease.pendingAck = pendingAckOf(session, page.messages, { after, notices });
    context.seat.onReply(lease.pendingAck !== undefined);
    if (signals.length > 0 || refused.length > 0) return this.#compose(page, signals, refused);
    if (this.#lastReply?.page !== page) {
      const reply = this.#compose(page, signals, refused);
      this.#lastReply = { page, reply, cursor: reply.cursor, upTo: page.upTo };
    }
    return this.#lastReply.reply;
  }

  #compose(
    { messages, changes, upTo, gap }: LogPage,
    signals: readonly Signal[],
    refused: readonly RefusedChannel[],
  ): PollReply {
    const count = messages.length + changes.length + signals.length;
    const cursor = formatCursor({ epoch: this.#deps.epoch, id: upTo });
    const outcome = count > 0 || gap ? "message" : "timedout";
    const reply = { outcome, cursor, messages, signals, gap, retryAfter: 0 } as const;
    const more = upTo < this.#deps.reader.newest ? { more: true } as const : undefined;
    const others = refused.length > 0 ? { refused, ...more } : more;
    return changes.length > 0 ? { ...reply, changes, ...others } : { ...reply, ...others };
  }

  /** Records that the tab has what its cursor acknowledges. */
  #acknowledge({ session, poll, lease, after }: PollContext): void {
    const { pendingAck: acked } = lease;
    lease.pendingAck = undefined;
    if (after === undefined) return;
    lease.ackedUpTo = after;
    if (acked === undefined || after < acked.upTo) return;
    this.#deps.onDelivered({ reader: session, tab: poll.tab, acked });
  }

  #signalsFor({ session, lease, poll }: PollContext): readonly Signal[] {
    const { signals } = this.#deps;
    if (!poll.wantsSignals || lease.lastSignal === signals.newest) return NO_SIGNALS;
    const { subscription, lastSignal } = lease;
    lease.lastSignal = signals.newest;
    // A reader without a cursor starts with the signals from now on.
    if (poll.cursor === undefined) return NO_SIGNALS;
    return signals.since(subscription.topics, lastSignal, session.publicToken);
  }

  async #released(release: Release, context: PollContext): Promise<PollReply | undefined> {
    const { session, poll, seat } = context;
    if (release === "aborted") return undefined;
    if (release === "superseded" || release === "signed_out" || release === "kicked") {
      return cancelled(release, poll.cursor);
    }
    // If it does not hold any more, the client polls again.
    if (release === "banned") this.#deps.bans.check(session.publicToken, poll.connection);
    checkNotExpired(session, this.#deps.runtime);
    // A message may have arrived at the same moment, and the cursor must not pass it.
    return { ...await this.#read(context), retryAfter: seat.retryAfter };
  }
}

const NO_SIGNALS: readonly Signal[] = [];

function tabOf({ session, poll }: Pick<PollContext, "session" | "poll">) {
  return { session: session.publicToken, tab: poll.tab };
}
