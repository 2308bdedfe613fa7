import { HOLD } from "../../protocol/limits.ts";
import type { CancelReason, PollReply } from "../../protocol/replies.ts";
import { formatCursor, parseCursor } from "../../protocol/cursor.ts";
import type { LogReader, Reading } from "../log/log_reader.ts";
import type { Lease, Presence, Subscription } from "../presence/presence.ts";
import { type Delivery, pendingAckOf } from "../conversations/receipts.ts";
import { Refused } from "../model/refused.ts";
import type { PollingClient, Release, Seat, SeatEvent } from "../waiting/seat.ts";
import type { Session } from "../sessions/sessions.ts";
import type { Signal } from "../../protocol/signal.ts";
import type { SignalBoard } from "../presence/signal_board.ts";
import type { Trace } from "./trace.ts";
import { checkNotExpired } from "../sessions/claims.ts";
import type { WaitingRoom } from "../waiting/waiting_room.ts";

/** A poll, as its reader sends it. */
export interface Poll {
  readonly cursor?: string | undefined;
  /** The rooms to read; the session's own inbox and the notices belong to every poll. */
  readonly channels: readonly string[];
  /** How long it may be held, in ms. */
  readonly hold?: number | undefined;
  readonly tab: string;
  readonly turn?: number | undefined;
  readonly state: "active" | "background";
  /** Whether it wants to be told of signals. */
  readonly wantsSignals: boolean;
  readonly request: PollingClient;
}

/** The deps that polls are answered from. */
export interface PollingDeps {
  readonly epoch: string;
  readonly reader: LogReader;
  readonly waiting: WaitingRoom;
  readonly presence: Presence;
  readonly signals: SignalBoard;
  /** How long (ms) a poll is held that does not say. */
  readonly hold: number;
  /** Told that a tab has what it was given for its session alone. */
  readonly onDelivered: (delivery: Delivery) => void;
  /** Where what happens to polls is noted, if anywhere. */
  readonly trace: Trace | undefined;
}

/** Each hold is shortened by a random part of up to this, so that polls do not march in step. */
const JITTER = 0.1;

/** A reader is present for so long (ms) after its poll should have ended. */
const GRACE = 15_000;

/** Someone who polls. */
interface Visit {
  readonly session: Session;
  readonly poll: Poll;
  readonly lease: Lease;
  /** The id after which it reads; `undefined` where its cursor stands for nothing in this log. */
  readonly place: number | undefined;
}

/** Answers polls: at once where there is something to tell, else when there is. */
export class Polling {
  readonly #deps: PollingDeps;

  constructor(deps: PollingDeps) {
    this.#deps = deps;
  }

  /** The answer to a poll, when there is one; `undefined` when its client has left. */
  answer(
    session: Session,
    poll: Poll,
    subscription: Subscription,
  ): Promise<PollReply | undefined> {
    const { trace } = this.#deps;
    const answer = this.#answer(session, poll, subscription);
    if (trace === undefined) return answer;
    const who = { session: session.publicToken, tab: poll.tab };
    return answer.then((given) => {
      trace.answered(who, given);
      return given;
    });
  }

