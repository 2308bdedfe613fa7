import { batch, type ReadonlySignal, signal } from "@preact/signals";
import { PAGE_SIZE } from "../../../server/protocol/limits.ts";
import type { CometClient, HistoryReply, Message } from "../../comet/halley.ts";
import type { PendingMessage } from "./outbox.ts";
import { addMessages, changeMessage, type Chunk, lastOf, newestOf, presentOf } from "./chunks.ts";

/** Maximum number of changed messages that are remembered. */
const MAX_CHANGED = 1_000;

export interface HistoryDeps {
  readonly client: CometClient;
  /** The channels whose messages are merged into this history. */
  readonly channels: readonly string[];
  /** Only messages with a smaller id are loaded; by default all. */
  readonly before?: number;
  /** Called before the first page is added, with its newest message. */
  readonly onFirst: (newest: Message | undefined) => void;
  /** Called with each page before it is added. */
  readonly onPage: (messages: readonly Message[]) => void;
}

/** Messages that newer ones follow. They take the place of the members of a conversation that have the same names. */
export interface VisitedMessages {
  readonly history: History;
  readonly pending: ReadonlySignal<readonly PendingMessage[]>;
  readonly gapAfter: ReadonlySignal<number | undefined>;
  /** Called while the user is at their end: loads newer ones. */
  trim(): void;
  markRead(upTo?: number): void;
  /** Shows the newest messages again. */
  leave(): void;
}

/** The newest messages of a conversation, without holes. Older pages are loaded as the user scrolls up. */
export class History {
  /** Oldest first. */
  readonly chunks = signal<readonly Chunk[]>([]);
  /** Whether the server may have older messages. */
  readonly hasMore = signal(true);
  readonly loading = signal<"no" | "yes" | "failed">("no");
  /** Whether the first page has been loaded. */
  readonly isLoaded = signal(false);
  /** Whether this person may not write here, as far as the server has said. */
  readonly isReadOnly = signal(false);
  /** Whether this person may change the messages of others here, as far as the server has said. */
  readonly mayAdminister = signal(false);
  readonly channels: readonly string[];
  readonly #deps: HistoryDeps;
  /** The messages that were changed last, as they are now. */
  readonly #changed = new Map<number, Message>();
  #load: AbortController | undefined;

  constructor(deps: HistoryDeps) {
    this.#deps = deps;
    this.channels = deps.channels;
  }

  get last(): Message | undefined {
    return lastOf(this.chunks.value);
  }

  add(messages: readonly Message[]): void {
    const present = messages.flatMap((message) =>
      presentOf(this.#changed.get(message.id) ?? message)
    );
    if (present.length > 0) this.chunks.value = addMessages(this.chunks.peek(), present);
  }

  /** Whether all messages after this id are in memory. */
  isLoadedTo(id: number): boolean {
    return !this.hasMore.value || (this.chunks.value[0]?.id ?? Infinity) <= id;
  }

  /** Applies an edit or a deletion, also to what is added later: a page may have been requested before the change. */
  change(message: Message): void {
    if (this.#changed.size > MAX_CHANGED) this.#changed.clear();
    this.#changed.set(message.id, message);
    this.chunks.value = changeMessage(this.chunks.peek(), message);
  }

  /** Loads the newest page with at least `minimum` messages, unless a page has been loaded. */
  loadFirst(minimum = 0): void {
    if (!this.isLoaded.peek()) this.loadOlder(Math.max(PAGE_SIZE.default, minimum));
  }

  /** Loads the newest page first, then an older page with each call. */
  async loadOlder(limit: number = PAGE_SIZE.default): Promise<void> {
    if (this.loading.peek() === "yes" || !this.hasMore.peek()) return;
    this.loading.value = "yes";
    const load = this.#load = new AbortController();
    try {
      const page = await this.#fetchPage(limit, load.signal);
      if (!load.signal.aborted) this.#addPage(page);
    } catch {
      // The badge of the connection shows the reason.
      if (!load.signal.aborted) this.loading.value = "failed";
    }
  }

  /** Requests the newest message without adding it. Throws if the request fails. */
  async fetchNewest(): Promise<Message | undefined> {
    return (await this.#fetchPage(1)).messages.at(-1);
  }

  /** Removes all messages. */
  reset(): void {
    this.#abortLoad();
    this.#changed.clear();
    batch(() => {
      this.chunks.value = [];
      this.isLoaded.value = false;
    });
  }

  /** Removes old messages, and keeps at least the newest `count`, and those from the id `from` on. */
  trim(count: number, from?: number): void {
    const chunks = newestOf(this.chunks.peek(), count, from);
    if (chunks.length === this.chunks.peek().length) return;
    this.#abortLoad();
    this.chunks.value = chunks;
  }

  #abortLoad(): void {
    this.#load?.abort();
    this.loading.value = "no";
    this.hasMore.value = true;
  }

  async #fetchPage(limit: number, signal?: AbortSignal): Promise<HistoryReply> {
    const { client, channels, before: end } = this.#deps;
    const before = this.isLoaded.peek() ? this.chunks.peek()[0]?.id : end;
    const options = { before, limit, ...(signal && { signal }) };
    const pages = await Promise.all(channels.map((channel) => client.history(channel, options)));
    // A page can be shorter than `limit`: what is older than its end belongs to the next page, from all channels.
    const ends = pages.filter(({ more }) => more)
      .map(({ messages }) => Math.min(...messages.map(({ id }) => id)));
    const start = Math.max(0, ...ends);
    const all = pages.flatMap(({ messages }) => messages).sort((one, other) => one.id - other.id);
    const messages = all.filter(({ id }) => id >= start).slice(-limit);
    return {
      messages,
      more: messages.length < all.length || ends.length > 0,
      readOnly: pages.some((page) => page.readOnly === true),
      mayAdminister: pages.some((page) => page.mayAdminister === true),
    };
  }

  #addPage({ messages, more, readOnly = false, mayAdminister = false }: HistoryReply): void {
    batch(() => {
      this.#deps.onPage(messages);
      if (!this.isLoaded.peek()) this.#deps.onFirst(messages.at(-1));
      this.isLoaded.value = true;
      this.hasMore.value = more;
      this.isReadOnly.value = readOnly;
      this.mayAdminister.value = mayAdminister;
      this.loading.value = "no";
      this.add(messages);
    });
  }
}
