import { computed, signal } from "@preact/signals";
import { HalleyError } from "../../comet/halley.ts";
import type {
  AdminOverview,
  AdminRoomsReply,
  LiveSession,
  MessageTrace,
  SessionTrace,
} from "../../../server/protocol/admin_replies.ts";
import type { AdminApi, NoticeDraft } from "./admin_api.ts";
import { type NodeHistory, withOverview } from "./rates.ts";

/** The figures are asked for so often (ms), and the lists each third time. */
const PERIOD = 2_000;
const LISTS = 3;

/** What is known of a message or a session. */
export type Traced =
  | { readonly kind: "message"; readonly trace: MessageTrace }
  | { readonly kind: "session"; readonly trace: SessionTrace };

/** All that somebody sees who administers, and can do. Disposed, it asks no more. */
export class AdminState implements Disposable {
  /** What is known of each node that has answered lately, by its name. */
  readonly nodes = signal<ReadonlyMap<string, NodeHistory>>(new Map());
  /** The node whose figures are wanted. */
  readonly chosen = signal("");
  /** That node, or another one when it is gone. */
  readonly shown = computed((): NodeHistory | undefined =>
    this.nodes.value.get(this.chosen.value) ?? this.nodes.value.values().next().value
  );
  readonly sessions = signal<readonly LiveSession[]>([]);
  /** Whether there are more sessions than are shown. */
  readonly hasMore = signal(false);
  readonly rooms = signal<AdminRoomsReply>({ rooms: [], total: 0 });
  readonly search = signal("");
  /** Whether the server does not answer. */
  readonly isAway = signal(false);
  readonly traced = signal<Traced | undefined>(undefined);
  /** Why the last look found nothing. */
  readonly traceFailure = signal<unknown>(undefined);
  readonly #api: AdminApi;
  readonly #onKeyEnded: () => void;
  #pages = 1;
  #round = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #isOver = false;

  constructor(api: AdminApi, overview: AdminOverview, onKeyEnded: () => void) {
    this.#api = api;
    this.#onKeyEnded = onKeyEnded;
    this.#take(overview);
    this.#refreshLists().catch((error) => this.#note(error));
    this.#timer = setTimeout(() => this.#tick(), PERIOD);
  }

  /** Shows those whose names or tokens fit. */
  async find(search: string): Promise<void> {
    this.search.value = search;
    this.#pages = 1;
    await this.#refreshSessions().catch((error) => this.#note(error));
  }

  /** Shows some more sessions. */
  async showMore(): Promise<void> {
    this.#pages++;
    await this.#refreshSessions().catch((error) => this.#note(error));
  }

  /** Publishes a notice, and gives the id of its message. Throws a `HalleyError`. */
  publish(draft: NoticeDraft): Promise<number> {
    return this.#api.publish(draft);
  }

  /** Ends a session. Throws a `HalleyError`. */
  async kick({ publicToken }: LiveSession): Promise<void> {
    await this.#api.kick(publicToken);
    this.sessions.value = this.sessions.value.filter((one) => one.publicToken !== publicToken);
  }

  /** Looks up what is known of a message, if that is its id, or else of a session. */
  async look(what: string): Promise<void> {
    [this.traced.value, this.traceFailure.value] = [undefined, undefined];
    try {
      this.traced.value = /^\d{1,15}$/.test(what)
        ? { kind: "message", trace: await this.#api.traceOfMessage(what) }
        : { kind: "session", trace: await this.#api.traceOfSession(what) };
    } catch (error) {
      this.traceFailure.value = error;
    }
  }

  [Symbol.dispose](): void {
    this.#isOver = true;
    clearTimeout(this.#timer);
  }

  async #tick(): Promise<void> {
    try {
      // Nobody looks at a page that is hidden; the next one is drawn as if it had slept.
      if (!document.hidden) {
        this.#take(await this.#api.overview());
        if (++this.#round % LISTS === 0) await this.#refreshLists();
      }
      this.isAway.value = false;
    } catch (error) {
      this.#note(error);
    }
    if (!this.#isOver) this.#timer = setTimeout(() => this.#tick(), PERIOD);
  }

  #take(overview: AdminOverview): void {
    this.nodes.value = withOverview(this.nodes.value, overview, Date.now());
    if (!this.nodes.value.has(this.chosen.value)) this.chosen.value = overview.node;
  }

  async #refreshLists(): Promise<void> {
    [this.rooms.value] = await Promise.all([this.#api.rooms(), this.#refreshSessions()]);
  }

  async #refreshSessions(): Promise<void> {
    const search = this.search.value;
    let [found, after, more] = [[] as LiveSession[], "", true];
    for (let page = 0; page < this.#pages && more; page++) {
      const reply = await this.#api.sessions({ search, after });
      found = [...found, ...reply.sessions];
      after = found.at(-1)?.publicToken ?? "";
      more = reply.more;
    }
    // Something else may have been searched for meanwhile.
    if (search !== this.search.value) return;
    this.sessions.value = found.sort((one, other) =>
      one.displayName.localeCompare(other.displayName) ||
      (one.publicToken < other.publicToken ? -1 : 1)
    );
    this.hasMore.value = more;
  }

  #note(error: unknown): void {
    const status = error instanceof HalleyError ? error.status : undefined;
    if (status === 401 || status === 403) this.#onKeyEnded();
    else this.isAway.value = true;
  }
}
