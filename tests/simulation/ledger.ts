import type { Message } from "../../server/protocol/message.ts";
import { MessageChanges, nameOf } from "./message_changes.ts";
import { MessageReactions } from "./message_reactions.ts";
import { MessageReferences, type References } from "./message_references.ts";
import { type PollTimes, type ReaderOptions, ReaderRecord } from "./reader_record.ts";

/** A rule of docs/SPEC.md that a run has broken. */
export interface Violation {
  readonly rule: string;
  readonly what: string;
}

/** A message that somebody sends. Its text is its name: no two messages of a run have the same. */
export interface SentMessage extends References {
  readonly text: string;
  readonly sender: string;
  readonly channel: string;
  /** Set when the sender knows it: the id in the log. */
  id: number | undefined;
  /** The simulated time of the acknowledgement. */
  acknowledgedAt: number | undefined;
  /** Whether its sender was once told that it cannot be stored. */
  isRefused: boolean;
  /** The rule that is broken if it was stored although it is refused; absent if none is. */
  refusedBy?: string | undefined;
}

export interface LedgerOptions {
  /** The simulated time. */
  readonly now: () => number;
  /** A poll that is held must be answered within this time in ms after a message was acknowledged. */
  readonly promptMs: number;
  readonly onViolation: (violation: Violation) => void;
  /** Whether the log still has a message; absent if it never removes any. */
  readonly isStored?: (id: number) => boolean;
}

/**
 * What senders have been told and what readers have received, compared after every step. Knows nothing of HTTP, nodes and
 * stores: clients of every kind report here.
 */
export class Ledger {
  readonly violations: Violation[] = [];
  readonly changes = new MessageChanges();
  readonly reactions = new MessageReactions();
  readonly references = new MessageReferences();
  readonly #options: LedgerOptions;
  readonly #sent = new Map<string, SentMessage>();
  readonly #byId = new Map<number, SentMessage>();
  /** The messages of each sender in each channel, in the order in which they were written. */
  readonly #written = new Map<string, SentMessage[]>();
  #newest = 0;
  /** The logs that have lost messages, by their epochs: each with the id after which it has lost everything. */
  readonly #losses = new Map<string, number>();
  #hasLost = false;
  readonly #uncertain = new Set<SentMessage>();
  /** Which messages are those of people who are being erased. */
  readonly #erasures: ((sent: SentMessage) => boolean)[] = [];
  readonly #readers = new Set<ReaderRecord>();

  constructor(options: LedgerOptions) {
    this.#options = options;
  }

  /** Number of messages that were acknowledged. */
  get acknowledged(): number {
    return this.#byId.size;
  }

