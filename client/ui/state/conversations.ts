import { computed, signal } from "@preact/signals";
import type { Message, Person } from "../../comet/halley.ts";
import { conversationOf, directAddress, LOBBY, NOTICES, otherIn } from "./address.ts";
import { Conversation, type ConversationOptions } from "./conversation.ts";
import type { KeptConversation } from "./kept.ts";

/** The conversations that are open, and which of them is looked at. The lobby and the notices always are. */
export class Conversations {
  readonly all = signal<readonly Conversation[]>([]);
  readonly rooms = computed(() => this.#ofKind("room").sort(byLobbyThenName));
  readonly directs = computed(() => this.#ofKind("direct").sort(byNewest));
  readonly notices = computed(() => this.#ofKind("notices"));
  readonly selected = signal<Conversation | undefined>(undefined);
  readonly #options: ConversationOptions;

  constructor(kept: readonly KeptConversation[], options: ConversationOptions) {
    this.#options = options;
    const wanted = [{ channel: LOBBY }, { channel: NOTICES }].filter(({ channel }) =>
      !kept.some((conversation) => conversation.channel === channel)
    );
    this.all.value = [...wanted, ...kept].map((one) => new Conversation(one, options));
    this.selected.value = this.find(LOBBY);
  }

  find(channel: string): Conversation | undefined {
    return this.all.value.find((conversation) => conversation.channel === channel);
  }

  /** Opens that conversation if it is not open yet. */
  open(kept: KeptConversation): Conversation {
    const open = this.find(kept.channel);
    if (open) return open;
    const conversation = new Conversation(kept, this.#options);
    this.all.value = [...this.all.value, conversation];
    return conversation;
  }

  openDirect(other: Person): Conversation {
    const channel = directAddress(this.#options.self.publicToken, other.publicToken);
    return this.open({ channel, other });
  }

  close(conversation: Conversation): void {
    this.all.value = this.all.value.filter((open) => open !== conversation);
    if (this.selected.value === conversation) this.selected.value = this.find(LOBBY);
  }

  /** The conversation that a message belongs to; somebody's first word opens one. */
  forMessage({ channel, from }: Message): Conversation {
    const self = this.#options.self.publicToken;
    const address = conversationOf(channel);
    const open = this.find(address);
    if (open) return open;
    // Nothing of it was read: its messages are news, the first page of its history too.
    const other = from?.publicToken === otherIn(address, self) ? from : undefined;
    return this.open({ channel: address, other, readUpTo: 0 });
  }

  #ofKind(kind: Conversation["kind"]): Conversation[] {
    return this.all.value.filter((conversation) => conversation.kind === kind);
  }
}

function byLobbyThenName(one: Conversation, other: Conversation): number {
  if (one.channel === LOBBY) return -1;
  if (other.channel === LOBBY) return 1;
  return one.channel.localeCompare(other.channel);
}

function byNewest(one: Conversation, other: Conversation): number {
  return (other.last.value?.at ?? 0) - (one.last.value?.at ?? 0);
}
