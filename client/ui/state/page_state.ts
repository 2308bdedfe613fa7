import { batch, computed, type ReadonlySignal, signal } from "@preact/signals";
import { isRoomsReply } from "../../../server/protocol/guards.ts";
import { ROOM_NAME_LENGTH } from "../../../server/protocol/limits.ts";
import type { ActiveRoom, Person, RoomsReply } from "../../comet/halley.ts";
import { directAddress, parseRoom, parseShortAddress, roomName } from "./address.ts";
import type { Chat } from "./chat.ts";
import type { Conversation } from "./conversation.ts";
import { applySettings, type ConversationSettings } from "./conversation_settings.ts";
import { countOf, type Section, sectionsOf } from "./conversation_sections.ts";
import { Inbox } from "./inbox.ts";
import { Mentions } from "./mentions.ts";
import { People } from "./people.ts";
import { RoomNames } from "./room_names.ts";
import { sendUnreadMarks, takeUnreadMark } from "./unread_marks.ts";

/** The part of the page that a narrow screen shows. */
export type Pane = "list" | "conversation" | "people" | "search";

/** What somebody wants to search for, as far as it is known when the search is opened. */
export interface SearchWish {
  readonly words?: string;
  readonly isEverywhere?: boolean;
}

/** What the page has besides the chat: its panes, the people, and the ways from one conversation to another. */
export class PageState implements Disposable {
  readonly chat: Chat;
  readonly pane = signal<Pane>("list");
  readonly people: People;
  readonly inbox: Inbox;
  /** Number of unread messages in all conversations that are not muted, and in the inbox. */
  readonly unread = computed(() =>
    this.chat.conversations.all.value.reduce((sum, one) => sum + countOf(one), 0) +
    this.inbox.unread.value
  );
  /** The conversations outside of the inbox, as the list shows them. */
  readonly sections: ReadonlySignal<readonly Section[]>;
  /** The dialog that is open, if it could be loaded. */
  readonly dialog = signal<"switcher" | "keys" | "date" | "failure">();
  /** What the search for messages was opened for; undefined while it is closed. */
  readonly search = signal<SearchWish>();
  /** The conversation of the list whose options are shown, and where. */
  readonly menu = signal<
    { readonly conversation: Conversation; readonly x: number; readonly y: number } | undefined
  >(undefined);
  /** Called before another conversation is selected. */
  onLeave: (() => void) | undefined;
  /** What was typed before the switcher could be shown. */
  typedAhead = "";
  /** The conversations that the user has selected, the last one first. */
  recent: readonly Conversation[] = [];
  readonly mentions: Mentions;
  /** Number of unread messages that are meant for this person, in all conversations and in the inbox. */
  readonly unreadForSelf = computed(() =>
    this.chat.conversations.all.value.map((one) => this.mentions.countForSelf(one))
      .reduce((sum, count) => sum + count, this.inbox.unread.value)
  );
  /** The rooms that people are in, those with most people first. Empty if the server does not list rooms. */
  readonly activeRooms = signal<readonly ActiveRoom[]>([]);
  /** Whether there are more of them than are listed without a search. */
  readonly hasMoreRooms = signal(false);
  /** The names of the open rooms and of the active ones. */
  readonly roomNames = new RoomNames(() =>
    [
      ...this.chat.conversations.all.value.filter(({ kind }) => kind === "room"),
      ...this.activeRooms.value,
    ].map(({ channel }) => roomName(channel))
  );

  readonly #subscription: Disposable;
  /** The last room of the list, behind which it continues. */
  #lastRoom: ActiveRoom | undefined;
  readonly #stopSending: () => void;

