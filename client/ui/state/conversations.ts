import { computed, signal } from "@preact/signals";
import type { Message, Person } from "../../comet/halley.ts";
import { conversationOf, directAddress, otherIn } from "./address.ts";
import { Conversation, type ConversationOptions } from "./conversation.ts";
import type { KeptConversation } from "../storage/storage.ts";

/** The conversations that are open, and which of them is looked at. */
export class Conversations {
  readonly all = signal<readonly Conversation[]>([]);
  /** The newest message first. */
  readonly newestFirst = computed(() => [...this.all.value].sort(byNewest));
  readonly selected = signal<Conversation | undefined>(undefined);
  readonly #options: ConversationOptions;
  /** They cannot be closed. */
  readonly #home: readonly string[];

  /** Those at `home` are always open, and the first of them is looked at first. */
  constructor(
    kept: readonly KeptConversation[],
    home: readonly string[],
    options: ConversationOptions,
  ) {
    this.#options = options;
    this.#home = home;
    const wanted = home.filter((channel) => !kept.some((one) => one.channel === channel));
    const all = [...wanted.map((channel): KeptConversation => ({ channel })), ...kept];
    this.all.value = all.map((one) => new Conversation(one, options));
    this.goHome();
  }

  find(channel: string): Conversation | undefined {
    return this.all.peek().find((conversation) => conversation.channel === channel);
  }

  isHome({ channel }: Conversation): boolean {
    return this.#home.includes(channel);
  }

  goHome(): void {
    this.selected.value = this.find(this.#home[0] ?? "");
  }

  /** Opens that conversation if it is not open yet. */
  open(kept: KeptConversation, openedAt?: number): Conversation {
    const open = this.find(kept.channel);
    if (open) return open;
    const conversation = new Conversation(kept, this.#options, openedAt);
    this.all.value = [...this.all.value, conversation];
    return conversation;
  }

  openDirect(other: Person): Conversation {
    const channel = directAddress(this.#options.self.publicToken, other.publicToken);
    return this.open({ channel, other }, Date.now());
  }

  close(conversation: Conversation): void {
    if (this.isHome(conversation)) return;
    this.all.value = this.all.value.filter((open) => open !== conversation);
    if (this.selected.value === conversation) this.goHome();
  }

  /** The conversation that a message belongs to; somebody's first word opens one. */
  forMessage({ id, channel, from }: Message): Conversation {
    const self = this.#options.self.publicToken;
    const address = conversationOf(channel);
    const open = this.find(address);
    if (open) return open;
    const other = from?.publicToken === otherIn(address, self) ? from : undefined;
    // It is news, and what was said there before is not. The server opens it too.
    return this.open({ channel: address, other, readUpTo: id - 1, isTold: true });
  }
}

function byNewest(one: Conversation, other: Conversation): number {
  return timeOf(other) - timeOf(one);
}

function timeOf({ last, openedAt }: Conversation): number {
  return last.value?.at ?? openedAt;
}
