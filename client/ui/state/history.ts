import { batch, signal } from "@preact/signals";
import type { CometClient, HistoryReply, Message } from "../../comet/halley.ts";
import { addMessages, type Chunk, lastOf, newestOf } from "./chunks.ts";

/** What is loaded at once. */
const PAGE = 50;

/** Where a history is read from. */
export interface HistoryOptions {
  readonly client: CometClient;
  /** What is said in any of them is one history. */
  readonly channels: readonly string[];
  /** Called before the first page is shown, with its newest message, if it has any. */
  readonly onFirst: (newest: Message | undefined) => void;
  /** Called with each page before it is shown. */
  readonly onPage: (messages: readonly Message[]) => void;
}

/** The newest messages of a conversation, as far back as one has scrolled; none is missing in between. */
export class History {
  /** Oldest first. */
  readonly chunks = signal<readonly Chunk[]>([]);
  /** Whether there may be older messages than those here. */
  readonly hasMore = signal(true);
  readonly loading = signal<"no" | "yes" | "failed">("no");
  /** Whether the first page is here. */
  readonly isLoaded = signal(false);
  readonly #options: HistoryOptions;
  #load: AbortController | undefined;

  constructor(options: HistoryOptions) {
    this.#options = options;
  }

  get last(): Message | undefined {
    return lastOf(this.chunks.value);
  }

  add(messages: readonly Message[]): void {
    if (messages.length > 0) this.chunks.value = addMessages(this.chunks.peek(), messages);
  }

  /** Loads the newest page, of so many messages at least, unless there is one. */
  loadFirst(least = 0): void {
    if (!this.isLoaded.peek()) this.loadOlder(Math.max(PAGE, least));
  }

  /** Begins with the newest page, and goes back by a page each time. */
  async loadOlder(limit = PAGE): Promise<void> {
    if (this.loading.peek() === "yes" || !this.hasMore.peek()) return;
    this.loading.value = "yes";
    const load = this.#load = new AbortController();
    try {
      const page = await this.#readPage(limit, load.signal);
      if (!load.signal.aborted) this.#take(page);
    } catch {
      // The reason is the connection's to tell, and its badge does.
      if (!load.signal.aborted) this.loading.value = "failed";
    }
  }

  /** The newest message on the server, if there is any. Throws as every request does. */
  async readNewest(): Promise<Message | undefined> {
    return (await this.#readPage(1)).messages.at(-1);
  }

  /** Begins again with nothing. */
  forget(): void {
    this.#interrupt();
    batch(() => {
      this.chunks.value = [];
      this.isLoaded.value = false;
    });
  }

  /** Lets go of all but so many of the newest messages, or a few more. */
  keepNewest(count: number): void {
    const chunks = newestOf(this.chunks.peek(), count);
    if (chunks.length === this.chunks.peek().length) return;
    this.#interrupt();
    this.chunks.value = chunks;
  }

  #interrupt(): void {
    this.#load?.abort();
    this.loading.value = "no";
    this.hasMore.value = true;
  }

  async #readPage(limit: number, signal?: AbortSignal): Promise<HistoryReply> {
    const before = this.isLoaded.peek() ? this.chunks.peek()[0]?.id : undefined;
    const { client, channels } = this.#options;
    const options = { before, limit, ...(signal && { signal }) };
    const pages = await Promise.all(channels.map((channel) => client.history(channel, options)));
    const all = pages.flatMap(({ messages }) => messages).sort((one, other) => one.id - other.id);
    const messages = all.slice(-limit);
    return { messages, more: messages.length < all.length || pages.some(({ more }) => more) };
  }

  #take({ messages, more }: HistoryReply): void {
    batch(() => {
      this.#options.onPage(messages);
      if (!this.isLoaded.peek()) this.#options.onFirst(messages.at(-1));
      this.isLoaded.value = true;
      this.hasMore.value = more;
      this.loading.value = "no";
      this.add(messages);
    });
  }
}
