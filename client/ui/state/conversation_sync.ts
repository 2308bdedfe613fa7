import type {
  CometClient,
  Conversation as ServerSide,
  Person,
  Signal,
} from "../../comet/halley.ts";
import type { Conversation } from "./conversation.ts";
import type { Conversations } from "./conversations.ts";
import { ReadMarkerSender } from "./read_marker_sender.ts";

/** So long after one has closed a conversation here, word that it was closed is the echo of that. */
const ECHO = 5_000;

/** What is kept in step. */
export interface ConversationSyncOptions {
  readonly client: CometClient;
  readonly self: Person;
  readonly conversations: Conversations;
}

/** Keeps the open conversations, and what was read in them, the same as on the server, and so in all tabs and devices. */
export class ConversationSync implements Disposable {
  readonly #options: ConversationSyncOptions;
  readonly #teller: ReadMarkerSender;
  /** Since when a conversation is closed here. */
  readonly #closedAt = new Map<string, number>();
  /** The server is not known to have heard of it. */
  readonly #closing = new Set<string>();
  #isReading = false;
  #isAsked = false;

  constructor(options: ConversationSyncOptions) {
    this.#options = options;
    this.#teller = new ReadMarkerSender(options.client, (channel) => {
      const conversation = options.conversations.find(channel);
      if (conversation) conversation.isTold.value = true;
    });
  }

  /** A conversation is open, and was read up to a message. */
  tell(channel: string, upTo?: number): void {
    this.#closing.delete(channel);
    this.#closedAt.delete(channel);
    this.#teller.tell(channel, upTo);
  }

  /** A conversation was closed. */
  tellClosed(channel: string): void {
    this.#closedAt.set(channel, Date.now());
    this.#closing.add(channel);
    this.#close(channel);
  }

  /** Asks the server for what it knows, and tells it what it does not. Where it cannot be reached, what is here stands. */
  async read(): Promise<void> {
    this.#isAsked = true;
    if (this.#isReading) return;
    this.#isReading = true;
    while (this.#isAsked) {
      this.#isAsked = false;
      const told = this.#told();
      const reply = await this.#options.client.conversations().catch(() => undefined);
      if (reply) this.#take(reply.conversations, told);
    }
    this.#isReading = false;
  }

  /** Tells what could not be told while the server was away. */
  retry(): void {
    this.#teller.retry();
    for (const channel of this.#closing) {
      if (this.#options.conversations.find(channel)) this.#closing.delete(channel);
      else this.#close(channel);
    }
  }

  /** Takes in what the other one, or another tab or device of one's own, has done. */
  note(event: Signal): void {
    if (event.type !== "read" && event.type !== "delivered" && event.type !== "closed") return;
    const { conversations, self } = this.#options;
    const { channel, from } = event;
    const conversation = conversations.find(channel);
    const isOwn = from.publicToken === self.publicToken;
    if (event.type === "closed") {
      if (isOwn && conversation && !this.#isClosed(channel)) this.#followClosing(conversation);
      return;
    }
    if (!isOwn) {
      const field = event.type === "read" ? "seenUpTo" : "deliveredUpTo";
      return conversation?.noteProgress({ [field]: event.upTo });
    }
    if (event.type !== "read") return;
    if (conversation) conversation.noteRead(event.upTo);
    else if (!this.#isClosed(channel)) this.read();
  }

  [Symbol.dispose](): void {
    this.#teller[Symbol.dispose]();
  }

  /** The conversations that the server knows of already. */
  #told(): ReadonlySet<Conversation> {
    return new Set(this.#options.conversations.all.peek().filter(({ isTold }) => isTold.peek()));
  }

  #take(known: readonly ServerSide[], told: ReadonlySet<Conversation>): void {
    const { conversations, client } = this.#options;
    for (const serverSide of known) {
      const { channel } = serverSide;
      if (this.#isClosed(channel)) continue;
      const conversation = conversations.open({ channel, readUpTo: serverSide.readUpTo });
      if (conversation.kind === "room") client.join(channel);
      conversation.takeServerSide(serverSide);
    }
    const channels = new Set(known.map(({ channel }) => channel));
    for (const conversation of conversations.all.peek()) {
      if (channels.has(conversation.channel)) continue;
      if (told.has(conversation)) this.#drop(conversation);
      else this.#introduce(conversation);
    }
  }

  /** Tells the server of a conversation that it does not know. */
  #introduce(conversation: Conversation): void {
    const { channel, readUpTo } = conversation;
    // What was read in it is known when its first page is there, and told then.
    if (readUpTo.peek() === undefined) conversation.history.loadFirst();
    else this.#teller.tell(channel, readUpTo.peek());
  }

  /** Another tab or device has closed it. */
  #followClosing(conversation: Conversation): void {
    const { channel } = conversation;
    if (this.#options.conversations.isHome(conversation)) return;
    // What is on its way to the server may arrive there after that, and open it again.
    if (this.#teller.isTelling(channel)) this.tellClosed(channel);
    this.#drop(conversation);
  }

  /** It is closed elsewhere. */
  #drop(conversation: Conversation): void {
    const { conversations, client } = this.#options;
    if (conversations.isHome(conversation)) return;
    this.#teller.forget(conversation.channel);
    client.leave(conversation.channel);
    conversations.close(conversation);
  }

  /** It was closed here just now, or the server has not heard of that: what it says is older. */
  #isClosed(channel: string): boolean {
    return this.#closing.has(channel) || Date.now() - (this.#closedAt.get(channel) ?? 0) < ECHO;
  }

  async #close(channel: string): Promise<void> {
    try {
      // What was read there a moment ago would open it again, if it came after.
      await this.#teller.forget(channel);
      await this.#options.client.closeConversation(channel);
      this.#closing.delete(channel);
    } catch {
      // To be told when the server is there again.
    }
  }
}
