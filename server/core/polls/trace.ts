import type {
  MessageTrace,
  SessionTrace,
  TracedReader,
  TracedTab,
  TraceEvent,
} from "../../protocol/admin_replies.ts";
import { type Entry, inboxOf, isNoticeChannel, topicsOf } from "../model/message.ts";
import { Deque } from "../../base/deque.ts";
import type { Message } from "../../protocol/message.ts";
import type { PollReply } from "../../protocol/replies.ts";
import { recipientOf } from "../conversations/receipts.ts";
import { type Runtime, SYSTEM_RUNTIME } from "../../base/runtime.ts";
import type { TracePart } from "../model/others.ts";
import type { MessageLog } from "../model/store.ts";
import type { Subscription } from "../presence/presence_entry.ts";

/** Maximum number of readers in a trace, and of events per reader. */
const LIMITS = { readers: 1_000, events: 200 } as const;

/** A log of the latest events of messages and polls, to find out why someone did not get a message. */
export class Trace {
  #events = new Deque<TraceEvent>();
  readonly #maxBytes: number;
  readonly #runtime: Runtime;
  #bytes = 0;

  /** `maxBytes`: maximum size of all events in memory, roughly; older ones are dropped. */
  constructor(maxBytes: number, runtime: Runtime = SYSTEM_RUNTIME) {
    this.#maxBytes = maxBytes;
    this.#runtime = runtime;
  }

  /** Number of events. */
  get size(): number {
    return this.#events.length;
  }

  /** Records every message and every change that is appended after the id `after`. */
  follow(log: MessageLog, after: number): Promise<Disposable> {
    return log.follow(after, (messages) => this.appended(messages));
  }

  appended(entries: readonly Entry[]): void {
    for (const { id, channel, at, message } of entries) {
      const changes = message && { changes: message.id };
      this.#record({ event: "appended", at, id, channel, topics: topicsOf(channel), ...changes });
    }
  }

  polled(
    tab: TracedTab,
    after: number | undefined,
    { topics: reads, notices }: Pick<Subscription, "topics" | "notices">,
  ): void {
    const position = after !== undefined && { after };
    const at = this.#runtime.wallNow();
    const refusal = !notices && { notices };
    this.#record({ event: "polled", ...tab, at, ...position, reads, ...refusal });
  }

  woken(tab: TracedTab): void {
    this.#record({ event: "woken", ...tab, at: this.#runtime.wallNow() });
  }

  /** A poll was answered; without a reply, its client has disconnected. */
  answered(tab: TracedTab, reply: PollReply | undefined): void {
    const at = this.#runtime.wallNow();
    if (reply === undefined) return this.#record({ event: "left", ...tab, at });
    const { outcome, cursor, messages } = reply;
    const ids = messages.map(({ id }) => id);
    this.#record({ event: "answered", ...tab, at, outcome, cursor, messages: ids });
  }

