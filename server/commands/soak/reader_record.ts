import type { MessageState } from "./message_states.ts";

/** The kinds of findings. */
export type FindingKind = "lost" | "duplicated" | "outOfOrder" | "outdated" | "stopped";

/** Collects findings. */
export interface FindingLog {
  add(kind: FindingKind, description: string): void;
}

/** A message of a sender to a channel, as the checker knows it. */
export interface TrackedMessage {
  readonly stream: SenderStream;
  /** Its number in the stream, from 1. */
  readonly n: number;
  /** Its id in the log, as it was reported first. */
  readonly id: number;
  isAcknowledged: boolean;
}

/** The messages of one sender to one channel. They must be in the log once each, in the order of their numbers. */
export class SenderStream {
  readonly sender: string;
  readonly channel: string;
  readonly #findings: FindingLog;
  readonly #messages: TrackedMessage[] = [];
  /** Second ids of messages, which have been reported. */
  readonly #duplicateIds = new Set<number>();

  constructor(
    { sender, channel }: { readonly sender: string; readonly channel: string },
    findings: FindingLog,
  ) {
    this.sender = sender;
    this.channel = channel;
    this.#findings = findings;
  }

  get name(): string {
    return `${this.sender} in ${this.channel}`;
  }

  /** The messages that somebody has sent or received. */
  get messages(): readonly TrackedMessage[] {
    // Numbers that nobody knows are holes.
    return this.#messages.flatMap((message) => message);
  }

  /** Returns message number `n`, of which someone says that it has this id. */
  track(n: number, id: number): TrackedMessage {
    const known = this.#messages[n];
    if (known === undefined) return this.#add({ stream: this, n, id, isAcknowledged: false });
    if (known.id !== id) this.#reportDuplicate(known, id);
    return known;
  }

  #add(message: TrackedMessage): TrackedMessage {
    const { n, id } = message;
    this.#messages[n] = message;
    const [before, after] = [this.#messages[n - 1], this.#messages[n + 1]];
    if (before && before.id > id) this.#reportDisorder(before, message);
    if (after && after.id < id) this.#reportDisorder(message, after);
    return message;
  }

  #reportDisorder(one: TrackedMessage, next: TrackedMessage): void {
    const ids = `message ${one.n} has the id ${one.id}, and message ${next.n} the id ${next.id}`;
    this.#findings.add("outOfOrder", `of ${this.name}, ${ids}`);
  }

  #reportDuplicate({ n, id }: TrackedMessage, other: number): void {
    if (this.#duplicateIds.has(other)) return;
    this.#duplicateIds.add(other);
    const description = `message ${n} of ${this.name} is in the log twice, as ${id} and ${other}`;
    this.#findings.add("duplicated", description);
  }
}

/** Number of messages before and after a finding that its description contains. */
const CONTEXT = 3;

/** The messages that were missing when a gap was reported, and the last id that was received before. */
interface Gap {
  readonly missing: readonly TrackedMessage[];
  readonly last: number;
}

/** What one reader has received, and which messages it must still receive. */
export class ReaderRecord {
  readonly name: string;
  readonly #findings: FindingLog;
  /** Acknowledged messages that have not been received, with the time of the acknowledgement; the oldest first. */
  readonly #expected = new Map<TrackedMessage, number>();
  /** Messages that were received before they were acknowledged. */
  readonly #early = new Set<TrackedMessage>();
  /** The ids of received messages, in ascending order. */
  #received: number[] = [];
  /** How messages look, by their ids, unless they are as they were sent. */
  readonly #states = new Map<number, MessageState>();
  /** The number of the last message received from each stream. */
  readonly #numbers = new Map<SenderStream, number>();
  /** Set by a gap, until the next message shows how far it reaches. */
  #gap: Gap | undefined;
  /** It need not receive what was sent before, or after it has left. */
  #since = -Infinity;

  constructor(name: string, findings: FindingLog) {
    this.name = name;
    this.#findings = findings;
  }

  /** The number of messages that must still be received. */
  get outstanding(): number {
    return this.#expected.size;
  }

