import { batch, computed, effect, signal } from "@preact/signals";
import { UNREAD_LIMIT } from "../../../server/protocol/limits.ts";
import { isBelow } from "../../../server/protocol/room_pattern.ts";
import { countsAsUnread } from "../../../server/protocol/unread.ts";
import type { Message, Person, RoomEvent, Signal } from "../../comet/halley.ts";
import type { Chat } from "./chat.ts";
import type { Conversations } from "./conversations.ts";

/** How long after the erasure of a message the rooms are requested, in ms. */
const RELOAD_DELAY = 500;

/** A room of the inbox, whether or not this page has opened it. */
export interface InboxRoom {
  readonly channel: string;
  /** Whose room it is, as far as known. */
  readonly visitor?: Person | undefined;
  readonly last?: Message | undefined;
  /** Number of unread messages, as long as the page has not opened the room. */
  readonly unread: number;
  /** Who answers in the room. */
  readonly claimedBy?: Person | undefined;
  /** Who has closed it, until it is opened again. */
  readonly closedBy?: Person | undefined;
}

/** Whether nobody has claimed the room, and the last message is not one of the team. */
export function isWaiting({ channel, last, claimedBy, closedBy }: InboxRoom): boolean {
  const isOfTeam = last?.from && !channel.endsWith(last.from.publicToken);
  return !claimedBy && !closedBy && !isOfTeam;
}

/** The rooms of one pattern, those with the newest message first. */
export interface InboxSection {
  readonly pattern: string;
  readonly open: readonly InboxRoom[];
  readonly closed: readonly InboxRoom[];
  /** Whether the server has listed them. */
  readonly isLoaded: boolean;
  /** Whether the server has more rooms, with older messages. */
  readonly hasMore: boolean;
}

/** What an inbox needs of the chat. */
export interface InboxDeps extends Pick<Chat, "client" | "patterns" | "isReadByPattern"> {
  readonly self: Person;
  readonly conversations: Pick<Conversations, "all">;
}