  constructor(chat: Chat) {
    this.chat = chat;
    this.people = new People(chat);
    this.inbox = new Inbox(chat);
    this.sections = sectionsOf(chat);
    this.#subscription = chat.client.on("signal", (event) => {
      const conversation = chat.conversations.find(event.channel);
      if (event.type === "settings" && conversation) applySettings(conversation.settings, event);
    });
    this.mentions = new Mentions(chat);
    this.#stopSending = sendUnreadMarks(chat);
  }

  select(conversation: Conversation): void {
    const left = this.chat.conversations.selected.peek();
    if (left !== conversation) this.onLeave?.();
    this.recent = [conversation, ...this.recent.filter((one) => one !== conversation)];
    batch(() => {
      this.chat.select(conversation);
      this.pane.value = "conversation";
    });
    if (left !== conversation) this.#showUnreadMark(conversation);
    if (left && left !== conversation && this.#isDone(left)) this.chat.close(left);
  }

  /** Marks all conversations outside of the inbox as read. */
  markAllRead(): void {
    for (const conversation of this.chat.conversations.all.peek()) {
      if (this.chat.isReadByPattern(conversation.channel)) continue;
      this.markRead(conversation);
    }
  }

  markRead(conversation: Conversation): void {
    takeUnreadMark(conversation);
    conversation.markRead();
  }

  /** Selects a conversation by its short address, and opens it if necessary. Returns false if the address is invalid. */
  go(address: string): boolean {
    const channel = parseShortAddress(address, this.chat.self.publicToken);
    if (channel !== undefined) this.#open(channel);
    return channel !== undefined;
  }

  /** Joins and selects a room. Returns false if a room cannot have this name. */
  joinRoom(name: string): boolean {
    const channel = parseRoom(name);
    if (channel !== undefined) this.#open(channel);
    return channel !== undefined;
  }

  /** Opens and selects the direct conversation with a person. */
  openDirect(person: Person): void {
    this.#open(directAddress(this.chat.self.publicToken, person.publicToken), person);
  }

  /** Selects the next conversation of the list, or the previous one; with `isUnread`, the next that has unread messages. */
  step(by: 1 | -1, isUnread: boolean): void {
    const all = [
      ...this.inbox.sections.peek().flatMap(({ open }) => open),
      ...this.sections.peek().flatMap(({ conversations }) => conversations),
    ].map(({ channel }) => channel);
    const selected = this.chat.conversations.selected.peek()?.channel ?? "";
    const at = all.indexOf(selected);
    // Behind the last one comes the first one.
    const following = by > 0
      ? [...all.slice(at + 1), ...all.slice(0, Math.max(at, 0))]
      : [...all.slice(0, Math.max(at, 0)).reverse(), ...all.slice(at + 1).reverse()];
    const next = following.find((channel) => !isUnread || this.#hasUnread(channel));
    if (next !== undefined) this.#open(next);
  }

  /** Changes the settings of a conversation in all tabs. Returns whether the server has stored them. */
  async configure(conversation: Conversation, changed: ConversationSettings): Promise<boolean> {
    const { channel, settings } = conversation;
    const before = settings.peek();
    const { notify, pinned } = settings.value = { ...before, ...changed };
    try {
      await this.chat.client.setConversation(channel, {
        ...(notify && { notify }),
        pinned: pinned ?? false,
      });
      return true;
    } catch {
      settings.value = before;
      return false;
    }
  }

  /** Opens the search for messages, or moves the focus to its field. */
  openSearch(wish: SearchWish): void {
    batch(() => {
      this.search.value = wish;
      this.pane.value = "search";
    });
  }

  closeSearch(): void {
    batch(() => {
      this.search.value = undefined;
      if (this.pane.peek() === "search") this.pane.value = "conversation";
    });
  }

  /** Leaves a room, or closes a direct conversation. */
  leave(conversation: Conversation): void {
    takeUnreadMark(conversation);
    this.chat.close(conversation);
    this.pane.value = "list";
  }

  /** If it fails, the old list stays: rooms can be joined by name anyway. */
  async refreshActiveRooms(): Promise<void> {
    const reply = await this.#listRooms("");
    if (!reply) return;
    batch(() => {
      this.activeRooms.value = [];
      this.#addRooms(reply);
    });
  }

  /** Adds the active rooms that follow those that are listed. */
  async loadMoreRooms(): Promise<void> {
    const last = this.#lastRoom;
    if (!this.hasMoreRooms.peek() || !last) return;
    // Until there is a reply, the same ones are not requested again.
    this.#lastRoom = undefined;
    const { channel, present } = last;
    const reply = await this.#listRooms(
      `?present=${present}&after=${encodeURIComponent(channel)}`,
    );
    if (reply) this.#addRooms(reply);
    else this.#lastRoom = last;
  }

  /** Adds the active rooms with this part of a name, if not all are known. */
  async searchActiveRooms(part: string): Promise<void> {
    if (!this.hasMoreRooms.peek() || part === "") return;
    const search = encodeURIComponent(part.slice(0, ROOM_NAME_LENGTH));
    this.#mergeRooms((await this.#listRooms(`?search=${search}`))?.rooms ?? []);
  }

  [Symbol.dispose](): void {
    this.#stopSending();
    this.#subscription[Symbol.dispose]();
    this.people[Symbol.dispose]();
    this.inbox[Symbol.dispose]();
    this.mentions[Symbol.dispose]();
  }

  #listRooms(query: string): Promise<RoomsReply | undefined> {
    const request = { method: "GET", path: `api/rooms${query}`, isReply: isRoomsReply } as const;
    return this.chat.client.request(request).catch(() => undefined);
  }

  /** Adds what follows in the list. */
  #addRooms({ rooms, more }: RoomsReply): void {
    this.#lastRoom = rooms.at(-1);
    this.#mergeRooms(rooms);
    this.hasMoreRooms.value = more === true;
  }

  #mergeRooms(rooms: readonly ActiveRoom[]): void {
    const known = new Set(this.activeRooms.peek().map(({ channel }) => channel));
    const added = rooms.filter(({ channel }) => !known.has(channel));
    if (added.length > 0) this.activeRooms.value = [...this.activeRooms.peek(), ...added];
  }

  /** The user comes back to what they have marked as unread, and reads it. */
  #showUnreadMark(conversation: Conversation): void {
    // The history of a page that has just been opened is not known yet.
    if (this.chat.connection.peek().name !== "connected") return;
    const id = takeUnreadMark(conversation);
    if (!id) return;
    conversation.place = undefined;
    conversation.newAfter.value = id - 1;
  }

  #hasUnread(channel: string): boolean {
    const conversation = this.chat.conversations.find(channel);
    return (conversation ? countOf(conversation) : this.inbox.find(channel)?.unread ?? 0) > 0;
  }

  /** Whether a conversation that the user leaves is closed. The number of open conversations of a session is limited. */
  #isDone(left: Conversation): boolean {
    const isClosed = this.inbox.find(left.channel)?.closedBy !== undefined;
    return isWithNobody(left) ||
      isClosed && left.pending.peek().length === 0 && left.draft.text.peek() === "";
  }

  async #open(channel: string, other?: Person): Promise<void> {
    const isOpen = this.chat.conversations.find(channel);
    const conversation = isOpen ?? this.chat.open(channel, other);
    this.select(conversation);
    if (conversation.kind !== "direct" || conversation.other.value) return;
    // The presence of the channel includes the other person's name.
    const reply = await this.chat.client.presence(channel).catch(() => undefined);
    for (const person of reply?.present ?? []) conversation.setOther(person);
  }
}

/** Whether a direct conversation, which a link may have opened, has neither another person nor a text. */
function isWithNobody({ kind, other, last, pending, draft }: Conversation): boolean {
  return kind === "direct" && !other.peek() && !last.peek() && pending.peek().length === 0 &&
    draft.text.peek() === "";
}
