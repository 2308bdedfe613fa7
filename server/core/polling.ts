import { inboxOf, type Topic } from "./channel.ts";
import { formatCursor, parseCursor } from "./cursor.ts";
import type { LogReader, Reading } from "./log_reader.ts";
import type { Message } from "./message.ts";
import type { Lease, PresenceBook } from "./presence.ts";
import type { Release, Seat } from "./seat.ts";
import type { KnownSession } from "./sessions.ts";
import type { Signal } from "./signal.ts";
import type { SignalBoard } from "./signal_board.ts";
import type { WaitingRoom } from "./waiting_room.ts";

/** A poll, as its reader sends it. */
export interface Poll {
  readonly cursor?: string;
  /** The rooms to read; the session's own inbox and the notices belong to every poll. */
  readonly channels: readonly string[];
  /** How long it may be held, in ms. */
  readonly hold?: number;
  readonly tab: string;
  readonly turn?: number;
  readonly state: "active" | "background";
  /** Whether it wants to be told of signals. */
  readonly wantsSignals: boolean;
  /** Its signal tells when the client has left. */
  readonly request: { readonly signal: AbortSignal };
}

/** Why a poll was cancelled. */
export type CancelReason = "superseded" | "signed_out";

/** What a poll is answered. */
export interface PollAnswer {
  /** `message`: there is something to tell; `timedout`: there was nothing; `cancelled`: poll no more. */
  readonly outcome: "message" | "timedout" | "cancelled";
  readonly reason?: CancelReason;
  readonly cursor: string;
  readonly messages: readonly Message[];
  readonly signals: readonly Signal[];
  readonly gap: boolean;
  /** After how many ms the reader should poll again. */
  readonly retryAfter: number;
}

/** The parts that polls are answered from. */
export interface PollingParts {
  readonly epoch: string;
  readonly reader: LogReader;
  readonly waiting: WaitingRoom;
  readonly presence: PresenceBook;
  readonly signals: SignalBoard;
  /** How long (ms) a poll is held that does not say. */
  readonly hold: number;
}

/** The shortest and the longest hold (ms) that a poll may ask for. */
export const HOLD = { least: 1_000, most: 55_000 } as const;

/** Each hold is shortened by a random part of up to this, so that polls do not march in step. */
const JITTER = 0.1;

/** A reader is present for so long (ms) after its poll should have ended. */
const GRACE = 15_000;

/** Someone who polls. */
interface Visit {
  readonly session: KnownSession;
  readonly topics: readonly Topic[];
  readonly lease: Lease;
  readonly poll: Poll;
}

/** Answers polls: at once where there is something to tell, else when there is. */
export class Polling {
  readonly #parts: PollingParts;

  constructor(parts: PollingParts) {
    this.#parts = parts;
  }

  /** The answer to a poll, when there is one; `undefined` when its client has left. */
  async answer(session: KnownSession, poll: Poll): Promise<PollAnswer | undefined> {
    const hold = holdOf(poll.hold ?? this.#parts.hold);
    const visit = this.#visit(session, poll, hold);
    const place = await this.#placeOf(poll.cursor);
    // Register first, read second: a message that comes between the two wakes the seat.
    using seat = this.#park(visit, hold);
    for (;;) {
      const news = await this.#look(visit, place);
      const isAnswer = news.outcome === "message" || poll.cursor === undefined;
      // The seat may be gone by now: to a newer poll of the tab, say.
      if (isAnswer && seat.isTaken) return news;
      const next = await seat.next();
      if (next !== "growth") return this.#ended(next, seat, visit, place);
    }
  }

  #visit(session: KnownSession, poll: Poll, hold: number): Visit {
    const { presence, signals } = this.#parts;
    const lease = presence.renew(session.person, poll.tab, poll, hold + GRACE, signals.newest);
    const topics = [inboxOf(session.publicToken), "notice", ...poll.channels];
    return { session, topics, lease, poll };
  }

  /** The id that a cursor stands for; `undefined` where it stands for nothing in this log. */
  async #placeOf(word: string | undefined): Promise<number | undefined> {
    const { reader, epoch } = this.#parts;
    if (word === undefined) return reader.newest;
    const cursor = parseCursor(word);
    if (cursor === undefined || cursor.epoch !== epoch) return undefined;
    if (cursor.id <= reader.newest) return cursor.id;
    // Another node may have been ahead of this one.
    return await reader.reaches(cursor.id) ? cursor.id : undefined;
  }

  #park({ session, topics, poll }: Visit, hold: number): Seat {
    const { tab, turn, request } = poll;
    return this.#parts.waiting.park({
      owner: session.publicToken,
      tab,
      ...(turn !== undefined && { turn }),
      topics,
      hold,
      request,
    });
  }

  /** What there is to tell after a place: `message`, or else `timedout`, both with the newest place. */
  async #look(visit: Visit, place: number | undefined): Promise<PollAnswer> {
    const { reader } = this.#parts;
    const { topics } = visit;
    const reading =
      await (place === undefined ? reader.readNewest(topics) : reader.read(topics, place));
    return this.#answerWith(reading, this.#listen(visit));
  }

  #listen({ session, topics, lease, poll }: Visit): readonly Signal[] {
    if (!poll.wantsSignals) return [];
    const { signals } = this.#parts;
    const heard = signals.since(topics, lease.heard, session.publicToken);
    lease.heard = signals.newest;
    return heard;
  }

  #answerWith({ messages, place, gap }: Reading, signals: readonly Signal[]): PollAnswer {
    const isNews = messages.length > 0 || signals.length > 0 || gap;
    const cursor = formatCursor({ epoch: this.#parts.epoch, id: place });
    const outcome = isNews ? "message" : "timedout";
    return { outcome, cursor, messages, signals, gap, retryAfter: 0 };
  }

  async #ended(
    release: Release,
    seat: Seat,
    visit: Visit,
    place: number | undefined,
  ): Promise<PollAnswer | undefined> {
    if (release === "aborted") return undefined;
    if (release === "superseded" || release === "signed_out") {
      return this.#cancelled(release, visit.poll.cursor ?? "");
    }
    // A message may have come in the same moment; the cursor must not pass it.
    return { ...await this.#look(visit, place), retryAfter: seat.retryAfter };
  }

  #cancelled(reason: CancelReason, cursor: string): PollAnswer {
    const nothing = { messages: [], signals: [], gap: false, retryAfter: 0 };
    return { outcome: "cancelled", reason, cursor, ...nothing };
  }
}

function holdOf(wanted: number): number {
  const clamped = Math.min(Math.max(wanted, HOLD.least), HOLD.most);
  return clamped * (1 - JITTER * Math.random());
}
