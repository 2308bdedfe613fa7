import { parseCursor } from "../../server/protocol/cursor.ts";
import type { Change, Message } from "../../server/protocol/message.ts";
import type { Ledger, SentMessage } from "./ledger.ts";
import { reactionsOf } from "./message_reactions.ts";
import { NOTICES, roomOf } from "./rooms.ts";

export interface ReaderOptions {
  readonly name: string;
  /** The public token of its session. */
  readonly publicToken: string;
  /** The rooms that it reads at first. Direct messages of its session are always included. */
  readonly rooms: readonly string[];
  /** Whether it takes notices at first; it does by default. */
  readonly notices?: boolean;
  /** Whether another tab of its browser may poll for it, and acknowledge what it has not got yet. */
  readonly sharesPolls?: boolean;
}

/** A message as a reader shows it. */
interface ShownMessage {
  readonly channel: string;
  /** `null` if it was deleted. */
  readonly text: string | null;
  readonly reactions: readonly string[];
}

/** Simulated times: when a poll was sent, and when its reply was sent. */
export interface PollTimes {
  readonly sentAt: number;
  readonly repliedAt: number;
}

/** What one reader has received. It must report everything in the order in which its user sees it. */
export class ReaderRecord {
  readonly name: string;
  readonly #options: ReaderOptions;
  readonly #ledger: Ledger;
  readonly #received = new Set<number>();
  /** The messages that it shows, as they were after the last change that it got; `null`: nothing. */
  readonly #shown = new Map<number, ShownMessage>();
  /** The rooms that it reads, and `notice` if it takes notices, each with the id after which it must receive everything. */
  readonly #rooms: Map<string, number>;
  /** The epoch of its cursor, and the id up to which it has everything; `undefined` before the first cursor. */
  #position: { readonly epoch: string; readonly id: number } | undefined;
  /** The id of its first cursor. */
  #start = 0;
  #lastId = 0;
  /** The ranges of ids in which it was told of a gap. */
  readonly #gaps: { readonly after: number; readonly upTo: number }[] = [];
  /** Whether it was told of a gap since its last cursor. */
  #wasTold = false;
  #hasLeft = false;
  /** The id after which the log has lost everything. It must be told that this is another log, if it got any of that. */
  #lostAfter: number | undefined;

  constructor(options: ReaderOptions, ledger: Ledger) {
    this.name = options.name;
    this.#options = options;
    this.#ledger = ledger;
    const { rooms, notices = true } = options;
    this.#rooms = new Map((notices ? [...rooms, NOTICES] : rooms).map((room) => [room, 0]));
  }

  /** The epoch of its cursor. */
  get epoch(): string | undefined {
    return this.#position?.epoch;
  }

  get delivered(): number {
    return this.#received.size;
  }

