import { isRecord } from "../../protocol/guards.ts";
import type { Change, Message } from "../../protocol/message.ts";
import { type MessageState, MessageStates } from "./message_states.ts";
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

/** The same, as a reader gets it. */
export interface ReceivedMessage extends NumberedMessage {
  /** Absent: as it was sent. */
  readonly state?: MessageState;
}

/** Reads a message of a soak run. Returns `undefined` for messages of others. */
export function parseNumbered(message: Message): ReceivedMessage | undefined {
  const { id, channel, data } = message;
  if (!isRecord(data)) return undefined;
  const { sender, n } = data;
  if (typeof sender !== "string" || typeof n !== "number") return undefined;
  return { id, channel, sender, n, state: stateOf(message) };
}

/** How a message looks: its sender marks what it has edited. */
export function stateOf({ data, deletedAt }: Message): MessageState {
  if (deletedAt !== undefined) return "deleted";
  return isRecord(data) && data.edited === true ? "edited" : "as sent";
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
  readonly #findings = { lost: 0, duplicated: 0, outOfOrder: 0, outdated: 0, stopped: 0 };
  readonly #states = new MessageStates();

  get acknowledged(): number {
    return this.#counts.acknowledged;
  }

  get delivered(): number {
    return this.#counts.delivered;
  }

  /** The number of acknowledged messages and changes that have not been received, summed over all readers. */
  get outstanding(): number {
    return this.#readers.reduce(
      (sum, reader) => sum + reader.outstanding + reader.outdated(this.#states.outcomes).length,
      0,
    );
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

  /** The sender of an acknowledged message begins to change it. */
  onChanging(message: NumberedMessage, state: MessageState): void {
    this.#states.begin(message.id, state);
    if (!this.#states.mayBeDeleted(message.id)) return;
    const tracked = this.#track(message);
    for (const reader of this.#readersOf.get(message.channel) ?? []) reader.onDeleting(tracked);
  }

  /** Somebody asks the server to erase a sender: all its messages. */
  onErasing(sender: string): void {
    for (const message of this.#messagesOf(sender)) this.onChanging(message, "deleted");
  }

  /** The server has erased the sender. */
  onErased(sender: string): void {
    for (const message of this.#messagesOf(sender)) this.onChanged(message, "deleted");
  }

  /** The server acknowledged the change. */
  onChanged({ id }: NumberedMessage, state: MessageState): void {
    this.#states.end(id, state);
  }

  /** A reader was told how an earlier message is now. */
  onChange(reader: ReaderRecord, { message }: Change): void {
    reader.onState(message.id, stateOf(message));
  }

  /** A reader received a message. */
  onReceived(
    reader: ReaderRecord,
    message: ReceivedMessage,
    now: number,
  ): void {
    this.#counts.delivered++;
    reader.onState(message.id, message.state ?? "as sent");
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
    for (const reader of this.#readers) {
      reader.finish(now);
      for (const one of reader.outdated(this.#states.outcomes)) this.add("outdated", one);
    }
    const latency = this.#latencies.summary();
    const counts = { ...this.#counts, changed: this.#states.count };
    return { ...counts, ...this.#findings, latency, details: this.#details };
  }

  #messagesOf(sender: string): readonly NumberedMessage[] {
    return this.#streams.values().toArray().filter((stream) => stream.sender === sender)
      .flatMap(({ channel, messages }) =>
        messages.map(({ n, id }) => ({ sender, channel, n, id }))
      );
  }

  #track({ sender, channel, n, id }: NumberedMessage): TrackedMessage {
    const name = `${sender} in ${channel}`;
    let stream = this.#streams.get(name);
    if (stream === undefined) {
      stream = new SenderStream({ sender, channel }, this);
      this.#streams.set(name, stream);
    }
    return stream.track(n, id);
  }
}
