import type {
  CometClient,
  Conversation as ServerConversation,
  Person,
  Signal,
} from "../../comet/halley.ts";
import type { Conversation } from "./conversation.ts";
import { applySettings } from "./conversation_settings.ts";
import type { Conversations } from "./conversations.ts";
import { ReadMarkerSender } from "./read_marker_sender.ts";

/** Time in ms after closing a conversation during which the server may still list it as open, or echo the closing. */
const ECHO_TIME = 5_000;

export interface ConversationSyncDeps {
  readonly client: CometClient;
  readonly self: Person;
  readonly conversations: Conversations;
  /** Reads a room. */
  readonly join: (channel: string) => void;
}

/**
 * Synchronizes the open conversations and their read markers with the server, and so with all tabs and devices of the
 * session. Changes that cannot be sent are sent when the connection is back.
 */
export class ConversationSync implements Disposable {
  readonly #deps: ConversationSyncDeps;
  readonly #sender: ReadMarkerSender;
  /** When a conversation was closed in this tab. */
  readonly #closedAt = new Map<string, number>();
  /** Closed in this tab, and not confirmed by the server. */
  readonly #closing = new Set<string>();
  /** Of which more has been read here than the server knew: it is asked for the count again. */
  readonly #ahead = new Set<string>();
  #pulling = Promise.resolve();

  constructor(deps: ConversationSyncDeps) {
    this.#deps = deps;
    this.#sender = new ReadMarkerSender(deps.client, (channel) => {
      const conversation = deps.conversations.find(channel);
      if (conversation) conversation.isSynced.value = true;
      if (this.#ahead.delete(channel)) this.pull();
    });
  }

  /** A conversation was opened in this tab, or read up to the message with the id `upTo`. */
  open(channel: string, upTo?: number): void {
    this.#closing.delete(channel);
    this.#closedAt.delete(channel);
    this.#sender.send(channel, upTo);
  }

  /** A conversation was closed in this tab. */
  close(channel: string): void {
    this.#closedAt.set(channel, Date.now());
    this.#closing.add(channel);
    this.#sendClosing(channel);
  }

  /** Applies the server's state, and sends what the server lacks. Does nothing if the server cannot be reached. */
  pull(): Promise<void> {
    return this.#pulling = this.#pulling.then(() => this.#pullOnce());
  }

  /** Sends the changes that have failed. Call it when the connection is back. */
  retry(): void {
    this.#sender.retry();
    for (const channel of this.#closing) {
      if (this.#deps.conversations.find(channel)) this.#closing.delete(channel);
      else this.#sendClosing(channel);
    }
  }

  /** Applies what the other person, or another tab or device of this session, has done. */
  applySignal(event: Signal): void {
    if (event.type !== "read" && event.type !== "delivered" && event.type !== "closed") return;
    const { conversations, self } = this.#deps;
    const { channel, from } = event;
    const conversation = conversations.find(channel);
    const isOwn = from.publicToken === self.publicToken;
    if (event.type === "closed") {
      if (isOwn && conversation && !this.#wasClosedHere(channel)) this.#closeToo(conversation);
      return;
    }
    if (!isOwn) {
      const marker = event.type === "read" ? "seenUpTo" : "deliveredUpTo";
      return conversation?.applyReceipt({ [marker]: event.upTo });
    }
    if (event.type !== "read") return;
    const isUnknown = conversation
      ? conversation.applyReadMarker(event.upTo)
      : conversations.accepts(channel) && !this.#wasClosedHere(channel);
    if (isUnknown) this.pull();
  }

  [Symbol.dispose](): void {
    this.#sender[Symbol.dispose]();
  }

  async #pullOnce(): Promise<void> {
    const { conversations, client } = this.#deps;
    const synced = conversations.all.peek().filter(({ isSynced }) => isSynced.peek());
    const reply = await client.conversations().catch(() => undefined);
    if (reply) this.#applyServerState(reply.conversations, new Set(synced));
  }

  /** `synced` are the conversations that the server knew before it was asked. */
  #applyServerState(
    open: readonly ServerConversation[],
    synced: ReadonlySet<Conversation>,
  ): void {
    const { conversations, join } = this.#deps;
    for (const one of open) {
      const { channel, readUpTo } = one;
      if (!conversations.accepts(channel) || this.#wasClosedHere(channel)) continue;
      const conversation = conversations.open({ channel, readUpTo });
      applySettings(conversation.settings, one);
      if (conversation.kind === "room") join(channel);
      if (!conversation.applyServerState(one)) continue;
      // An earlier page was closed before it could send its marker.
      this.#ahead.add(channel);
      this.#sender.send(channel, conversation.readUpTo.peek());
    }
    const channels = new Set(open.map(({ channel }) => channel));
    for (const conversation of conversations.all.peek()) {
      // The server lists no rooms that the session may not read: the person should see why.
      if (channels.has(conversation.channel) || conversation.isForbidden.peek()) continue;
      if (synced.has(conversation)) this.#remove(conversation);
      else this.#introduce(conversation);
    }
  }

  /** Opens a conversation on the server. */
  #introduce({ channel, readUpTo, history }: Conversation): void {
    // The first page sets the read marker, which is sent then.
    if (readUpTo.peek() === undefined) history.loadFirst();
    else this.#sender.send(channel, readUpTo.peek());
  }

  /** Another tab or device has closed a conversation. */
  #closeToo(conversation: Conversation): void {
    const { channel } = conversation;
    if (this.#deps.conversations.isHome(conversation)) return;
    // A read marker that reaches the server after the closing opens the conversation again.
    if (this.#sender.isSending(channel)) this.close(channel);
    this.#remove(conversation);
  }

  #remove(conversation: Conversation): void {
    const { conversations, client } = this.#deps;
    if (conversations.isHome(conversation)) return;
    this.#sender.cancel(conversation.channel);
    client.leave(conversation.channel);
    conversations.close(conversation);
  }

  /** Whether what the server reports about a conversation is older than its closing in this tab. */
  #wasClosedHere(channel: string): boolean {
    return this.#closing.has(channel) ||
      Date.now() - (this.#closedAt.get(channel) ?? 0) < ECHO_TIME;
  }

  async #sendClosing(channel: string): Promise<void> {
    try {
      // A read marker that arrives later would open the conversation again.
      await this.#sender.cancel(channel);
      await this.#deps.client.closeConversation(channel);
      this.#closing.delete(channel);
    } catch {
      // `retry` sends it again.
    }
  }
}
