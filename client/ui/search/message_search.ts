import { batch, computed, effect, type ReadonlySignal, signal, untracked } from "@preact/signals";
import { SEARCH_LENGTH } from "../../../server/protocol/limits.ts";
import { HalleyError } from "../../comet/halley_error.ts";
import type { CometClient, Message, SearchHit, SearchReply } from "../../comet/halley.ts";
import { searchMessages } from "../../comet/search.ts";
import { endOf, startOf } from "./days.ts";

/** Time in ms from the last change of what is searched for to the request. */
const TYPING_PAUSE = 300;

/** Number of messages of a page. */
const PAGE = 30;

/** Maximum number of pages that are requested one after another while nothing is found: each can cost 25 requests. */
const EMPTY_PAGES = 4;

/** How long to wait, in ms, if the server does not say when to ask again. */
const RETRY = 5_000;

/** How far a search has come, or why it has failed: it is too long, the server could not be reached, or what that says. */
export type SearchStatus =
  | "idle"
  | "tooLong"
  | "searching"
  | "done"
  | "unreachable"
  | HalleyError;

export interface MessageSearchOptions {
  readonly client: Pick<CometClient, "request" | "on">;
  /** The channels of the conversation that can be searched alone; none if none is selected. */
  readonly here: ReadonlySignal<readonly string[]>;
  /** Called with each page before it is shown. */
  readonly onPage: (messages: readonly Message[]) => void;
}

/**
 * A search for messages while its words and limits are typed and changed. A new one is requested after a pause, and aborts
 * the one before. What was found is changed and removed with its messages.
 */
export class MessageSearch implements Disposable {
  readonly words = signal("");
  readonly isEverywhere = signal(false);
  /** The public token of the author; by default, anyone. */
  readonly author = signal("");
  /** Only what was sent from one day to another, as in fields for dates. */
  readonly firstDay = signal("");
  readonly lastDay = signal("");
  readonly hits = signal<readonly SearchHit[]>([]);
  readonly status = signal<SearchStatus>("idle");
  /** Whether there may be more. */
  readonly hasMore = computed(() => this.#before.value !== undefined);
  /** About the number of messages that cannot be found yet. */
  readonly unindexed = signal(0);
  readonly #options: MessageSearchOptions;
  readonly #before = signal<number>();
  readonly #stop: () => void;
  readonly #subscription: Disposable;
  #request: AbortController | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(options: MessageSearchOptions) {
    this.#options = options;
    this.#subscription = options.client.on("change", ({ message }) => this.#change(message));
    this.#stop = effect(() => {
      // The effect follows them all.
      const query = this.#query;
      untracked(() => this.#begin(query.channels.length > 0 ? query.q : ""));
    });
  }

  /** Searches at once, without the pause, also after a failure. */
  searchNow(): void {
    if (this.status.peek() === "searching" && this.#timer === undefined) return;
    const { length } = this.words.peek().trim();
    if (length > 0 && length <= SEARCH_LENGTH) this.#load();
  }

  /** Loads the next page. */
  loadMore(): void {
    if (this.status.peek() !== "searching") this.#load(this.#before.peek());
  }

  [Symbol.dispose](): void {
    this.#stop();
    this.#subscription[Symbol.dispose]();
    this.#abort();
  }

  get #query() {
    return {
      q: this.words.value.trim(),
      channels: this.isEverywhere.value ? [undefined] : this.#options.here.value,
      from: this.author.value || undefined,
      since: startOf(this.firstDay.value),
      until: endOf(this.lastDay.value),
    };
  }

  #begin(words: string): void {
    this.#abort();
    const isTooLong = words.length > SEARCH_LENGTH;
    if (words !== "" && !isTooLong) {
      this.status.value = "searching";
      return this.#wait(TYPING_PAUSE);
    }
    batch(() => {
      this.status.value = isTooLong ? "tooLong" : "idle";
      this.#show({ hits: [] });
    });
  }

  #wait(ms: number, before?: number): void {
    this.#timer = setTimeout(() => this.#load(before), ms);
  }

  #abort(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#request?.abort();
  }

  /** Loads the page below an id, or the first one; if it is empty, also those that follow. */
  async #load(before?: number): Promise<void> {
    this.#abort();
    const { signal } = this.#request = new AbortController();
    this.status.value = "searching";
    let next = before;
    try {
      for (let count = 0; count < EMPTY_PAGES; count++) {
        const page = await this.#page(next, signal);
        if (signal.aborted) return;
        this.#options.onPage(page.hits.map(({ message }) => message));
        const earlier = before === undefined ? [] : this.hits.peek();
        this.#show({ ...page, hits: [...earlier, ...page.hits] });
        next = page.before;
        if (page.hits.length > 0 || next === undefined) break;
      }
      this.status.value = "done";
    } catch (error) {
      if (!signal.aborted) this.#fail(error, next);
    }
  }

  #fail(error: unknown, before: number | undefined): void {
    batch(() => {
      if (before === undefined) this.#show({ hits: [] });
      this.status.value = error instanceof HalleyError ? error : "unreachable";
    });
    const isTooFast = error instanceof HalleyError && error.code === "too_many_requests";
    if (isTooFast) this.#wait(error.retryAfter ?? RETRY, before);
  }

  /** A page of all channels together: what is older than the end of one belongs to the next page. */
  async #page(before: number | undefined, signal: AbortSignal): Promise<SearchReply> {
    const { q, channels, ...limits } = untracked(() => this.#query);
    const options = { ...limits, before, limit: PAGE, signal };
    const { client } = this.#options;
    const pages = await Promise.all(
      channels.map((channel) => searchMessages(client, q, { ...options, channel })),
    );
    const ends = pages.flatMap((page) => page.before ?? []);
    const end = Math.max(0, ...ends);
    const hits = pages.flatMap((page) => page.hits).filter(({ message }) => message.id >= end)
      .sort((one, other) => other.message.id - one.message.id);
    const unindexed = Math.max(0, ...pages.map((page) => page.unindexed ?? 0));
    return { hits, unindexed, ...(ends.length > 0 && { before: end }) };
  }

  #show({ hits, before, unindexed = 0 }: SearchReply): void {
    batch(() => {
      this.hits.value = hits;
      this.#before.value = before;
      this.unindexed.value = unindexed;
    });
  }

  /** A message was edited, so that its words are elsewhere, or deleted. */
  #change(message: Message): void {
    const { id, text, deletedAt } = message;
    const before = this.hits.peek().find((hit) => hit.message.id === id);
    if (!before) return;
    const words = before.message.text === text ? before.words : [];
    const changed = deletedAt ? [] : [{ message, words }];
    this.hits.value = this.hits.peek().flatMap((hit) => hit === before ? changed : hit);
  }
}
