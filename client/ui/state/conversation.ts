import { batch, computed, signal } from "@preact/signals";
import { UNREAD_LIMIT } from "../../../server/protocol/limits.ts";
import { countsAsUnread } from "../../../server/protocol/unread.ts";
import type { ConversationSettings } from "./conversation_settings.ts";
import type {
  CometClient,
  Conversation as Listed,
  Message,
  Person,
  RefusedChannel,
} from "../../comet/halley.ts";
import type { Drafts, StoredConversation } from "../storage/chat_storage.ts";
import type { StoredValue } from "../storage/stored_value.ts";
import { type ConversationKind, kindOf, NOTICES, otherIn } from "./address.ts";
import { newerOf, newestFirst, presentOf } from "./chunks.ts";
import { History, type VisitedMessages } from "./history.ts";
import { Draft } from "./draft.ts";
import type { Names } from "./names.ts";
import type { Outbox, References } from "./outbox.ts";

/** Number of messages that are kept in memory: of a hidden conversation, and of one that is scrolled to its end. */
const MEMORY = { hidden: 200, atEnd: 1_500 } as const;
const FULL = "too_many_rooms";
const NONE_COUNTED = { unread: 0, mentions: 0, upTo: 0 };

/** What all conversations of a chat share. */
export interface ConversationDeps {
  readonly client: CometClient;
  readonly self: Person;
  readonly outbox: Outbox;
  readonly names: Names;
  readonly drafts: StoredValue<Drafts>;
  /** Called when a conversation has been read up to the message with the id `upTo`. */
  readonly onRead: (channel: string, upTo: number) => void;
}

/**
 * One conversation as signals for the views: its messages, its composer, and its read marker. Unread messages are
 * counted from those in memory, and from the server's count where the history in memory is too short.
 */
