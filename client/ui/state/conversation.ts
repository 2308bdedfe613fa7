import { batch, computed, signal } from "@preact/signals";
import type {
  CometClient,
  Conversation as ServerSide,
  Message,
  Person,
} from "../../comet/halley.ts";
import { type ConversationKind, kindOf, NOTICES, otherIn } from "./address.ts";
import { backwards } from "./chunks.ts";
import type { Drafts } from "./drafts.ts";
import { History } from "./history.ts";
import type { KeptConversation } from "../storage/storage.ts";
import type { Names } from "./names.ts";
import type { Outbox } from "./outbox.ts";
import { formatReply, parseReply, type Quotation } from "./quotation.ts";

/** So many unread messages are counted: more is "many". */
export const COUNTED = 100;

/** So many messages are kept here of a conversation that nobody looks at, and of one whose end is looked at. */
const KEPT = { aside: 200, atEnd: 1_500 } as const;

/** Whose conversation it is, through whom it speaks, and who is told what was read. */
export interface ConversationOptions {
  readonly client: CometClient;
  readonly self: Person;
  readonly outbox: Outbox;
  readonly names: Names;
  readonly drafts: Drafts;
  readonly onRead: (channel: string, upTo: number) => void;
}

/** What is said in one place, how much of it was read, and what is about to be said. */
export class Conversation {
  readonly channel: string;
  readonly kind: ConversationKind;
  readonly names: Names;
  readonly outbox: Outbox;
  readonly history: History;
  /** The newest message, here or on the server. */
  readonly last = computed(() => newerOf(this.history.last, this.#newest.value));
  /** What one has said and the server is not known to have. */
  readonly pending = computed(() => this.outbox.in(this.channel));
  /** What stands in the composer. */
  readonly draft = signal("");
  /** What is being answered to. */
  readonly quotation = signal<Quotation | undefined>(undefined);
  /** The other one of a direct conversation. */
  readonly other = signal<Person | undefined>(undefined);
  readonly otherHasEnded = signal(false);
  /** How far one's own messages came in a direct conversation, and how far the other one has read them. */
  readonly deliveredUpTo = signal(0);
  readonly seenUpTo = signal(0);
  /** The last message that was read; unknown before one has looked here for the first time. */
  readonly readUpTo = signal<number | undefined>(undefined);
  readonly unread = computed(() => this.#countUnread());
  /** What comes after this message is new since one last looked. */
  readonly newAfter = signal<number | undefined>(undefined);
  /** After this message some may be missing, which were lost while one was away. */
  readonly gapAfter = signal<number | undefined>(undefined);
  /** Whether the server knows that it is open. */
  readonly isTold = signal(false);
  /** When it was opened here, if it was not open before. */
  readonly openedAt: number;
  readonly #options: ConversationOptions;
  /** The newest message that the server told of. */
  readonly #newest = signal<Message | undefined>(undefined);
  /** What the server has counted as unread, up to which message. */
  readonly #counted = signal({ unread: 0, upTo: 0 });
  #hasLost = false;
  #isLookedAt = false;

  constructor(kept: KeptConversation, options: ConversationOptions, openedAt = 0) {
    this.channel = kept.channel;
    this.kind = kindOf(kept.channel);
    this.isTold.value = kept.isTold ?? false;
    this.openedAt = openedAt;
    this.names = options.names;
    this.outbox = options.outbox;
    this.readUpTo.value = kept.readUpTo;
    this.#options = options;
    const channels = this.kind === "notices"
      ? [NOTICES, `${NOTICES}:${options.self.publicToken}`]
      : [this.channel];
    const onFirst = (newest: Message | undefined) => this.#begin(newest?.id ?? 0);
    this.draft.value = options.drafts.of(kept.channel);
    const onPage = (messages: readonly Message[]) => this.#noteNames(messages);
    this.history = new History({ client: options.client, channels, onFirst, onPage });
    this.noteOther(kept.other);
  }

  isOwn({ from }: Message): boolean {
    return from?.publicToken === this.#options.self.publicToken;
  }

  /** The public token of the other one in a direct conversation. */
  get otherToken(): string | undefined {
    const { publicToken } = this.#options.self;
    return this.kind === "direct" ? otherIn(this.channel, publicToken) : undefined;
  }

  noteOther(other: Person | undefined): void {
    if (!other || other.publicToken !== this.otherToken) return;
    this.other.value = other;
    this.names.note(other);
  }

  /** Takes in messages that a poll has brought, or the answer to a send. */
  admit(messages: readonly Message[]): void {
    batch(() => {
      this.#noteNames(messages);
      for (const message of messages) {
        if (this.isOwn(message)) this.outbox.noteArrival(message);
        else this.noteOther(message.from);
      }
      this.history.add(messages);
      if (!this.#isLookedAt) this.history.keepNewest(KEPT.aside);
    });
  }

  /** Puts a text into the composer. */
  write(text: string): void {
    this.draft.value = text;
    this.#options.drafts.set(this.channel, text);
  }

  /** Sends what is written, with what it answers to. `false` if too much waits already. */
  send(answer: string): boolean {
    const text = formatReply({ quotation: this.quotation.value, answer });
    if (!this.outbox.send(this.channel, text)) return false;
    batch(() => {
      this.write("");
      this.quotation.value = undefined;
      this.newAfter.value = undefined;
    });
    return true;
  }

  /** Answers to that message, in what is sent next. */
  quote({ from, text = "" }: Message): void {
    this.quotation.value = { author: from?.displayName ?? "", text: parseReply(text).answer };
  }

  /** One begins to look: the news begin after what was read. */
  look(): void {
    this.#isLookedAt = true;
    const unread = this.unread.value;
    // Where more is unread than is loaded at once, one begins at the end: the line would be out of reach.
    this.newAfter.value = unread > 0 && unread < COUNTED ? this.readUpTo.value : undefined;
    this.history.loadFirst(this.newAfter.value === undefined ? 0 : COUNTED);
  }

  /** One looks elsewhere. */
  leave(): void {
    this.#isLookedAt = false;
    this.history.keepNewest(KEPT.aside);
  }

  /** The end is in sight: what is far above it may go. */
  settle(): void {
    this.history.keepNewest(KEPT.atEnd);
  }

  /** What was said so far counts as read. What that is, may remain unknown where the server cannot be reached. */
  async skip(): Promise<void> {
    try {
      const newest = await this.history.readNewest();
      if (this.readUpTo.peek() === undefined) this.markRead(newest?.id ?? 0);
    } catch {
      // Then it is as much as there is when the first page is here.
    }
  }

  /** That message was read, and all before it. */
  markRead(upTo: number | undefined = this.last.peek()?.id): void {
    if (upTo === undefined || upTo <= (this.readUpTo.peek() ?? -1)) return;
    this.readUpTo.value = upTo;
    this.#options.onRead(this.channel, upTo);
  }

  /** It was read in another tab, or on another device. */
  noteRead(upTo: number): void {
    this.readUpTo.value = Math.max(this.readUpTo.peek() ?? 0, upTo);
  }

  /** The other one has got one's messages, or has read them. */
  noteProgress(progress: { readonly deliveredUpTo?: number; readonly seenUpTo?: number }): void {
    const { deliveredUpTo = 0, seenUpTo = 0 } = progress;
    this.seenUpTo.value = Math.max(this.seenUpTo.peek(), seenUpTo);
    this.deliveredUpTo.value = Math.max(this.deliveredUpTo.peek(), deliveredUpTo, seenUpTo);
  }

  /** Takes in what the server knows of it. */
  takeServerSide({ readUpTo, unread, last, other }: ServerSide): void {
    batch(() => {
      this.isTold.value = true;
      this.noteRead(readUpTo);
      this.#counted.value = { unread, upTo: last?.id ?? 0 };
      this.#newest.value = last;
      if (last) this.#noteNames([last]);
      if (this.kind !== "direct") return;
      this.otherHasEnded.value = other === undefined;
      this.noteOther(other ?? last?.from);
      this.noteProgress({
        deliveredUpTo: other?.deliveredUpTo ?? 0,
        seenUpTo: other?.readUpTo ?? 0,
      });
    });
  }

  /** After a gap: some of the messages that are here may have others missing between them. */
  forget(): void {
    this.#hasLost ||= this.history.isLoaded.peek() || this.last.peek() !== undefined;
    batch(() => {
      this.history.forget();
      this.#newest.value = undefined;
      this.newAfter.value = undefined;
      this.#counted.value = { unread: 0, upTo: 0 };
    });
  }

  /** What is to be kept of it. */
  toKept(): KeptConversation {
    const { channel, isTold, other, readUpTo } = this;
    return { channel, isTold: isTold.value, other: other.value, readUpTo: readUpTo.value };
  }

  #noteNames(messages: readonly Message[]): void {
    for (const { from } of messages) if (from) this.names.note(from);
  }

  #begin(newest: number): void {
    const read = this.readUpTo.peek();
    // What was said before one came is not news; and after a gap the ids may have begun again.
    if (read === undefined) this.markRead(newest);
    else if (this.#hasLost) this.readUpTo.value = Math.min(read, newest);
    if (this.#hasLost) this.gapAfter.value = newest;
    this.#hasLost = false;
  }

  /** What is here is counted; where it does not reach back far enough, the server has counted the older part. */
  #countUnread(): number {
    const read = this.readUpTo.value;
    if (read === undefined) return 0;
    const chunks = this.history.chunks.value;
    const { unread, upTo } = this.#counted.value;
    const reachesBack = !this.history.hasMore.value || (chunks[0]?.id ?? Infinity) <= read;
    const from = reachesBack ? read : Math.max(read, upTo);
    let count = reachesBack || read >= upTo ? 0 : unread;
    for (const message of backwards(chunks)) {
      if (message.id <= from || count >= COUNTED) break;
      if (!this.isOwn(message)) count++;
    }
    return count;
  }
}

function newerOf(one: Message | undefined, other: Message | undefined): Message | undefined {
  return (one?.id ?? -1) > (other?.id ?? -1) ? one : other;
}
