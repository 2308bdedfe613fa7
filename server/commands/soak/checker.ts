import { Latencies } from "./latencies.ts";
import { SenderStream, type TrackedMessage } from "./sender_stream.ts";
import type { Finding, Findings, Report } from "./report.ts";
import { ReaderRecord } from "./reader_record.ts";

/** What a sender says in a message: its name, and the number of the message among its messages to that channel. */
export interface Numbered {
  readonly sender: string;
  readonly channel: string;
  readonly n: number;
}

/** A numbered message that has a place in the log. */
export interface Placed extends Numbered {
  readonly id: number;
}

/** So many findings are told in full. */
const TOLD = 10;

/**
 * Knows what was acknowledged and what each reader was given, and judges. Knows nothing of HTTP or of time: whoever
 * calls says when, in ms.
 */
export class Checker implements Findings {
  readonly #lanes = new Map<string, SenderStream>();
  readonly #readers: ReaderRecord[] = [];
  readonly #readersOf = new Map<string, ReaderRecord[]>();
  readonly #latencies = new Latencies();
  readonly #cases: string[] = [];
  readonly #counts = { sent: 0, acknowledged: 0, delivered: 0, gaps: 0 };
  readonly #faults = { lost: 0, duplicated: 0, outOfOrder: 0 };

  get acknowledged(): number {
    return this.#counts.acknowledged;
  }

  get delivered(): number {
    return this.#counts.delivered;
  }

  /** How many acknowledged messages have not been given yet, counted once for each reader that waits for them. */
  get outstanding(): number {
    return this.#readers.reduce((sum, reader) => sum + reader.outstanding, 0);
  }

  /** How long the message has been acknowledged for which a reader has waited longest. */
  lag(now: number): number {
    return this.#readers.reduce((worst, reader) => Math.max(worst, reader.lag(now)), 0);
  }

  /** From now on a reader of that name is entitled to the messages of those channels. */
  enter(name: string, channels: readonly string[]): ReaderRecord {
    const reader = new ReaderRecord(name, this);
    this.#readers.push(reader);
    for (const channel of channels) {
      const readers = this.#readersOf.get(channel) ?? [];
      this.#readersOf.set(channel, [...readers, reader]);
    }
    return reader;
  }

  /** A sender is about to send a message, for the first time. */
  sent(): void {
    this.#counts.sent++;
  }

  /** A sender was told that its message has the place `id`. */
  acknowledge(message: Placed, now: number): void {
    const letter = this.#letter(message);
    if (letter.isAcknowledged) return;
    letter.isAcknowledged = true;
    this.#counts.acknowledged++;
    for (const reader of this.#readersOf.get(message.channel) ?? []) reader.expect(letter, now);
  }

  /** A reader was given a message. */
  give(reader: ReaderRecord, message: Placed, now: number): void {
    this.#counts.delivered++;
    const waited = reader.take(this.#letter(message), message.id, now);
    if (waited !== undefined) this.#latencies.add(waited);
  }

  /** A reader was told that messages may be missing before those that follow. */
  gap(reader: ReaderRecord): void {
    this.#counts.gaps++;
    reader.excuse();
  }

  find(kind: Finding, story: string): void {
    this.#faults[kind]++;
    if (this.#cases.length < TOLD) this.#cases.push(`${kind}: ${story}`);
  }

  /** What is true at the end, when everybody has had time enough to read everything. */
  judge(now: number): Report {
    for (const reader of this.#readers) reader.close(now);
    const latency = this.#latencies.summary();
    return { ...this.#counts, ...this.#faults, latency, cases: this.#cases };
  }

  #letter(message: Placed): TrackedMessage {
    const name = `${message.sender} in ${message.channel}`;
    let lane = this.#lanes.get(name);
    if (lane === undefined) this.#lanes.set(name, lane = new SenderStream(name, this));
    return lane.note(message.n, message.id);
  }
}
