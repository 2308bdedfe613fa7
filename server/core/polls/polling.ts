import { wallNow } from "../../base/clock.ts";
import { formatChannel } from "../../protocol/channel.ts";
import { formatCursor, parseCursor } from "../../protocol/cursor.ts";
import { HOLD } from "../../protocol/limits.ts";
import type { CancelReason, PollReply, RefusedChannel } from "../../protocol/replies.ts";
import type { Signal } from "../../protocol/signal.ts";
import { type Delivery, pendingAckOf } from "../conversations/receipts.ts";
import type { LogPage, LogReader } from "../log/log_reader.ts";
import { StoreRequest } from "../log/read_queue.ts";
import { Refused } from "../model/refused.ts";
import { channelFor, mayRead } from "../model/rights.ts";
import type { Session } from "../model/session.ts";
import { topicsFor } from "../model/message.ts";
import type { ChannelPresence } from "../presence/channel_presence.ts";
import type { Presence } from "../presence/presence.ts";
import type { Lease, Subscription } from "../presence/presence_entry.ts";
import type { SignalBoard } from "../presence/signal_board.ts";
import { checkNotExpired } from "../sessions/claims.ts";
import type { Release, Seat, SeatEvent } from "../waiting/seat.ts";
import type { WaitingRoom } from "../waiting/waiting_room.ts";
import type { Poll } from "./poll.ts";
import type { Trace } from "./trace.ts";

/** What {@linkcode Polling} is constructed from. */
export interface PollingDeps {
  readonly epoch: string;
  readonly reader: LogReader;
  readonly waiting: WaitingRoom;
  readonly presence: Presence;
  readonly signals: SignalBoard;
  /** Whether a session cannot read one more room, besides `added` others that it does not read yet. */
  readonly isFull: ChannelPresence["isFull"];
  /** Default hold of a poll in ms. */
  readonly hold: number;
  /** Called when a tab has acknowledged messages for its session alone. */
  readonly onDelivered: (delivery: Delivery) => void;
  readonly trace: Trace | undefined;
}

/** Each hold is shortened by a random part of up to this, so that polls do not come back all at once. */
const JITTER = 0.1;

/** How long a tab stays present after its poll should have ended, in ms. */
const PRESENCE_GRACE = 15_000;

/** Up to this number of channels, a list is as fast as a set, and takes less memory. */
const FEW_CHANNELS = 16;

/** A poll while it is being answered. */
interface PollContext {
  readonly session: Session;
  readonly poll: Poll;
  readonly lease: Lease;
  /** The id after which it reads; `undefined` if its cursor is invalid or belongs to another log. */
  readonly after: number | undefined;
}

/**
 * Answers polls: at once if there is something to read, else as soon as there is. A poll is parked first and reads second,
 * so that it misses nothing. Nothing counts as delivered because it was sent: the cursor of the next poll acknowledges it.
 */
export class Polling {
  readonly #deps: PollingDeps;

  constructor(deps: PollingDeps) {
    this.#deps = deps;
  }

  /** Resolves with the reply to a poll, or with `undefined` if its client has disconnected. */
  reply(session: Session, poll: Poll): Promise<PollReply | undefined> {
    const { trace } = this.#deps;
    const pending = this.#reply(session, poll);
    if (trace === undefined) return pending;
    const tab = { session: session.publicToken, tab: poll.tab };
    return pending.then((reply) => {
      trace.answered(tab, reply);
      return reply;
    });
  }

  async #reply(session: Session, poll: Poll): Promise<PollReply | undefined> {
    const { reader, presence, trace } = this.#deps;
    const { tab, cursor } = poll;
    const { publicToken } = session;
    // A poll is not held longer than its token is valid, so no timer has to watch for the expiry.
    const hold = holdOf(poll.hold ?? this.#deps.hold, session.expires);
    const start = cursor === undefined ? reader.newest : this.#idOf(cursor);
    const after = start instanceof Promise ? await start : start;
    const last = presence.subscriptionOf(publicToken, tab);
    const isKnown = last !== undefined && isStillValid(last, session, poll);
    const enter = () => {
      if (session.hasEnded) throw new Refused("not_signed_in", "The session has ended");
      const subscription = isKnown ? last : subscriptionFor(session, poll, this.#deps.isFull);
      return this.#enter({ session, poll, after }, subscription, hold);
    };
    if (!isKnown) poll.connection.onNewChannels?.(poll.channels.length);
    // Listing a tab under many channels takes as long as reading some of them.
    const takesLong = !isKnown && poll.channels.length > FEW_CHANNELS;
    const entered = takesLong
      ? await reader.inTurn(new StoreRequest(publicToken), () => Promise.try(enter))
      : enter();
    using seat = entered.seat;
    const { context } = entered;
    if (context === undefined) return cancelled("superseded", cursor);
    let event: SeatEvent = seat.isInLine ? await seat.next() : "growth";
    while (event === "growth") {
      checkNotExpired(session);
      const read = this.#read(context);
      const reply = read instanceof Promise ? await read : read;
      const isDue = reply.outcome === "message" || cursor === undefined || hold === 0;
      // The seat may have been released meanwhile, by a newer poll of the tab for example.
      if (isDue && seat.released === undefined) return reply;
      event = await seat.next();
      if (event === "growth") trace?.woken({ session: publicToken, tab });
    }
    return this.#released(event, seat, context);
  }

  /**
   * Parks a poll and renews the presence of its tab. Without a context, a newer poll of the tab is parked already.
   *
   * Park first, read second: a message that is appended in between wakes the seat.
   */
  #enter(
    { session, poll, after }: Omit<PollContext, "lease">,
    subscription: Subscription,
    hold: number,
  ): { readonly seat: Seat; readonly context?: PollContext } {
    const { waiting, presence, signals, trace } = this.#deps;
    const { tab, turn, connection } = poll;
    // Several programs can share an API key: each of their readers counts for itself.
    const owner = session.isApiKey ? `${session.publicToken} ${tab}` : session.publicToken;
    const { topics } = subscription;
    const seat = waiting.park({ owner, tab, turn, topics, hold, connection });
    if (seat.released !== undefined) return { seat };
    const length = hold + PRESENCE_GRACE;
    const lease = presence.renew(session.person, tab, subscription, length, signals.newest);
    const context = { session, poll, lease, after };
    this.#acknowledge(context);
    trace?.polled({ session: session.publicToken, tab }, after, topics);
    return { seat, context };
  }

