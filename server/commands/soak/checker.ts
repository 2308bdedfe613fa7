import { isRecord } from "../../protocol/guards.ts";
import type { Message } from "../../protocol/message.ts";
import {
  type FindingKind,
  ReaderRecord,
  SenderStream,
  type TrackedMessage,
} from "./reader_record.ts";
import { type Findings, Latencies } from "./report.ts";

/** What the data of a message contains, and its channel and id in the log. */
export interface NumberedMessage {
  readonly sender: string;
  readonly channel: string;
  /** Its number among the sender's messages to this channel, from 1. */
  readonly n: number;
  readonly id: number;
}

/** Reads a message of a soak run. Returns `undefined` for messages of others. */
export function parseNumbered({ id, channel, data }: Message): NumberedMessage | undefined {
  if (!isRecord(data)) return undefined;
  const { sender, n } = data;
  if (typeof sender !== "string" || typeof n !== "number") return undefined;
  return { id, channel, sender, n };
}

/** Maximum number of findings that are described. */
const MAX_DETAILS = 10;

/**
 * Compares what was acknowledged to senders with what readers received. Participants report both here. Knows nothing of
 * HTTP; times are parameters, in ms of the monotonic clock.
 */
export class Checker {
  readonly #streams = new Map<string, SenderStream>();
  #readers: readonly ReaderRecord[] = [];
  readonly #readersOf = new Map<string, ReaderRecord[]>();
  readonly #latencies = new Latencies();
  readonly #details: string[] = [];
  readonly #counts = { sent: 0, acknowledged: 0, delivered: 0, gaps: 0 };
  readonly #findings = { lost: 0, duplicated: 0, outOfOrder: 0, stopped: 0 };

  get acknowledged(): number {
    return this.#counts.acknowledged;
  }

  get delivered(): number {
    return this.#counts.delivered;
  }

  /** The number of acknowledged messages that have not been received, summed over all readers. */
  get outstanding(): number {
    return this.#readers.reduce((sum, reader) => sum + reader.outstanding, 0);
  }

  /** For how long the oldest outstanding message of any reader has been acknowledged, in ms. */
  lag(now: number): number {
    return this.#readers.reduce((max, reader) => Math.max(max, reader.lag(now)), 0);
  }

  /** Adds a reader, which must receive all messages of these channels that are acknowledged from now on. */
  addReader(name: string, channels: readonly string[]): ReaderRecord {
    const reader = new ReaderRecord(name, this);
    this.#readers = [...this.#readers, reader];
    for (const channel of channels) {
      const readers = this.#readersOf.get(channel) ?? [];
      this.#readersOf.set(channel, [...readers, reader]);
    }
    return reader;
  }

  /** A reader has left for good, whatever it has received. */
  removeReader(left: ReaderRecord): void {
    left.leave();
    this.#readers = this.#readers.filter((reader) => reader !== left);
    for (const [channel, readers] of this.#readersOf) {
      this.#readersOf.set(channel, readers.filter((reader) => reader !== left));
    }
  }

  /** A sender sends a new message. */
  onSent(): void {
    this.#counts.sent++;
  }

  /** The server acknowledged a message to its sender, who has sent it first at `sentAt`. */
  onAcknowledged(message: NumberedMessage, now: number, sentAt = now): void {
    const tracked = this.#track(message);
    if (tracked.isAcknowledged) return;
    tracked.isAcknowledged = true;
    this.#counts.acknowledged++;
    for (const reader of this.#readersOf.get(message.channel) ?? []) {
      reader.onAcknowledged(tracked, now, sentAt);
    }
  }

  /** A reader received a message. */
  onReceived(reader: ReaderRecord, message: NumberedMessage, now: number): void {
    this.#counts.delivered++;
    const latency = reader.onReceived(this.#track(message), message.id, now);
    if (latency !== undefined) this.#latencies.add(latency);
  }

  /** A reader was told of a gap before the messages that follow. */
  onGap(reader: ReaderRecord): void {
    this.#counts.gaps++;
    reader.onGap();
  }

  /** A participant has given up although the server did not stop it. */
  onStopped(description: string): void {
    this.add("stopped", description);
  }

  /** Adds a finding. */
  add(kind: FindingKind, description: string): void {
    this.#findings[kind]++;
    if (this.#details.length < MAX_DETAILS) this.#details.push(`${kind}: ${description}`);
  }

  /** Ends the run: messages that are still outstanding are lost. */
  finish(now: number): Findings {
    for (const reader of this.#readers) reader.finish(now);
    const latency = this.#latencies.summary();
    return { ...this.#counts, ...this.#findings, latency, details: this.#details };
  }

  #track({ sender, channel, n, id }: NumberedMessage): TrackedMessage {
    const name = `${sender} in ${channel}`;
    let stream = this.#streams.get(name);
    if (stream === undefined) this.#streams.set(name, stream = new SenderStream(name, this));
    return stream.track(n, id);
  }
}
