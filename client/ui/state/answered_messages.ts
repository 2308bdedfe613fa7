import { signal } from "@preact/signals";
import { IDS_PER_REQUEST } from "../../../server/protocol/limits.ts";
import type { CometClient, Message } from "../../comet/halley.ts";
import { conversationOf } from "./address.ts";
import type { Chat } from "./chat.ts";
import type { Conversation } from "./conversation.ts";
import type { History } from "./history.ts";

/** Maximum number of messages that are remembered besides those of the history in memory. */
const MAX_REMEMBERED = 500;

/** Delay in ms before a request, which then asks for all messages that are wanted. */
const COLLECT_TIME = 20;

/** What the server has of a message that others reply to: the message as it is now, or nothing any more. */
export type Answered = Message | "gone";

const answeredIn = new WeakMap<Conversation, AnsweredMessages>();
const watched = new WeakSet<Chat>();

/** The answered messages of a conversation, which follow the changes that the chat receives. */
export function answeredMessages(chat: Chat, conversation: Conversation): AnsweredMessages {
  if (!watched.has(chat)) {
    watched.add(chat);
    chat.client.on("change", ({ channel, message }) => {
      const changed = chat.conversations.find(conversationOf(channel));
      if (changed) answeredIn.get(changed)?.change(message);
    });
    chat.client.on("gap", () => {
      for (const one of chat.conversations.all.peek()) answeredIn.get(one)?.reset();
    });
  }
  const known = answeredIn.get(conversation) ?? new AnsweredMessages(chat.client, conversation);
  answeredIn.set(conversation, known);
  return known;
}

/** The conversation whose messages reply to others. */
interface AnsweringConversation {
  readonly channel: string;
  readonly history: Pick<History, "chunks">;
}

/**
 * The messages that those of a conversation reply to, as the server has them now: from the history in memory, or else asked
 * for, many at a time.
 */
export class AnsweredMessages {
  readonly #client: Pick<CometClient, "history">;
  readonly #conversation: AnsweringConversation;
  readonly #found = signal<ReadonlyMap<number, Answered>>(new Map());
  readonly #wanted = new Set<number>();
  /** What has changed since the last request: its reply can be older. */
  readonly #changed = new Map<number, Answered>();
  #asking: Promise<void> | undefined;

  constructor(
    client: Pick<CometClient, "history">,
    conversation: AnsweringConversation,
  ) {
    this.#client = client;
    this.#conversation = conversation;
  }

  /** What is known of a message; `undefined` before the server was asked. */
  get(id: number): Answered | undefined {
    const chunk = this.#conversation.history.chunks.value.findLast((one) => one.id <= id);
    return chunk?.messages.find((message) => message.id === id) ?? this.#found.value.get(id);
  }

  /** Asks the server for a message of which nothing is known. Resolves when it has answered, or could not be reached. */
  request(id: number): Promise<void> {
    this.#wanted.add(id);
    return this.#asking ??= this.#askAll().finally(() => this.#asking = undefined);
  }

  /** A message was edited or deleted. */
  change(message: Message): void {
    const now = message.deletedAt === undefined ? message : "gone";
    if (this.#asking) this.#changed.set(message.id, now);
    if (now === "gone" || this.#found.peek().has(message.id)) this.#remember([[message.id, now]]);
  }

  /** After a gap, nothing is known. */
  reset(): void {
    this.#found.value = new Map();
  }

  async #askAll(): Promise<void> {
    await new Promise((resolve) => setTimeout(resolve, COLLECT_TIME));
    while (this.#wanted.size > 0) await this.#ask();
  }

  async #ask(): Promise<void> {
    const ids = [...this.#wanted].slice(0, IDS_PER_REQUEST);
    this.#changed.clear();
    try {
      const { messages } = await this.#client.history(this.#conversation.channel, { ids });
      const found = new Map(messages.map((message) => [message.id, message]));
      this.#remember(
        ids.map((id) => [id, this.#changed.get(id) ?? found.get(id) ?? "gone"]),
      );
    } catch {
      // Asked again when a view shows it the next time. The badge of the connection shows the reason.
    }
    for (const id of ids) this.#wanted.delete(id);
  }

  #remember(added: readonly (readonly [number, Answered])[]): void {
    this.#found.value = new Map([...this.#found.peek(), ...added].slice(-MAX_REMEMBERED));
  }
}