export class Conversation {
  readonly channel: string;
  readonly kind: ConversationKind;
  /** Whose page this is. */
  readonly self: Person;
  readonly names: Names;
  readonly outbox: Outbox;
  readonly history: History;
  /** The newest message, in memory or on the server. */
  readonly last = computed(() => newerOf(this.history.last, this.#newest.value));
  /** Own messages that the server has not confirmed. */
  readonly pending = computed(() => this.outbox.in(this.channel));
  /** What stands in the composer. */
  readonly draft: Draft;
  /** The other person of a direct conversation, or the visitor whose room it is, if known. */
  readonly other = signal<Person>();
  /** Whether that person has signed out, or was erased with the whole room. */
  readonly otherHasEnded = signal(false);
  /** In a direct conversation: the last message that has reached the other person, and the last that they have read. */
  readonly deliveredUpTo = signal(0);
  readonly seenUpTo = signal(0);
  /** The last message that was read; undefined until the conversation is opened for the first time. */
  readonly readUpTo = signal<number>();
  readonly unread = computed(() => this.countUnread());
  /** Messages after this one were unread when the conversation was shown. */
  readonly newAfter = signal<number>();
  /** Messages after this one may be missing from the log. */
  readonly gapAfter = signal<number>();
  /** What is shown in place of the newest messages. */
  readonly visited = signal<VisitedMessages>();
  /** Why the server does not let this person read the room; undefined if it does. */
  readonly refused = signal<RefusedChannel["code"]>();
  /** Whether this person may not read the room; otherwise the server may only have no space for it. */
  readonly isForbidden = computed(() => (this.refused.value ?? FULL) !== FULL);
  /** Which messages the person is notified of, and whether it is pinned. */
  readonly settings = signal<ConversationSettings>({});
  /** Whether the server knows that the conversation is open. */
  readonly isSynced = signal(false);
  /** When the user opened it, as a Unix time of the server in ms; 0 if it was open before. */
  readonly openedAt: number;
  /** The message at the top of the view, and its distance from there in px; undefined if the view is at its end. */
  place: { readonly id: number; readonly top: number } | undefined;
  readonly #deps: ConversationDeps;
  /** The newest message on the server. */
  readonly #newest = signal<Message>();
  /** The server's count of unread messages up to a message. */
  readonly #counted = signal(NONE_COUNTED);
  #hadGap = false;
  #isShown = false;

  constructor(stored: StoredConversation, deps: ConversationDeps, openedAt = 0) {
    const { channel, readUpTo, isSynced = false, other, settings = {} } = stored;
    this.#deps = deps;
    this.channel = channel;
    this.kind = kindOf(channel);
    this.openedAt = openedAt;
    this.self = deps.self;
    ({ names: this.names, outbox: this.outbox } = deps);
    this.isSynced.value = isSynced;
    this.readUpTo.value = readUpTo;
    this.settings.value = settings;
    this.draft = new Draft(channel, deps.drafts);
    this.history = new History({
      client: deps.client,
      channels: this.kind === "notices"
        ? [NOTICES, `${NOTICES}:${deps.self.publicToken}`]
        : [channel],
      onFirst: (newest) => this.#startAt(newest?.id ?? 0),
      onPage: (messages) => this.#addNames(messages),
    });
    this.setOther(other);
  }

  isOwn({ from }: Message): boolean {
    return from?.publicToken === this.self.publicToken;
  }

  /** The public token of the other person in a direct conversation. */
  get otherToken(): string | undefined {
    const { publicToken } = this.self;
    return this.kind === "direct" ? otherIn(this.channel, publicToken) : undefined;
  }

  /** Ignores people who are not the other person of this conversation. */
  setOther(person: Person | undefined): void {
    if (!person || person.publicToken !== this.otherToken) return;
    this.other.value = person;
    this.names.add(person);
  }

  /** Adds messages from a poll or from the reply to a send. */
  add(messages: readonly Message[]): void {
    batch(() => {
      this.#addNames(messages);
      for (const message of messages) {
        if (this.isOwn(message)) this.outbox.markArrived(message);
        else this.setOther(message.from);
      }
      this.history.add(messages);
      if (!this.#isShown) this.#trimHidden();
    });
  }

  /** A message was edited or deleted. */
  change(message: Message): void {
    batch(() => {
      this.history.change(message);
      if (message.deletedAt) this.draft.forget(message.id);
      // Erased. It was the other person: who is erased is signed out.
      if (message.deletedAt && !message.from && this.kind === "direct") {
        this.other.value = undefined;
        this.otherHasEnded.value = true;
      }
      if (this.#newest.peek()?.id === message.id) [this.#newest.value] = presentOf(message);
      const counted = this.#counted.peek();
      const wasCounted = message.id > (this.readUpTo.peek() ?? 0) && message.id <= counted.upTo;
      if (message.deletedAt && wasCounted && this.#counts(message)) {
        this.#counted.value = { ...counted, unread: Math.max(0, counted.unread - 1) };
      }
    });
  }

  /** Sends a text, as a reply if the draft is one. Returns false if the outbox is full. */
  send(text: string, references?: References): boolean {
    const id = this.draft.answers.peek();
    const all = id ? { ...references, replyTo: id } : references;
    if (!this.outbox.send(this.channel, text, all)) return false;
    batch(() => {
      this.draft.clear();
      this.newAfter.value = undefined;
    });
    return true;
  }

  /** The conversation has become visible. Loads the first page, and marks where the unread messages start. */
  show(): void {
    this.#isShown = true;
    const unread = this.unread.value;
    // With more unread messages than one page has, the view starts at the end, and the line would be out of reach.
    this.newAfter.value = unread > 0 && unread < UNREAD_LIMIT ? this.readUpTo.value : undefined;
    this.history.loadFirst(this.newAfter.value === undefined ? 0 : UNREAD_LIMIT);
  }

  hide(): void {
    this.#isShown = false;
    this.#trimHidden();
  }

  /** The view is scrolled to the end, so messages far above can be removed from memory. */
  trim(): void {
    this.history.trim(MEMORY.atEnd);
  }

  /** Number of unread messages, or of those that mention this person, where the caller says which do. */
  countUnread(isMention?: (message: Message) => boolean): number {
    const read = this.readUpTo.value ?? Infinity;
    const { unread, mentions, upTo } = this.#counted.value;
    const reachesBack = this.history.isLoadedTo(read);
    const from = reachesBack ? read : Math.max(read, upTo);
    let count = reachesBack || read >= upTo ? 0 : isMention ? mentions : unread;
    for (const message of newestFirst(this.history.chunks.value)) {
      if (message.id <= from || count >= UNREAD_LIMIT) break;
      if (this.#counts(message) && isMention?.(message) !== false) count++;
    }
    return count;
  }

  /** Marks everything on the server as read, for a new session. If that fails, the first page counts as read instead. */
  async markAllRead(): Promise<void> {
    try {
      const newest = await this.history.fetchNewest();
      if (this.readUpTo.peek() === undefined) this.markRead(newest?.id ?? 0);
    } catch {
      // `#startAt` sets the read marker.
    }
  }

  /** Marks messages as read, up to an id or all of them. */
  markRead(upTo: number | undefined = this.last.peek()?.id): void {
    if (upTo === undefined || upTo <= (this.readUpTo.peek() ?? -1)) return;
    this.readUpTo.value = upTo;
    this.#deps.onRead(this.channel, upTo);
  }

  /** Another tab or device has read up to an id. Returns whether only the server knows how many are unread now. */
  applyReadMarker(upTo: number): boolean {
    const before = this.readUpTo.peek() ?? 0;
    this.readUpTo.value = Math.max(before, upTo);
    const { unread, upTo: end } = this.#counted.peek();
    return upTo > before && unread > 0 && upTo < end && !this.history.isLoadedTo(upTo);
  }

  /** The other person of a direct conversation has received or read messages. */
  applyReceipt(receipt: { readonly deliveredUpTo?: number; readonly seenUpTo?: number }): void {
    const { deliveredUpTo = 0, seenUpTo = 0 } = receipt;
    this.seenUpTo.value = Math.max(this.seenUpTo.peek(), seenUpTo);
    this.deliveredUpTo.value = Math.max(this.deliveredUpTo.peek(), deliveredUpTo, seenUpTo);
  }

  /** Applies the server's state. Returns whether more has been read here than the server knows. */
  applyServerState({ readUpTo, unread, mentions, last, other }: Listed): boolean {
    const isAhead = Math.min(this.readUpTo.peek() ?? 0, last?.id ?? 0) > readUpTo;
    batch(() => {
      this.isSynced.value = true;
      this.applyReadMarker(readUpTo);
      // The count includes what was read here.
      this.#counted.value = isAhead ? NONE_COUNTED : { unread, mentions, upTo: last?.id ?? 0 };
      this.#newest.value = last;
      if (last) this.#addNames([last]);
      if (this.kind !== "direct") return;
      this.otherHasEnded.value = other === undefined;
      this.setOther(other ?? last?.from);
      this.applyReceipt({ ...other, seenUpTo: other?.readUpTo ?? 0 });
    });
    return isAhead;
  }

  /** After a gap messages may be missing between those in memory, so they are removed. */
  reset(): void {
    this.#hadGap ||= this.history.isLoaded.peek() || this.last.peek() !== undefined;
    batch(() => {
      this.history.reset();
      this.#newest.value = undefined;
      this.newAfter.value = undefined;
      this.#counted.value = NONE_COUNTED;
    });
  }

  /** The room is read from now on. What was sent before is only in the history. */
  admit(): void {
    batch(() => {
      this.refused.value = undefined;
      this.history.reset();
    });
  }

  /** What the user was reading stays, unless it is far above. */
  #trimHidden(): void {
    this.history.trim(MEMORY.hidden, this.place?.id);
    this.history.trim(MEMORY.atEnd);
  }

  #addNames(messages: readonly Message[]): void {
    for (const { from } of messages) if (from) this.names.add(from);
  }

  /** Sets the markers when the first page arrives. */
  #startAt(newest: number): void {
    const read = this.readUpTo.peek();
    // Messages from before this session are not unread. After a gap the ids may have started again.
    if (read === undefined) this.markRead(newest);
    else if (this.#hadGap) this.readUpTo.value = Math.min(read, newest);
    if (this.#hadGap) this.gapAfter.value = newest;
    this.#hadGap = false;
  }

  #counts(message: Message): boolean {
    return countsAsUnread(message, { self: this.self, visitor: this.other.value });
  }
}
