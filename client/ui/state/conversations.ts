import { signal } from "@preact/signals";
import type { Message } from "../../comet/halley.ts";
import type { StoredConversation } from "../storage/chat_storage.ts";
import { conversationOf, otherIn } from "./address.ts";
import { Conversation, type ConversationDeps } from "./conversation.ts";

export interface ConversationsOptions {
  /** The channels of conversations that cannot be closed. */
  readonly home: readonly string[];
  /** Which of these is selected at the start. */
  readonly start: string | undefined;
  /** Whether there are no other conversations. */
  readonly isFixed: boolean;
  /** Conversations from an earlier page. */
  readonly stored: readonly StoredConversation[];
}

/** The open conversations, and the selected one. */
export class Conversations {
  readonly all = signal<readonly Conversation[]>([]);
  readonly selected = signal<Conversation>();
  /** The conversation that is selected at the start, and when another one is closed. */
  readonly home: Conversation | undefined;
  readonly #options: ConversationsOptions;
  readonly #deps: ConversationDeps;

  constructor(options: ConversationsOptions, deps: ConversationDeps) {
    this.#options = options;
    this.#deps = deps;
    const { home, start, stored } = options;
    const missing = home.filter((channel) => !stored.some((one) => one.channel === channel));
    const all = [...missing.map((channel): StoredConversation => ({ channel })), ...stored];
    this.all.value = all.map((one) => new Conversation(one, deps));
    this.selected.value = this.home = start === undefined ? undefined : this.find(start);
  }

  find(channel: string): Conversation | undefined {
    return this.all.peek().find((conversation) => conversation.channel === channel);
  }

  isHome({ channel }: Conversation): boolean {
    return this.#options.home.includes(channel);
  }

  /** Whether this chat can have that conversation. */
  accepts(channel: string): boolean {
    return !this.#options.isFixed || this.#options.home.includes(channel);
  }

  /** Opens a conversation that is not open yet. */
  open(stored: StoredConversation, openedAt?: number): Conversation {
    const open = this.find(stored.channel);
    if (open) return open;
    const conversation = new Conversation(stored, this.#deps, openedAt);
    this.all.value = [...this.all.value, conversation];
    return conversation;
  }

  close(conversation: Conversation): void {
    if (this.isHome(conversation)) return;
    this.all.value = this.all.value.filter((open) => open !== conversation);
    if (this.selected.value === conversation) this.selected.value = this.home;
  }

  /** Adds messages to their conversations. A direct message opens its conversation, as it does on the server. */
  add(messages: readonly Message[]): void {
    const byConversation = new Map<Conversation, Message[]>();
    for (const message of messages) {
      const conversation = this.#openFor(message);
      const others = byConversation.get(conversation);
      if (others) others.push(message);
      else byConversation.set(conversation, [message]);
    }
    for (const [conversation, own] of byConversation) conversation.add(own);
  }

  /** What is stored of all conversations. */
  toStored(): readonly StoredConversation[] {
    return this.all.value.map(({ channel, isSynced, other, readUpTo, settings }) => ({
      ...{ channel, isSynced: isSynced.value, other: other.value },
      ...{ readUpTo: readUpTo.value, settings: settings.value },
    }));
  }

  #openFor({ id, channel, from }: Message): Conversation {
    const address = conversationOf(channel);
    const open = this.find(address);
    if (open) return open;
    const isOther = from?.publicToken === otherIn(address, this.#deps.self.publicToken);
    const other = isOther ? from : undefined;
    // This message is unread, and earlier ones are not.
    return this.open({ channel: address, other, readUpTo: id - 1, isSynced: true });
  }
}