/** The rooms of the patterns that the session may read: lists from the server, updated by the messages that arrive. */
export class Inbox implements Disposable {
  readonly sections = computed(() => this.#sections());
  /** Number of unread messages in rooms that the page has not opened. */
  readonly unread = computed(() => {
    const opened = new Set(this.#chat.conversations.all.value.map(({ channel }) => channel));
    const others = [...this.#rooms.value.values()].filter(({ channel }) => !opened.has(channel));
    return others.reduce((sum, { unread }) => sum + unread, 0);
  });
  readonly #chat: InboxDeps;
  readonly #rooms = signal<ReadonlyMap<string, InboxRoom>>(new Map());
  /** Where the next page of a pattern begins, if there is one; absent until the first page has arrived. */
  readonly #next = new Map<string, number | undefined>();
  readonly #subscriptions: readonly Disposable[];
  readonly #stop: () => void;
  #reloading: ReturnType<typeof setTimeout> | undefined;

  constructor(chat: InboxDeps) {
    this.#chat = chat;
    const { client } = chat;
    this.#subscriptions = [
      client.on("message", (message) => this.#apply(message)),
      client.on("change", ({ message }) => this.#change(message)),
      client.on("signal", (signal) => this.#markRead(signal)),
      client.on("gap", () => this.#reset()),
      client.on("state", () => this.#refresh()),
    ];
    const stops = [
      effect(() => this.#nameConversations()),
      effect(() => this.#refresh()),
    ];
    this.#stop = () => stops.forEach((stop) => stop());
  }

  find(channel: string): InboxRoom | undefined {
    return this.#rooms.value.get(channel);
  }

  /** Loads rooms with older messages. Throws if the server cannot be reached. */
  loadMore(pattern: string): Promise<void> {
    return this.#load(pattern, this.#next.get(pattern));
  }

  /**
   * Claims, releases or closes a room, which changes when the event arrives in its order. Returns false if the server cannot be
   * reached or refuses it: then the lists are requested, since somebody else may have been faster.
   */
  async tell(channel: string, event: RoomEvent): Promise<boolean> {
    try {
      await this.#chat.client.send({ channel, event });
      return true;
    } catch {
      this.#refresh();
      return false;
    }
  }

  /** Whether a message concerns this person: in their rooms, and in those that nobody has claimed. */
  concerns({ channel, event }: Message): boolean {
    const { claimedBy } = this.#rooms.peek().get(channel) ?? {};
    return event === undefined && this.#chat.isReadByPattern(channel) &&
      (claimedBy ?? this.#chat.self).publicToken === this.#chat.self.publicToken;
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#reloading);
    this.#stop();
    for (const subscription of this.#subscriptions) subscription[Symbol.dispose]();
  }

  #sections(): readonly InboxSection[] {
    const rooms = [...this.#rooms.value.values()].sort(byNewest);
    return this.#chat.patterns.value.map((pattern) => {
      const below = rooms.filter(({ channel }) => isBelow(pattern, channel));
      return {
        pattern,
        open: below.filter(({ closedBy }) => closedBy === undefined),
        closed: below.filter(({ closedBy }) => closedBy !== undefined),
        isLoaded: this.#next.has(pattern),
        hasMore: this.#next.get(pattern) !== undefined,
      };
    });
  }

  #reset(): void {
    this.#next.clear();
    this.#rooms.value = new Map();
    this.#refresh();
  }

  /**
   * Requests what was loaded before. If the server cannot be reached, the old lists stay: messages go on updating them.
   * Before a poll was answered, a list could lack messages.
   */
  #refresh(): void {
    const { patterns, client } = this.#chat;
    for (const pattern of patterns.value) {
      if (client.state.name !== "connected") continue;
      const end = this.#next.has(pattern) ? this.#next.get(pattern) ?? 0 : Infinity;
      this.#load(pattern, undefined, end).catch(() => {});
    }
  }

  /** Loads a page, and those after it down to the position `end`. */
  async #load(pattern: string, before?: number, end = Infinity): Promise<void> {
    const reply = await this.#chat.client.roomsOf(pattern, before);
    const rooms = new Map(this.#rooms.peek());
    for (const { channel, last, unread = 0, visitor, claimedBy, closedBy } of reply.rooms) {
      const known = rooms.get(channel);
      // What arrives meanwhile is newer than the list, and comes in the order of the log.
      const isOld = known?.last && !known.last.deletedAt && known.last.id > last.id;
      const state = isOld ? known : { last, unread, claimedBy, closedBy };
      rooms.set(channel, { channel, ...state, visitor: visitor ?? known?.visitor });
    }
    this.#next.set(pattern, reply.before);
    this.#rooms.value = rooms;
    if ((reply.before ?? 0) > end) await this.#load(pattern, reply.before, end);
  }

  #apply(message: Message): void {
    const { channel, from, event } = message;
    if (!this.#chat.isReadByPattern(channel)) return;
    const room = this.#rooms.peek().get(channel) ?? { channel, unread: 0 };
    const isNew = message.id > (room.last?.id ?? 0) && event === undefined;
    // The name of a visitor's room ends in their public token.
    const visitor = from && channel.endsWith(from.publicToken) ? from : room.visitor;
    const isUnread = isNew && countsAsUnread(message, { self: this.#chat.self, visitor });
    this.#set({
      ...room,
      ...stateAfter(room, message),
      last: isNew ? message : room.last,
      unread: Math.min(room.unread + Number(isUnread), UNREAD_LIMIT),
      visitor,
    });
  }

  /** Another tab or device of this person has read a room. */
  #markRead(signal: Signal): void {
    const room = this.#rooms.peek().get(signal.channel);
    const isOwn = signal.from.publicToken === this.#chat.self.publicToken;
    if (!room || !isOwn || signal.type !== "read") return;
    if (signal.upTo >= (room.last?.id ?? 0)) this.#set({ ...room, unread: 0 });
  }

  #change(message: Message): void {
    const room = this.#rooms.peek().get(message.channel);
    if (room && message.deletedAt && !message.from && (room.claimedBy || room.closedBy)) {
      // Only the server knows who answers now. It is asked once for all messages of a person.
      clearTimeout(this.#reloading);
      this.#reloading = setTimeout(() => this.#refresh(), RELOAD_DELAY);
    }
    if (room?.last?.id !== message.id) return;
    this.#set({ ...room, last: message });
    if (message.deletedAt) this.#findLast(message);
  }

  /** After the last message was deleted: finds the one before. A room without messages leaves the inbox. */
  async #findLast({ channel, id: deleted, from }: Message): Promise<void> {
    const page = await this.#chat.client.history(channel, { limit: 1 }).catch(() => undefined);
    const rooms = new Map(this.#rooms.peek());
    const room = rooms.get(channel);
    if (!page || !room?.last || room.last.id > deleted) return;
    const [last] = page.messages;
    if (last) return this.#set({ ...room, last });
    rooms.delete(channel);
    const opened = this.#chat.conversations.all.peek().find((one) => one.channel === channel);
    // The whole room is erased with its visitor.
    if (opened && !from) {
      opened.other.value = undefined;
      opened.otherHasEnded.value = true;
      opened.draft.clear();
    }
    this.#rooms.value = rooms;
  }

  #set(room: InboxRoom): void {
    this.#rooms.value = new Map(this.#rooms.peek()).set(room.channel, room);
  }

  /** Gives each open room of a visitor the visitor's name. */
  #nameConversations(): void {
    const conversations = this.#chat.conversations.all.value;
    const rooms = this.#rooms.value;
    batch(() => {
      for (const { channel, other } of conversations) {
        const visitor = rooms.get(channel)?.visitor;
        if (visitor) other.value = visitor;
      }
    });
  }
}

/** As the server decides it: see "Claims" in docs/API.md. */
function stateAfter({ claimedBy, closedBy }: InboxRoom, { event, from }: Message) {
  if (event === "closed") return { claimedBy: undefined, closedBy: from };
  if (event === "claimed") return { claimedBy: claimedBy ?? from, closedBy: undefined };
  if (event === "released") return { claimedBy: undefined, closedBy };
  const reopens = from && from.publicToken !== closedBy?.publicToken;
  return { claimedBy, closedBy: reopens ? undefined : closedBy };
}

function byNewest(one: InboxRoom, other: InboxRoom): number {
  return (other.last?.id ?? 0) - (one.last?.id ?? 0);
}
