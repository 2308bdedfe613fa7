import { batch, computed, signal } from "@preact/signals";
import type { CometClient, Message, Person } from "../../comet/halley.ts";
import { type ConversationKind, kindOf, NOTICES } from "./address.ts";
import type { KeptConversation } from "./kept.ts";
import { merge } from "./merge.ts";
import { Outbox } from "./outbox.ts";

const PAGE = 50;

/** Whose conversation it is, and through whom it speaks. */
export interface ConversationOptions {
  readonly client: CometClient;
  readonly self: Person;
}

/** What is said in one place, how much of it was read, and what is about to be said. */
export class Conversation {
  readonly channel: string;
  readonly kind: ConversationKind;
  /** Oldest first, each once. */
  readonly messages = signal<readonly Message[]>([]);
  readonly outbox: Outbox;
  /** What stands in the composer. */
  readonly draft = signal("");
  /** The other one of a direct conversation. */
  readonly other = signal<Person | undefined>(undefined);
  /** Whether there may be older messages than those here. */
  readonly hasMore = signal(true);
  /** Whether messages may be missing that came while one was away. */
  readonly hasGap = signal(false);
  readonly loading = signal<"no" | "yes" | "failed">("no");
  readonly readUpTo = signal<number | undefined>(undefined);
  readonly last = computed(() => this.messages.value.at(-1));
  readonly unread = computed(() => this.#countUnread());
  readonly #client: CometClient;
  readonly #self: Person;
  #load: AbortController | undefined;
  #isFresh = true;

  constructor(kept: KeptConversation, { client, self }: ConversationOptions) {
    this.channel = kept.channel;
    this.kind = kindOf(kept.channel);
    this.other.value = kept.other;
    this.readUpTo.value = kept.readUpTo;
    this.#client = client;
    this.#self = self;
    const onSent = (message: Message) => this.#add([message]);
    this.outbox = new Outbox(kept.channel, { client, onSent });
  }

  isOwn({ from }: Message): boolean {
    return from?.publicToken === this.#self.publicToken;
  }

  /** Takes in a message that has come by a poll. */
  admit(message: Message): void {
    batch(() => {
      if (this.isOwn(message)) this.outbox.noteArrival(message);
      else if (this.kind === "direct") this.other.value = message.from;
      this.#add([message]);
    });
  }

  /** All that is here was seen. */
  markRead(): void {
    const newest = this.last.value?.id;
    if (newest !== undefined) this.readUpTo.value = newest;
  }

  /** Loads the newest page, unless there is one. */
  loadFirst(): void {
    if (this.#isFresh) this.loadOlder();
  }

  /** Begins with the newest page, and goes back by a page each time. */
  async loadOlder(): Promise<void> {
    if (this.loading.value === "yes" || !this.hasMore.value) return;
    this.loading.value = "yes";
    const load = this.#load = new AbortController();
    try {
      const page = await this.#readPage(load.signal);
      if (!load.signal.aborted) this.#takePage(page);
    } catch {
      // The reason is the connection's to tell, and its badge does.
      if (!load.signal.aborted) this.loading.value = "failed";
    }
  }

  /** After a gap: forgets the messages, some of which may be missing in between, and loads what is left of them. */
  reload(): void {
    this.#load?.abort();
    batch(() => {
      this.messages.value = [];
      this.hasMore.value = true;
      this.hasGap.value = true;
      this.loading.value = "no";
    });
    this.#isFresh = true;
    this.loadOlder();
  }

  /** What is to be kept of it. */
  toKept(): KeptConversation {
    return { channel: this.channel, other: this.other.value, readUpTo: this.readUpTo.value };
  }

  async #readPage(signal: AbortSignal) {
    const before = this.#isFresh ? undefined : this.messages.value[0]?.id;
    const channels = this.kind === "notices"
      ? [NOTICES, `${NOTICES}:${this.#self.publicToken}`]
      : [this.channel];
    const options = { before, limit: PAGE, signal };
    const pages = await Promise.all(
      channels.map((channel) => this.#client.history(channel, options)),
    );
    const messages = pages.reduce<readonly Message[]>((all, page) => merge(all, page.messages), []);
    const more = messages.length > PAGE || pages.some((page) => page.more);
    return { messages: messages.slice(-PAGE), more };
  }

  #takePage({ messages, more }: { readonly messages: readonly Message[]; readonly more: boolean }) {
    const newest = messages.at(-1)?.id ?? 0;
    batch(() => {
      // What was said before one came is not news; and after a gap the ids may have begun again.
      if (this.#isFresh) this.readUpTo.value = Math.min(this.readUpTo.value ?? newest, newest);
      this.#isFresh = false;
      this.hasMore.value = more;
      this.loading.value = "no";
      this.#add(messages);
    });
  }

  #add(messages: readonly Message[]): void {
    this.messages.value = merge(this.messages.value, messages);
  }

  #countUnread(): number {
    const read = this.readUpTo.value ?? Infinity;
    return this.messages.value.filter((message) => message.id > read && !this.isOwn(message))
      .length;
  }
}
