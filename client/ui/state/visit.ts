import { batch, signal } from "@preact/signals";
import type { CometClient, Message } from "../../comet/halley.ts";
import type { Chat } from "./chat.ts";
import { newestFirst } from "./chunks.ts";
import type { Conversation } from "./conversation.ts";
import { History, type VisitedMessages } from "./history.ts";

/** Number of messages that are loaded at a time, to either side. */
const PAGE = 30;

export interface ReachOptions {
  readonly chat: Pick<Chat, "client">;
  readonly conversation: Conversation;
  /** Called before other messages are shown. */
  readonly onChanging: () => void;
}

/** What became of an attempt to reach a message. */
export type Reached = "shown" | "gone" | "failed";

/** The messages that the page shows of a conversation, newest first. */
export function* shownMessages({ visited, history }: Conversation): Generator<Message> {
  yield* newestFirst((visited.value?.history ?? history).chunks.value);
}

/** A message that the page shows. */
export function shownMessage(conversation: Conversation, id: number): Message | undefined {
  return [...shownMessages(conversation)].find((message) => message.id === id);
}

/**
 * Makes a conversation show a message, however old it is: among the newest messages, or else with what is around it. That
 * takes two requests.
 */
export async function reach(
  id: number,
  { chat: { client }, conversation, onChanging }: ReachOptions,
): Promise<Reached> {
  if (shownMessage(conversation, id)) return "shown";
  const { visited, history } = conversation;
  let opened = history.isLoadedTo(id) ? undefined : new Visit(client, conversation, id);
  const isLoaded = await opened?.load() ?? true;
  // The newest messages may have been loaded meanwhile, or follow: then they are shown.
  const isNew = history.isLoadedTo(id);
  if (!isLoaded || isNew) {
    opened?.[Symbol.dispose]();
    opened = undefined;
  }
  if (!isLoaded && !isNew) return "failed";
  if (opened ?? visited.peek()) onChanging();
  visited.peek()?.leave();
  visited.value = opened;
  return shownMessage(conversation, id) ? "shown" : "gone";
}

/**
 * The messages around an old one, apart from the newest ones of its conversation. More are loaded at both ends as the user
 * scrolls; when the newest ones are reached, it becomes a part of them. It follows changes, and ends at a gap.
 */
export class Visit implements VisitedMessages, Disposable {
  /** Without the messages between its end and the newest ones. */
  readonly history: History;
  readonly pending = signal([]);
  readonly gapAfter = signal(undefined);
  readonly #client: CometClient;
  readonly #conversation: Conversation;
  readonly #channels: readonly string[];
  readonly #subscriptions: readonly Disposable[];
  #isLoading = false;

  constructor(client: CometClient, conversation: Conversation, id: number) {
    this.#client = client;
    this.#conversation = conversation;
    this.#channels = conversation.history.channels;
    this.history = new History({
      client,
      channels: this.#channels,
      before: id + 1,
      onFirst: () => {},
      onPage: (messages) => this.#addNames(messages),
    });
    this.#subscriptions = [
      client.on("change", (change) => {
        if (this.#channels.includes(change.channel)) this.history.change(change.message);
      }),
      client.on("gap", () => this.leave()),
    ];
  }

  /** Loads what is around the message. Returns whether the server has answered. */
  async load(): Promise<boolean> {
    await this.history.loadOlder(PAGE);
    return this.history.loading.peek() === "no" && await this.loadNewer();
  }

  trim(): void {
    this.loadNewer();
  }

  /** What is read before the newest messages does not count. */
  markRead(): void {}

  /** Loads the next messages, unless they are being loaded. Returns whether the server has answered. */
  async loadNewer(): Promise<boolean> {
    if (this.#isLoading) return false;
    this.#isLoading = true;
    try {
      await this.#loadNewer(this.history.last?.id ?? 0);
      return true;
    } catch {
      return false; // The badge of the connection shows the reason.
    } finally {
      this.#isLoading = false;
    }
  }

  /** Shows the newest messages again. */
  leave(): void {
    const { visited } = this.#conversation;
    if (visited.peek() === this) visited.value = undefined;
    this[Symbol.dispose]();
  }

  [Symbol.dispose](): void {
    for (const subscription of this.#subscriptions) subscription[Symbol.dispose]();
  }

  async #loadNewer(after: number): Promise<void> {
    const pages = await Promise.all(
      this.#channels.map((channel) => this.#client.history(channel, { after, limit: PAGE })),
    );
    // What follows the end of one page belongs to the next one, from all channels.
    const ends = pages.filter(({ more }) => more).map(({ messages }) => messages[0]?.id ?? after);
    const end = Math.min(Infinity, ...ends);
    const messages = pages.flatMap((page) => page.messages).filter(({ id }) => id <= end);
    this.#addNames(messages);
    this.history.add(messages);
    const { history } = this.#conversation;
    const newest = history.chunks.peek()[0]?.id ?? Infinity;
    if (history.isLoaded.peek() && (ends.length === 0 || newest <= end)) this.#join(history);
  }

  /** The newest messages follow: what is shown becomes a part of them. */
  #join(history: History): void {
    batch(() => {
      const first = history.chunks.peek()[0]?.id ?? Infinity;
      const { chunks, hasMore } = this.history;
      const all = chunks.peek().flatMap(({ messages }) => messages);
      history.add(all.filter(({ id }) => id < first));
      history.add(all.filter(({ id }) => id > first));
      history.hasMore.value = hasMore.peek();
      this.leave();
    });
  }

  #addNames(messages: readonly Message[]): void {
    for (const { from } of messages) if (from) this.#conversation.names.add(from);
  }
}