  /** For how long the oldest outstanding message has been acknowledged, in ms. */
  lag(now: number): number {
    for (const since of this.#expected.values()) return now - since;
    return 0;
  }

  /** From now on, it must receive only what is sent after this time. */
  startAt(time: number): void {
    this.#since = time;
  }

  /** It has left for good: nothing is expected any more. */
  leave(): void {
    this.#since = Infinity;
    this.#expected.clear();
  }

  /** A message is perhaps deleted: it need not be received any more. */
  onDeleting(message: TrackedMessage): void {
    this.#expected.delete(message);
  }

  /** A message, which it has or gets now, looks like this. */
  onState(id: number, state: MessageState): void {
    if (state === "as sent") this.#states.delete(id);
    else this.#states.set(id, state);
  }

  /** Describes the messages that it shows in another state than this one. */
  outdated(outcomes: Iterable<readonly [id: number, state: MessageState]>): readonly string[] {
    const found: string[] = [];
    for (const [id, outcome] of outcomes) {
      const state = this.#states.get(id) ?? "as sent";
      if (state === outcome || this.#received[this.#indexOf(id)] !== id) continue;
      found.push(`${this.name} shows ${id} ${state}, which is ${outcome}`);
    }
    return found;
  }

  /** The message, first sent at `sentAt`, was acknowledged: it must be received. */
  onAcknowledged(message: TrackedMessage, now: number, sentAt: number): void {
    const isEarly = this.#early.delete(message);
    if (!isEarly && sentAt >= this.#since) this.#expected.set(message, now);
  }

  /**
   * The message was received under that id. Returns how long (ms) after its acknowledgement; `undefined` if it is a
   * duplicate.
   */
  onReceived(message: TrackedMessage, id: number, now: number): number | undefined {
    this.#endGap(id);
    const isNew = this.#insert(id, message);
    if (!isNew) return undefined;
    this.#checkOrder(message);
    const since = this.#expected.get(message);
    this.#expected.delete(message);
    if (since === undefined && !message.isAcknowledged) this.#early.add(message);
    return now - (since ?? now);
  }

  /** The server reported a gap: messages before the next one may be missing, and a new log may begin. */
  onGap(): void {
    this.#gap = { missing: [...this.#expected.keys()], last: this.#received.at(-1) ?? 0 };
    this.#received = [];
    this.#numbers.clear();
  }

  /** Reports everything that is still outstanding as lost. */
  finish(now: number): void {
    this.#endGap(Infinity);
    for (const [message, since] of this.#expected) {
      const age = `acknowledged ${Math.round(now - since)} ms ago`;
      const description = `${this.name} did not receive ${describe(message.id, message)}, ${age}`;
      this.#findings.add("lost", `${description}; ${this.#contextOf(message.id)}`);
    }
  }

  #endGap(next: number): void {
    if (this.#gap === undefined) return;
    const { missing, last } = this.#gap;
    // If the ids start again, there is a new log, and nothing of the old one will arrive.
    const isNewLog = next <= last;
    for (const message of missing) {
      if (isNewLog || message.id < next) this.#expected.delete(message);
    }
    this.#gap = undefined;
  }

  /** Returns whether it was not received before. */
  #insert(id: number, message: TrackedMessage): boolean {
    const last = this.#received.at(-1) ?? -1;
    if (id > last) {
      this.#received.push(id);
      return true;
    }
    const index = this.#indexOf(id);
    const isDuplicate = this.#received[index] === id;
    const how = isDuplicate ? "again" : `after ${last}`;
    this.#findings.add(
      isDuplicate ? "duplicated" : "outOfOrder",
      `${this.name} received ${describe(id, message)} ${how}; ${this.#contextOf(id)}`,
    );
    if (!isDuplicate) this.#received.splice(index, 0, id);
    return !isDuplicate;
  }

  #checkOrder({ n, stream }: TrackedMessage): void {
    const last = this.#numbers.get(stream) ?? 0;
    if (n < last) {
      const description = `${this.name} received message ${n} of ${stream.name} after ${last}`;
      this.#findings.add("outOfOrder", description);
    }
    this.#numbers.set(stream, Math.max(n, last));
  }

  /** The index of the first id that is not lower, by binary search. */
  #indexOf(id: number): number {
    let [low, high] = [0, this.#received.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#received[middle] ?? Infinity) < id) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #contextOf(id: number): string {
    const index = this.#indexOf(id);
    const before = this.#received.slice(Math.max(0, index - CONTEXT), index);
    const after = this.#received.slice(index, index + CONTEXT);
    return `it received ${list(before)} before and ${list(after)} after`;
  }
}

function describe(id: number, { n, stream }: TrackedMessage): string {
  return `${id} (message ${n} of ${stream.name})`;
}

function list(ids: readonly number[]): string {
  return ids.join(", ") || "nothing";
}