  /** The id that a cursor stands for; `undefined` if it does not belong to this log. */
  #idOf(word: string): number | undefined | Promise<number | undefined> {
    const { reader, epoch } = this.#deps;
    const cursor = parseCursor(word);
    if (cursor === undefined || cursor.epoch !== epoch) return undefined;
    const { id } = cursor;
    if (id <= reader.newest) return id;
    // Another node may be ahead of this one.
    return reader.reaches(id).then((exists) => exists ? id : undefined);
  }

  /** The reply as of now: `message`, or else `timedout`, both with the newest cursor. */
  #read(context: PollContext): PollReply | Promise<PollReply> {
    const { after, lease: { subscription: { topics } } } = context;
    const page = after === undefined ? undefined : this.#deps.reader.recent(topics, after);
    return page ? this.#replyWith(page, context) : this.#readStore(context);
  }

  async #readStore(context: PollContext): Promise<PollReply> {
    const { reader } = this.#deps;
    const { session, after, lease, poll: { connection, maxMessages } } = context;
    const { topics } = lease.subscription;
    const request = new StoreRequest(session.publicToken, () => connection.onPortion?.());
    const page = after === undefined
      ? await reader.readNewest(topics, request)
      : await reader.read(topics, after, { request, limit: maxMessages });
    return this.#replyWith(page, context);
  }

  #replyWith({ messages, upTo, gap }: LogPage, context: PollContext): PollReply {
    const signals = this.#signalsFor(context);
    const { lease, session, after } = context;
    lease.pendingAck = pendingAckOf(session.publicToken, after, messages);
    const isMessage = messages.length > 0 || signals.length > 0 || gap;
    const cursor = formatCursor({ epoch: this.#deps.epoch, id: upTo });
    const outcome = isMessage ? "message" : "timedout";
    const reply = { outcome, cursor, messages, signals, gap, retryAfter: 0 } as const;
    const { refused } = lease.subscription;
    const hasMore = upTo < this.#deps.reader.newest;
    if (refused.length === 0 && !hasMore) return reply;
    return { ...reply, ...(refused.length > 0 && { refused }), ...(hasMore && { more: true }) };
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

  async #released(
    release: Release,
    seat: Seat,
    context: PollContext,
  ): Promise<PollReply | undefined> {
    if (release === "aborted") return undefined;
    if (release === "superseded" || release === "signed_out" || release === "kicked") {
      return cancelled(release, context.poll.cursor);
    }
    checkNotExpired(context.session);
    // A message may have arrived at the same moment, and the cursor must not pass it.
    return { ...await this.#read(context), retryAfter: seat.retryAfter };
  }
}

const NO_SIGNALS: readonly Signal[] = [];

/**
 * The subscription of a poll. Channels that the session may not read, and rooms for which `isFull`, are left out and
 * listed in `refused`. Rejects invalid channels.
 */
function subscriptionFor(
  session: Session,
  poll: Poll,
  isFull: ChannelPresence["isFull"],
): Subscription {
  const rooms = new Set<string>();
  const refused: RefusedChannel[] = [];
  for (const address of poll.channels) {
    const channel = channelFor(session.publicToken, address);
    if (!mayRead(session, channel)) refused.push({ channel: address, code: "not_allowed" });
    // Direct channels and notices come through the session's inbox.
    else if (channel.kind === "room") {
      const room = formatChannel(channel);
      if (isFull(session, room, { added: rooms.size, connection: poll.connection })) {
        refused.push({ channel: address, code: "too_many_rooms" });
      } else rooms.add(room);
    }
  }
  const topics = topicsFor(session.publicToken, [...rooms]);
  const channels = session.isApiKey ? [] : [...rooms];
  const channelSet = channels.length > FEW_CHANNELS ? rooms : undefined;
  const { rights } = session;
  return {
    ...{ requested: poll.channels, rights, channels, channelSet },
    ...{ topics, refused, state: poll.state },
  };
}

/** Whether the subscription of the tab's last poll is that of this one, too. */
function isStillValid(last: Subscription, session: Session, poll: Poll): boolean {
  const { requested, rights, state, refused } = last;
  if (rights !== session.rights) return false;
  // There may be room by now.
  if (refused.length > 0 && refused.some(({ code }) => code === "too_many_rooms")) return false;
  return state === poll.state && requested.length === poll.channels.length &&
    requested.every((address, n) => address === poll.channels[n]);
}

function cancelled(reason: CancelReason, cursor = ""): PollReply {
  const empty = { messages: [], signals: NO_SIGNALS, gap: false, retryAfter: 0 };
  return { outcome: "cancelled", reason, cursor, ...empty };
}

/** How long to hold a poll, in ms: at most until its token expires (Unix time in ms). */
function holdOf(requested: number, expires = Infinity): number {
  if (requested === 0) return 0;
  const clamped = Math.min(Math.max(requested, HOLD.min), HOLD.max);
  return Math.min(clamped * (1 - JITTER * Math.random()), Math.max(0, expires - wallNow()));
}