  /** The events of the tabs that read a topic of a message. */
  partOfMessage({ channel }: Message): TracePart {
    const topics = topicsOf(channel);
    const isReader = (one: TraceEvent) =>
      one.event === "polled" && one.reads.some((topic) => topics.includes(topic));
    const events = byTab(this.#events.slice(0, this.size).filter(isOfTab))
      .filter((own) => own.some(isReader)).slice(0, LIMITS.readers).flat();
    return { events, ...this.#since() };
  }

  /** The events of a session's tabs, and the messages for that session alone. */
  partOfSession(session: string): TracePart {
    const events = this.#events.slice(0, this.size).filter((one) => concerns(one, session));
    return { events: events.slice(-LIMITS.events), ...this.#since() };
  }

  /** Removes what {@linkcode partOfSession} returns. */
  forget(session: string): void {
    const kept = this.#events.slice(0, this.size).filter((one) => !concerns(one, session));
    this.#events = new Deque();
    this.#bytes = 0;
    for (const event of kept) this.#record(event);
  }

  #record(event: TraceEvent): void {
    this.#events.push(event);
    this.#bytes += bytesOf(event);
    while (this.#bytes > this.#maxBytes) {
      const dropped = this.#events.shift();
      if (dropped === undefined) return;
      this.#bytes -= bytesOf(dropped);
    }
  }

  #since() {
    const oldest = this.#events.at(0);
    return oldest && { since: oldest.at };
  }
}

function concerns(event: TraceEvent, session: string): boolean {
  return isOfTab(event) ? event.session === session : event.topics.includes(inboxOf(session));
}

/** Size of an event without its lists, in bytes. */
const EVENT_BYTES = 200;

/** Roughly the size of an event in memory. */
function bytesOf(event: TraceEvent): number {
  if (event.event === "answered") return EVENT_BYTES + 8 * event.messages.length;
  if (event.event !== "polled") return EVENT_BYTES;
  return event.reads.reduce((bytes, topic) => bytes + 24 + topic.length, EVENT_BYTES);
}

/** What happened to a message, according to all workers. */
export function messageTrace(message: Message, parts: readonly TracePart[]): MessageTrace {
  const { id, channel, at } = message;
  const { events, ...since } = join(parts);
  const readers = byTab(events.filter(isOfTab)).slice(0, LIMITS.readers)
    .map((own) => readerOf(own, message)).filter((reader) => reader !== undefined);
  const session = recipientOf(message);
  const polled = readers.some((reader) => reader.session === session);
  return {
    message: { id, channel, at },
    topics: topicsOf(channel),
    ...(session !== undefined && { recipient: { session, polled } }),
    readers,
    ...since,
  };
}

/** The events of a session, according to all workers. */
export function sessionTrace(session: string, parts: readonly TracePart[]): SessionTrace {
  const { events, ...since } = join(parts);
  return { session, events: events.slice(-LIMITS.events), ...since };
}

/** All events in the order of their times, from the time on from which all workers remember theirs. */
function join(parts: readonly TracePart[]): TracePart {
  const times = parts.map(({ since }) => since).filter((since) => since !== undefined);
  const events = parts.flatMap((part) => part.events);
  if (parts.length > 1) events.sort((one, other) => one.at - other.at);
  return { events, ...(times.length > 0 && { since: Math.max(...times) }) };
}

function byTab(events: readonly TabEvent[]): readonly (readonly TabEvent[])[] {
  const groups = Object.groupBy(events, ({ session, tab }) => `${session} ${tab}`);
  return Object.values(groups).map((own = []) => own);
}

type TabEvent = Exclude<TraceEvent, { readonly event: "appended" }>;

function isOfTab(event: TraceEvent): event is TabEvent {
  return event.event !== "appended";
}

/** The events of a tab from its last poll before the message to the first poll that acknowledges it. */
function readerOf(
  events: readonly TabEvent[],
  { id, at, channel }: Message,
): TracedReader | undefined {
  const [{ session, tab } = { session: "", tab: "" }] = events;
  const isAcknowledging = (one: TabEvent) =>
    one.event === "polled" && one.after !== undefined && one.after >= id;
  const before = events.findLastIndex((one) => one.event === "polled" && one.at <= at);
  const start = Math.max(0, before);
  const end = events.findIndex((one, n) => n >= start && isAcknowledging(one));
  const own = events.slice(start, end < 0 ? start + LIMITS.events : end + 1);
  const last = own.at(-1);
  if (last === undefined) return undefined;
  // A cursor also passes the notices that the poll has refused.
  const answered = end < 0 ? own : own.slice(0, -1);
  const poll = answered.findLast(isPoll) ?? own.findLast(isPoll);
  if (isNoticeChannel(channel) && poll?.notices === false) return undefined;
  return { session, tab, verdict: end >= 0 ? "acknowledged" : verdictOf(own, id), events: own };
}

function isPoll(event: TabEvent): event is Extract<TabEvent, { readonly event: "polled" }> {
  return event.event === "polled";
}

function verdictOf(events: readonly TabEvent[], id: number): TracedReader["verdict"] {
  if (events.some((one) => one.event === "answered" && one.messages.includes(id))) {
    return "answered";
  }
  return events.at(-1)?.event === "left" ? "left" : "polling";
}