  async #answer(
    session: Session,
    poll: Poll,
    subscription: Subscription,
  ): Promise<PollReply | undefined> {
    const { reader, waiting, presence, signals, trace } = this.#deps;
    const { tab, turn, request, cursor } = poll;
    // A poll is not held longer than its token lasts: no timer is needed to notice its end.
    const hold = Math.min(holdOf(poll.hold ?? this.#deps.hold), restOf(session));
    const known = cursor === undefined ? reader.newest : this.#placeOf(cursor);
    const place = known instanceof Promise ? await known : known;
    if (session.hasEnded) throw new Refused("not_signed_in", "The session has ended");
    // Each reader with an API key is one for itself: keys are shared by programs, as sessions are not.
    const owner = session.isApiKey ? `${session.publicToken} ${tab}` : session.publicToken;
    // Register first, read second: a message that comes between the two wakes the seat.
    using seat = waiting.park({ owner, tab, turn, topics: subscription.topics, hold, request });
    if (!seat.isTaken) return cancelled("superseded", cursor);
    const lease = presence.renew(session.person, tab, subscription, hold + GRACE, signals.newest);
    const visit = { session, poll, lease, place };
    this.#acknowledge(visit);
    trace?.polled({ session: session.publicToken, tab }, place, subscription.topics);
    let event: SeatEvent = seat.isInLine ? await seat.next() : "growth";
    while (event === "growth") {
      checkNotExpired(session);
      const look = this.#look(visit);
      const news = look instanceof Promise ? await look : look;
      const isAnswer = news.outcome === "message" || cursor === undefined || hold === 0;
      // The seat may be gone by now: to a newer poll of the tab, say.
      if (isAnswer && seat.isTaken) return news;
      event = await seat.next();
      if (event === "growth") trace?.woken({ session: session.publicToken, tab });
    }
    return this.#ended(event, seat, visit);
  }

  /** The id that a cursor stands for; `undefined` where it stands for nothing in this log. */
  #placeOf(word: string): number | undefined | Promise<number | undefined> {
    const { reader, epoch } = this.#deps;
    const cursor = parseCursor(word);
    if (cursor === undefined || cursor.epoch !== epoch) return undefined;
    const { id } = cursor;
    if (id <= reader.newest) return id;
    // Another node may have been ahead of this one.
    return reader.reaches(id).then((isThere) => isThere ? id : undefined);
  }

  /** What there is to tell: `message`, or else `timedout`, both with the newest place. */
  #look(visit: Visit): PollReply | Promise<PollReply> {
    const { reader } = this.#deps;
    const { place, lease } = visit;
    const { topics } = lease.subscription;
    const reading = place === undefined ? reader.readNewest(topics) : reader.read(topics, place);
    if (!(reading instanceof Promise)) return this.#answerWith(reading, visit);
    return reading.then((read) => this.#answerWith(read, visit));
  }

  #answerWith({ messages, place, gap }: Reading, visit: Visit): PollReply {
    const signals = this.#listen(visit);
    const { lease, session } = visit;
    lease.given = pendingAckOf(session.publicToken, visit.place, messages);
    const isNews = messages.length > 0 || signals.length > 0 || gap;
    const cursor = formatCursor({ epoch: this.#deps.epoch, id: place });
    const outcome = isNews ? "message" : "timedout";
    const answer = { outcome, cursor, messages, signals, gap, retryAfter: 0 } as const;
    return place < this.#deps.reader.newest ? { ...answer, more: true } : answer;
  }

  /** What was given to a tab has come, if its cursor says so. */
  #acknowledge({ session, poll, lease, place }: Visit): void {
    const { given } = lease;
    lease.given = undefined;
    if (place === undefined) return;
    lease.place = place;
    if (given === undefined || place < given.upTo) return;
    this.#deps.onDelivered({ reader: session, tab: poll.tab, given });
  }

  #listen({ session, lease, poll }: Visit): readonly Signal[] {
    const { signals } = this.#deps;
    if (!poll.wantsSignals || lease.heard === signals.newest) return NO_SIGNALS;
    const { subscription, heard } = lease;
    lease.heard = signals.newest;
    // A reader that has no cursor yet starts with what comes from now on.
    if (poll.cursor === undefined) return NO_SIGNALS;
    return signals.since(subscription.topics, heard, session.publicToken);
  }

  async #ended(release: Release, seat: Seat, visit: Visit): Promise<PollReply | undefined> {
    if (release === "aborted") return undefined;
    if (release === "superseded" || release === "signed_out" || release === "kicked") {
      return cancelled(release, visit.poll.cursor);
    }
    checkNotExpired(visit.session);
    // A message may have come in the same moment; the cursor must not pass it.
    return { ...await this.#look(visit), retryAfter: seat.retryAfter };
  }
}

function cancelled(reason: CancelReason, cursor = ""): PollReply {
  const nothing = { messages: [], signals: NO_SIGNALS, gap: false, retryAfter: 0 };
  return { outcome: "cancelled", reason, cursor, ...nothing };
}

const NO_SIGNALS: readonly Signal[] = [];

/** How long (ms) the token lasts that a session's poll bears. */
function restOf({ expires }: Session): number {
  return expires === undefined ? Infinity : Math.max(0, expires - Date.now());
}

function holdOf(wanted: number): number {
  if (wanted === 0) return 0;
  const clamped = Math.min(Math.max(wanted, HOLD.min), HOLD.max);
  return clamped * (1 - JITTER * Math.random());
}
