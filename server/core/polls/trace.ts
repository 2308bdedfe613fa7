import { inboxOf, type Topic, topicsOf } from "../../protocol/channel.ts";
import { Deque } from "../log/deque.ts";
import type { Message } from "../model/message.ts";
import type { PollAnswer } from "./polling.ts";
import { recipientOf } from "../conversations/receipts.ts";
import { steadyNow } from "../../base/clock.ts";
import type { MessageLog } from "../model/store.ts";

/** A tab of a session, as a trace names it. */
export interface TracedTab {
  readonly session: string;
  readonly tab: string;
}

/** Something that happened. Times are Unix times in ms, ids those of messages. */
export type TraceEvent =
  | {
    readonly event: "appended";
    readonly at: number;
    readonly id: number;
    readonly channel: string;
    readonly topics: readonly Topic[];
  }
  | TracedTab & {
    /** A poll came. Its cursor acknowledges every message up to `after`. */
    readonly event: "polled";
    readonly at: number;
    /** Absent where there was no cursor, or none of this log. */
    readonly after?: number;
    readonly reads: readonly Topic[];
  }
  | TracedTab & { readonly event: "woken" | "left"; readonly at: number }
  | TracedTab & {
    readonly event: "answered";
    readonly at: number;
    readonly outcome: PollAnswer["outcome"];
    readonly cursor: string;
    readonly messages: readonly number[];
  };

/** What one tab did about a message, and what came of it. */
export interface TracedReader extends TracedTab {
  /**
   * `acknowledged`: its cursor told that it has the message; `answered`: it was given the message, and no poll has come
   * since; `polling`: it polls, and was not given the message; `left`: its client went away.
   */
  readonly verdict: "acknowledged" | "answered" | "polling" | "left";
  readonly events: readonly TraceEvent[];
}

/** What is known of a message's way. */
export interface MessageTrace {
  readonly message: { readonly id: number; readonly channel: string; readonly at: number };
  readonly topics: readonly Topic[];
  /** Of a message for one session: whether any tab of it polled in the time that is traced. */
  readonly recipient?: { readonly session: string; readonly polled: boolean };
  /** The tabs that read one of the topics, 1,000 at most. */
  readonly readers: readonly TracedReader[];
  /** Since when events are kept; absent where nothing has happened yet. */
  readonly since?: number;
}

/** What is known of a session's polls, the oldest first. */
export interface SessionTrace {
  readonly session: string;
  readonly events: readonly TraceEvent[];
  readonly since?: number;
}

/** So many readers, and so many events of one, are told at most. */
const TOLD = { readers: 1_000, events: 200 } as const;

/** Remembers for a while what happened to messages and polls, so that it can be told why somebody got nothing. */
export class Trace {
  readonly #events = new Deque<TraceEvent>();
  readonly #capacity: number;

  /** Keeps the newest `capacity` events. */
  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  /** Notes every message that is appended after the id `after`. */
  follow(log: MessageLog, after: number): Promise<Disposable> {
    return log.follow(after, (messages) => this.appended(messages));
  }

  appended(messages: readonly Message[]): void {
    for (const { id, channel, at } of messages) {
      this.#note({ event: "appended", at, id, channel, topics: topicsOf(channel) });
    }
  }

  polled(who: TracedTab, after: number | undefined, reads: readonly Topic[]): void {
    const place = after !== undefined && { after };
    this.#note({ event: "polled", ...who, at: steadyNow(), ...place, reads });
  }

  woken(who: TracedTab): void {
    this.#note({ event: "woken", ...who, at: steadyNow() });
  }

  /** A poll was answered; without an answer its client has left. */
  answered(who: TracedTab, answer: PollAnswer | undefined): void {
    const at = steadyNow();
    if (answer === undefined) return this.#note({ event: "left", ...who, at });
    const { outcome, cursor, messages } = answer;
    const ids = messages.map(({ id }) => id);
    this.#note({ event: "answered", ...who, at, outcome, cursor, messages: ids });
  }

  /** What happened to a message. */
  ofMessage(message: Message): MessageTrace {
    const { id, channel, at } = message;
    const topics = topicsOf(channel);
    const events = this.#events.slice(0, this.#capacity);
    const isReader = (one: TraceEvent) =>
      one.event === "polled" && one.reads.some((topic) => topics.includes(topic));
    const readers = Object.values(
      Object.groupBy(events.filter(isOfTab), ({ session, tab }) => `${session} ${tab}`),
    ).filter((own) => own !== undefined && own.some(isReader)).slice(0, TOLD.readers)
      .map((own = []) => readerOf(own, message)).filter((reader) => reader !== undefined);
    const session = recipientOf(message);
    const polled = readers.some((reader) => reader.session === session);
    return {
      message: { id, channel, at },
      topics,
      ...(session !== undefined && { recipient: { session, polled } }),
      readers,
      ...this.#since(),
    };
  }

  /** What a session's tabs did, and the messages that came meanwhile for that session alone. */
  ofSession(session: string): SessionTrace {
    const inbox = inboxOf(session);
    const events = this.#events.slice(0, this.#capacity).filter((one) =>
      isOfTab(one) ? one.session === session : one.topics.includes(inbox)
    );
    return { session, events: events.slice(-TOLD.events), ...this.#since() };
  }

  #note(event: TraceEvent): void {
    this.#events.push(event);
    if (this.#events.length > this.#capacity) this.#events.shift();
  }

  #since() {
    const oldest = this.#events.at(0);
    return oldest && { since: oldest.at };
  }
}

type TabEvent = Exclude<TraceEvent, { readonly event: "appended" }>;

function isOfTab(event: TraceEvent): event is TabEvent {
  return event.event !== "appended";
}

/** From the last poll that came before the message, to the first whose cursor acknowledges it. */
function readerOf(events: readonly TabEvent[], { id, at }: Message): TracedReader | undefined {
  const [{ session, tab } = { session: "", tab: "" }] = events;
  const isAcknowledging = (one: TabEvent) =>
    one.event === "polled" && one.after !== undefined && one.after >= id;
  const before = events.findLastIndex((one) => one.event === "polled" && one.at <= at);
  const start = Math.max(0, before);
  const end = events.findIndex((one, n) => n >= start && isAcknowledging(one));
  const own = events.slice(start, end < 0 ? start + TOLD.events : end + 1);
  const last = own.at(-1);
  if (last === undefined) return undefined;
  return { session, tab, verdict: end >= 0 ? "acknowledged" : verdictOf(own, id), events: own };
}

function verdictOf(events: readonly TabEvent[], id: number): TracedReader["verdict"] {
  if (events.some((one) => one.event === "answered" && one.messages.includes(id))) {
    return "answered";
  }
  return events.at(-1)?.event === "left" ? "left" : "polling";
}