  /** Number of messages that readers have received. */
  get delivered(): number {
    return [...this.#readers].reduce((sum, reader) => sum + reader.delivered, 0);
  }

  /** A sender sends a message for the first time. */
  onSending(message: Omit<SentMessage, "id" | "acknowledgedAt" | "isRefused">): void {
    const sent = { ...message, id: undefined, acknowledgedAt: undefined, isRefused: false };
    this.#sent.set(message.text, sent);
    this.#writtenWith(sent).push(sent);
  }

  /**
   * A sender was told that a message cannot be stored: what was written later does not wait for it any more. It may still be
   * stored later, by another node that does not know yet that its session has ended, unless that breaks the given rule.
   */
  onRefused(text: string, rule?: string): void {
    const sent = this.find(text);
    if (sent === undefined) return;
    sent.isRefused = true;
    sent.refusedBy = rule;
    if (rule !== undefined && this.references.isReceived(text)) {
      this.violate(rule, `"${text}" was refused, but it is stored`);
    }
  }

  /** A sender has got the reply to a message. Those of one sender in one channel must be in the log as they were written. */
  onAcknowledged({ id, text = "", channel }: Pick<Message, "id" | "text" | "channel">): void {
    const sent = this.find(text);
    if (sent === undefined || sent.channel !== channel) {
      return this.violate("R1", `"${text}" in ${channel} was acknowledged, which nobody has sent`);
    }
    if (sent.id !== undefined) {
      if (sent.id !== id) this.violate("L6", `"${text}" was stored twice: ${sent.id} and ${id}`);
      return;
    }
    if (this.#uncertain.has(sent)) return;
    const other = this.#byId.get(id);
    if (other !== undefined) this.violate("L1", `"${text}" and "${other.text}" have the id ${id}`);
    sent.id = id;
    sent.acknowledgedAt = this.#options.now();
    this.#newest = Math.max(this.#newest, id);
    this.#byId.set(id, sent);
    if (this.#erasures.some((isOf) => isOf(sent))) this.changes.erase(id);
    this.#checkOrder(sent, id);
    for (const reader of this.#readers) reader.onAcknowledged(sent, id);
  }

  /** A reader, which must receive everything in its channels from its first cursor on. */
  addReader(options: ReaderOptions): ReaderRecord {
    const reader = new ReaderRecord(options, this);
    this.#readers.add(reader);
    return reader;
  }

  /** Somebody is erased: returns the ids of the messages that must be gone when that is done. Others may be. */
  onErasing(isOf: (sent: SentMessage) => boolean): readonly number[] {
    this.#erasures.push(isOf);
    const ids = [...this.#byId].filter(([, sent]) => isOf(sent)).map(([id]) => id);
    for (const id of ids) this.changes.erase(id);
    return ids;
  }

  /** Messages were erased. Of those that retention has removed, nobody is told. */
  onErased(ids: readonly number[]): void {
    for (const id of ids) if (this.isStored(id)) this.changes.erase(id, this.#options.now());
  }

  /** Whether every reader has everything that it must receive. */
  get isComplete(): boolean {
    return [...this.#readers].every((reader) => reader.isComplete);
  }

  /** Whether the log has lost messages. */
  get hasLost(): boolean {
    return this.#hasLost;
  }

  /**
   * The log has lost all messages after an id. What is being sent meanwhile may be acknowledged although it is lost, and
   * what is sent again is stored again: nothing is expected of either.
   */
  onLoss(after: number): void {
    this.#hasLost = true;
    for (const { epoch } of this.#readers) {
      if (epoch !== undefined) {
        this.#losses.set(epoch, Math.min(after, this.lostAfter(epoch) ?? after));
      }
    }
    for (const [id, sent] of this.#byId) {
      if (id <= after) continue;
      this.#byId.delete(id);
      sent.id = sent.acknowledgedAt = undefined;
    }
    for (const sent of this.#sent.values()) if (sent.id === undefined) this.#uncertain.add(sent);
    this.#newest = Math.min(this.#newest, after);
    for (const reader of this.#readers) reader.onLoss(after);
  }

  /** For readers: the id after which the log of that epoch has lost everything; `undefined` if it has lost nothing. */
  lostAfter(epoch: string): number | undefined {
    return this.#losses.get(epoch);
  }

  /** At the end, when everybody has had the time to get everything. */
  checkEnd(): void {
    for (const reader of this.#readers) reader.checkEnd();
  }

  violate(rule: string, what: string): void {
    const violation = { rule, what };
    this.violations.push(violation);
    this.#options.onViolation(violation);
  }

  /** Whether a tab of a session may have a message: it has received it, or may have acknowledged it. */
  mayHave(publicToken: string, id: number): boolean {
    return [...this.#readers].some((reader) => reader.mayHave(publicToken, id));
  }

  /** The acknowledged messages that the log still has. */
  get stored(): [number, SentMessage][] {
    return [...this.#byId].filter(([id]) => this.isStored(id));
  }

  /** The ids of the acknowledged messages of a channel. */
  idsIn(channel: string): number[] {
    return [...this.#byId].filter(([, sent]) => sent.channel === channel).map(([id]) => id);
  }

  /** The channel of an acknowledged message. */
  channelOf(id: number): string | undefined {
    return this.#byId.get(id)?.channel;
  }

  /** Whether a channel may have messages whose senders do not know it. */
  isSendingTo(channel: string): boolean {
    return [...this.#sent.values()].some((sent) =>
      sent.channel === channel && sent.id === undefined
    );
  }

  /** For readers: the message of that text. */
  find(text: string | undefined): SentMessage | undefined {
    return this.#sent.get(nameOf(text ?? ""));
  }

  /** For readers: the acknowledged messages with ids after `after` and up to `upTo`. */
  *between(after: number, upTo = this.#newest): Iterable<[number, SentMessage]> {
    for (let id = after + 1; id <= upTo; id++) {
      const sent = this.#byId.get(id);
      if (sent !== undefined) yield [id, sent];
    }
  }

  /**
   * For readers: whether the log has removed a message after `after` that may be for them. Those up to `upTo` exist, also if
   * nobody has got the acknowledgement of the last ones yet.
   */
  hasRemoved(after: number, upTo: number, isForReader: (channel: string) => boolean): boolean {
    for (let id = after + 1; id <= Math.max(upTo, this.#newest); id++) {
      const channel = this.#byId.get(id)?.channel;
      if (channel !== undefined && !isForReader(channel)) continue;
      if (!this.isStored(id)) return true;
    }
    return false;
  }

  /** For readers: whether a poll should have been answered with this message earlier. */
  isLate({ acknowledgedAt }: SentMessage, { sentAt, repliedAt }: PollTimes): boolean {
    if (acknowledgedAt === undefined) return false;
    return repliedAt - Math.max(acknowledgedAt, sentAt) > this.#options.promptMs;
  }

  isStored(id: number): boolean {
    return this.#options.isStored?.(id) ?? true;
  }

  #writtenWith({ sender, channel }: Pick<SentMessage, "sender" | "channel">): SentMessage[] {
    const key = `${sender} ${channel}`;
    const messages = this.#written.get(key) ?? [];
    this.#written.set(key, messages);
    return messages;
  }

  #checkOrder(sent: SentMessage, id: number): void {
    const messages = this.#writtenWith(sent).filter(({ isRefused }) => !isRefused);
    if (sent.isRefused) return;
    const place = messages.indexOf(sent);
    for (const [n, other] of messages.entries()) {
      if (n === place || other.id === undefined || n < place === other.id < id) continue;
      const [early, late] = n < place ? [other, sent] : [sent, other];
      this.violate("K4", `"${late.text}" was stored before "${early.text}"`);
    }
  }
}