  /** `poll`: the times of the poll that has brought the message, if they are known. */
  onMessage(message: Message, poll?: PollTimes): void {
    const { id, text, channel } = message;
    const sent = this.#ledger.find(text);
    if (sent === undefined || sent.channel !== channel) {
      this.#violate("R1", `received "${text}" in ${channel}, which nobody has sent`);
    }
    if (!this.#reads(channel)) this.#violate("R1", `received "${text}" in ${channel}`);
    // After a loss, a reader is told of a gap and gets the newest messages, also those that it has.
    if (this.#wasTold && this.#ledger.hasLost) this.#lastId = 0;
    else if (this.#received.has(id)) this.#violate("K3", `received "${text}" (${id}) again`);
    else if (id <= this.#lastId) {
      this.#violate("K4", `received "${text}" (${id}) after ${this.#lastId}`);
    }
    if (sent?.id !== undefined && sent.id !== id) {
      this.#violate("L6", `received "${text}" as ${id}, its sender has it as ${sent.id}`);
    }
    this.#checkReferences(message);
    if (sent !== undefined && poll !== undefined && this.#ledger.isLate(sent, poll)) {
      this.#violate("P2", `received "${text}" (${id}) late: it had polled all the time`);
    }
    this.#lastId = Math.max(this.#lastId, id);
    this.#received.add(id);
    this.#shown.set(id, { channel, text: text ?? null, reactions: reactionsOf(message) });
  }

  onChange({ id, channel, message }: Change): void {
    const { text = null } = message;
    if (!this.#reads(channel)) this.#violate("R1", `received the change ${id} in ${channel}`);
    if ((text === null) !== (message.deletedAt !== undefined)) {
      this.#violate("P26", `received "${text}" as the text of a deleted message`);
    }
    this.#checkReferences(message);
    if (!this.#shown.has(message.id)) return;
    this.#shown.set(message.id, { channel, text, reactions: reactionsOf(message) });
  }

  onGap(): void {
    this.#wasTold = true;
    // It loads them again.
    this.#shown.clear();
  }

  /** It has everything up to this cursor. */
  onCursor(cursor: string): void {
    const next = parseCursor(cursor);
    if (next === undefined) return this.#violate("P18", `got the invalid cursor "${cursor}"`);
    const before = this.#position;
    const wasTold = this.#wasTold;
    this.#position = next;
    this.#wasTold = false;
    if (before === undefined) {
      this.#start = this.#lastId = next.id;
      // It may be from before the log lost messages, or from a node that has not noticed it.
      this.#lostAfter = this.#ledger.lostAfter(next.epoch);
      return;
    }
    if (wasTold) this.#gaps.push({ after: before.id, upTo: next.id });
    if (before.epoch !== next.epoch) {
      this.#lostAfter = undefined;
      if (!wasTold) this.#violate("P18", `got a cursor of another log, and no gap`);
      this.#startAgain(next.id);
      return;
    }
    if (wasTold && this.#lostAfter !== undefined) {
      // Its cursor was beyond the end. It still does not know that this is another log: nodes may not either.
      this.#startAgain(next.id);
      return;
    }
    if (next.id < before.id) this.#violate("P4", `got a cursor that goes back: ${cursor}`);
    // What is gone of its inbox may have been a notice, which it would not have got.
    const ownNotices = `notice:${this.#options.publicToken}`;
    const isOwn = (channel: string) => this.#reads(channel) || channel === ownNotices;
    if (wasTold && !this.#ledger.hasRemoved(before.id, next.id, isOwn)) {
      this.#violate(
        "P17",
        `was told of a gap from ${before.id} to ${next.id}, where nothing is gone`,
      );
    }
    for (const [id, sent] of this.#ledger.between(before.id, next.id)) {
      this.#checkPassed(id, sent);
    }
  }

  /** Whether it is a tab of a session, and may have acknowledged a message. */
  mayHave(publicToken: string, id: number): boolean {
    if (this.#options.publicToken !== publicToken) return false;
    return this.#options.sharesPolls === true || this.#received.has(id) || id <= this.#start;
  }

  /** A sender has been told that a message has this id. */
  onAcknowledged(sent: SentMessage, id: number): void {
    if (this.#position === undefined) return;
    if (id > this.#start && id <= this.#position.id) this.#checkPassed(id, sent);
  }

  /** The log has lost all messages after an id. */
  onLoss(after: number): void {
    for (const id of this.#received) if (id > after) this.#received.delete(id);
    this.#lostAfter = Math.min(after, this.#lostAfter ?? after);
    this.#lastId = Math.min(this.#lastId, after);
  }

  /** From its current cursor on, it reads another room. */
  join(room: string): void {
    if (!this.#rooms.has(room)) this.#rooms.set(room, this.#position?.id ?? 0);
  }

  /** It does not read a room any more. */
  leaveRoom(room: string): void {
    for (const [id, { channel }] of this.#shown) {
      if (this.#roomOf(channel) === room) this.#shown.delete(id);
    }
    this.#rooms.delete(room);
  }

  /** It has been told to stop, or its user has closed it: it need not receive anything from now on. */
  leave(): void {
    this.#hasLeft = true;
  }

  /** It has stopped although nobody told it to. */
  onStopped(why: string): void {
    this.#violate("K14", `has stopped: ${why}`);
  }

  /** Whether it has everything that it must receive. */
  get isComplete(): boolean {
    if (this.#hasLeft) return true;
    return this.#position !== undefined && this.#outstanding.length === 0 &&
      this.#lostAfter === undefined && this.#outdated.length === 0 &&
      this.#wrongReactions.length === 0;
  }

  checkEnd(): void {
    if (this.#hasLeft) return;
    if (this.#position === undefined) this.#violate("K14", "never got a cursor");
    const [lostAfter, upTo] = [this.#lostAfter, this.#position?.id];
    this.#lostAfter = undefined;
    if (lostAfter !== undefined) {
      for (const [id, sent] of this.#ledger.between(Math.max(lostAfter, this.#start), upTo)) {
        this.#checkPassed(id, sent);
      }
    }
    for (const [id, { text }] of this.#outstanding) {
      this.#violate("K2", `never received "${text}" (${id})`);
    }
    for (const { id, text, outcome } of this.#outdated) {
      this.#violate("P26", `shows "${text}" (${id}), which is "${outcome ?? "deleted"}" now`);
    }
    for (const { id, text, complaint } of this.#wrongReactions) {
      this.#violate("L37", `shows "${text}" (${id}) ${complaint}`);
    }
  }

  /** Later messages get ids that lost ones had. */
  #startAgain(id: number): void {
    for (const lost of this.#received) if (lost > id) this.#received.delete(lost);
    this.#start = this.#lastId = id;
  }

  /** The messages that it shows and that have been changed. */
  get #outdated() {
    return [...this.#shown].flatMap(([id, { text }]) => {
      const outcome = this.#ledger.changes.outcomeOf(id);
      if (outcome === undefined || outcome === text) return [];
      // A change of a message that the log has removed says that it is gone.
      return text === null && !this.#ledger.isStored(id) ? [] : [{ id, text, outcome }];
    });
  }

  /** The messages that it shows with other reactions than they have. */
  get #wrongReactions() {
    const { changes, reactions } = this.#ledger;
    return [...this.#shown].flatMap(([id, { text, reactions: shown }]) => {
      const isThere = text !== null && !changes.mayBeDeleted(id);
      const complaint = isThere ? reactions.complaintAbout(id, shown) : undefined;
      return complaint && this.#ledger.isStored(id) ? [{ id, text, complaint }] : [];
    });
  }

  get #outstanding(): [number, SentMessage][] {
    return [...this.#ledger.between(this.#position?.id ?? Infinity)]
      .filter(([id, { channel }]) =>
        this.#reads(channel) && !this.#ledger.changes.mayBeDeleted(id)
      );
  }

  #checkPassed(id: number, { text, channel }: SentMessage): void {
    if (this.#hasLeft || !this.#reads(channel) || this.#received.has(id)) return;
    // Until it is told of another log, it cannot have the messages that have got the ids of the lost ones.
    if (id > (this.#lostAfter ?? Infinity)) return;
    if (id <= (this.#rooms.get(this.#roomOf(channel)) ?? 0)) return;
    if (this.#ledger.changes.mayBeDeleted(id)) return;
    const wasTold = this.#gaps.some(({ after, upTo }) => after < id && id <= upTo);
    if (wasTold && !this.#ledger.isStored(id)) return;
    this.#violate("P8", `has a cursor after "${text}" (${id}), which it has not received`);
  }

  #checkReferences(message: Message): void {
    const sent = this.#ledger.find(message.text);
    const complaint = sent && this.#ledger.references.onReceived(message, sent);
    if (complaint) this.#violate(complaint.rule, complaint.what);
  }

  #reads(channel: string): boolean {
    const { publicToken } = this.#options;
    return channel.startsWith("direct:")
      ? channel.slice("direct:".length).split(":").includes(publicToken)
      : this.#rooms.has(this.#roomOf(channel)) &&
        (!channel.startsWith("notice:") || channel === `notice:${publicToken}`);
  }

  #roomOf(channel: string): string {
    return roomOf(channel, (room) => this.#rooms.has(room));
  }

  #violate(rule: string, what: string): void {
    this.#ledger.violate(rule, `${this.name} ${what}`);
  }
}
