import type {
  MessageTrace,
  SessionTrace,
  TracedReader,
  TracedTab,
  TraceEvent,
} from "../../protocol/admin_replies.ts";
import { inboxOf, type Topic, topicsOf } from "../model/topics.ts";
import { Deque } from "../log/deque.ts";
import type { Message } from "../../protocol/message.ts";
import type { PollReply } from "../../protocol/replies.ts";
import { recipientOf } from "../conversations/receipts.ts";
import { steadyNow } from "../../base/clock.ts";
import type { MessageLog } from "../model/store.ts";

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
  answered(who: TracedTab, answer: PollReply | undefined): void {
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
