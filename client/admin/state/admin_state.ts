import { computed, signal } from "@preact/signals";
import type {
  AdminOverview,
  AdminRoomsReply,
  Erasure,
  LiveSession,
  LiveSessionsReply,
  MessageTrace,
  SessionTrace,
} from "../../../server/protocol/admin_replies.ts";
import type { AuditEntry, Ban } from "../../../server/protocol/moderation_replies.ts";
import { API_KEY_PREFIX } from "../../../server/protocol/channel.ts";
import type { LiveSort } from "../../../server/protocol/requests.ts";
import { isFinal } from "../../comet/halley_error.ts";
import type { AdminApi, DataTarget, NoticeDraft, PersonTarget } from "./admin_api.ts";
import { PagedList } from "./paged_list.ts";
import type { Target } from "./target.ts";
import { addOverview, type NodeHistory, silentSince } from "./node_history.ts";

/** Time in ms between two requests for the metrics. */
const INTERVAL = 2_000;

/** Maximum number of people among whom one is chosen. */
const FOUND_PEOPLE = 5;

/** The lists are requested in every third interval. */
const LIST_INTERVALS = 3;

/** The trace of a message or of a session. */
export type Trace =
  | { readonly kind: "message"; readonly trace: MessageTrace }
  | { readonly kind: "session"; readonly trace: SessionTrace };

/**
 * What the admin page shows, as signals, and what an administrator can do. It polls the server until it is disposed,
 * and pauses while the page is hidden.
 */
export class AdminState implements Disposable {
  /** The nodes that have answered recently, by name: behind a load balancer each request can reach another one. */
  readonly nodes = signal<ReadonlyMap<string, NodeHistory>>(new Map());
  /** The name of the node that the administrator has selected. */
  readonly selectedNode = signal("");
  /** The selected node; another one if that has disappeared. */
  readonly shownNode = computed((): NodeHistory | undefined =>
    this.nodes.value.get(this.selectedNode.value) ?? this.nodes.value.values().next().value
  );
  /** When the shown node answered last, if its metrics are out of date. */
  readonly silentSince = computed((): number | undefined => {
    const node = this.shownNode.value;
    if (node === undefined) return undefined;
    return this.isServerAway.value ? node.answeredAt : silentSince(node, this.#now.value);
  });
  readonly sessions = signal<readonly LiveSession[]>([]);
  /** Whether the server has more sessions than `sessions`. */
  readonly hasMore = signal(false);
  readonly rooms = signal<AdminRoomsReply>({ rooms: [], total: 0 });
  readonly search = signal("");
  readonly sort = signal<LiveSort>("name");
  readonly bans: PagedList<Ban>;
  readonly audit: PagedList<AuditEntry>;
  readonly isServerAway = signal(false);
  readonly trace = signal<Trace>();
  /** The error of the last trace request. */
  readonly traceError = signal<unknown>(undefined);
  /** The erasures that this page has begun. */
  readonly erasures = signal<readonly Erasure[]>([]);
  readonly #api: AdminApi;
  readonly #onKeyEnded: () => void;
  /** This page's clock, as of the last request. */
  readonly #now = signal(Date.now());
  #pages = 1;
  #round = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #isDisposed = false;

  /** `onKeyEnded` is called when the server no longer accepts the key. */
  constructor(api: AdminApi, overview: AdminOverview, onKeyEnded: () => void) {
    this.#api = api;
    this.bans = new PagedList((after) => api.bans(after));
    this.audit = new PagedList((before) => api.audit(before));
    this.#onKeyEnded = onKeyEnded;
    this.#addOverview(overview);
    this.#refreshLists().catch((error) => this.#handleError(error));
    this.#timer = setTimeout(() => this.#refresh(), INTERVAL);
  }

  /** Shows the sessions in another order. */
  async sortBy(sort: LiveSort): Promise<void> {
    this.sort.value = sort;
    this.#pages = 1;
    await this.#refreshSessions().catch((error) => this.#handleError(error));
  }

  /** The first people who are online and whose names or public tokens match. */
  async findPeople(search: string): Promise<readonly LiveSession[]> {
    const query = { search, sort: "name", after: "", limit: String(FOUND_PEOPLE) } as const;
    const { sessions } = await this.#api.sessions(query).catch(() => ({ sessions: [] }));
    return sessions.filter(({ publicToken }) => !publicToken.startsWith(API_KEY_PREFIX));
  }

  /** The name of a listed session; empty if it is not listed. */
  nameOf(publicToken: string): string {
    const session = this.sessions.value.find((one) => one.publicToken === publicToken);
    return session?.displayName ?? "";
  }

  /** Shows the sessions whose names or public tokens match. */
  async find(search: string): Promise<void> {
    this.search.value = search;
    this.#pages = 1;
    await this.#refreshSessions().catch((error) => this.#handleError(error));
  }

  /** Shows another page of sessions. */
  async showMore(): Promise<void> {
    this.#pages++;
    await this.#refreshSessions().catch((error) => this.#handleError(error));
  }

  /** Publishes a notice and returns its message id. Rejects with a `HalleyError`. */
  publish(draft: NoticeDraft): Promise<number> {
    return this.#api.publish(draft);
  }

  /** Ends a session. Rejects with a `HalleyError`. */
  async kick({ publicToken }: LiveSession): Promise<void> {
    await this.#api.kick(publicToken);
    this.sessions.value = this.sessions.value.filter((one) => one.publicToken !== publicToken);
  }

  /** Bans somebody; a duration of 0 is for good. Rejects with a `HalleyError`. */
  async ban(
    { kind, name }: Target,
    { duration, reason }: { readonly duration: number; readonly reason: string },
  ): Promise<void> {
    await this.#api.ban({
      [kind]: name.trim(),
      ...(duration > 0 && { duration }),
      ...(reason !== "" && { reason }),
    });
    await this.#refreshLists();
  }

  /** Lifts a ban. Rejects with a `HalleyError`. */
  async lift(ban: Ban): Promise<void> {
    await this.#api.lift(ban);
    await this.#refreshLists();
  }

  /** Begins to erase a person. Rejects with a `HalleyError`. */
  async erase(target: PersonTarget): Promise<void> {
    const erasure = await this.#api.erase(target);
    this.erasures.value = [...this.erasures.value.filter(({ id }) => id !== erasure.id), erasure];
    this.sessions.value = this.sessions.value.filter((one) => one.publicToken !== erasure.id);
  }

  /** What is stored of a person or a room; `undefined` if the download was cut off. Rejects with a `HalleyError`. */
  export(target: DataTarget): Promise<Blob | undefined> {
    return this.#api.export(target);
  }

  /** Deletes a message, for all readers. Rejects with a `HalleyError`. */
  deleteMessage(id: number): Promise<void> {
    return this.#api.deleteMessage(id);
  }

  /** Edits a message, for all readers. Rejects with a `HalleyError`. */
  editMessage(id: number, text: string): Promise<void> {
    return this.#api.editMessage(id, text);
  }

  /** The present text of a message; empty if it has none, or if the key may not read it. */
  textOf(message: MessageTrace["message"]): Promise<string> {
    return this.#api.textOf(message).catch(() => "");
  }

  /** Loads the trace of a message if `target` is a message id, otherwise of the session with that public token. */
  async loadTrace(target: string): Promise<void> {
    [this.trace.value, this.traceError.value] = [undefined, undefined];
    try {
      this.trace.value = /^\d{1,15}$/.test(target)
        ? { kind: "message", trace: await this.#api.traceMessage(target) }
        : { kind: "session", trace: await this.#api.traceSession(target) };
    } catch (error) {
      this.traceError.value = error;
    }
  }

  [Symbol.dispose](): void {
    this.#isDisposed = true;
    clearTimeout(this.#timer);
  }

  async #refresh(): Promise<void> {
    try {
      if (!document.hidden) {
        this.#addOverview(await this.#api.overview());
        await this.#refreshErasures();
        if (++this.#round % LIST_INTERVALS === 0) await this.#refreshLists();
      }
      this.isServerAway.value = false;
    } catch (error) {
      this.#handleError(error);
    }
    this.#now.value = Date.now();
    if (!this.#isDisposed) this.#timer = setTimeout(() => this.#refresh(), INTERVAL);
  }

  #addOverview(overview: AdminOverview): void {
    this.nodes.value = addOverview(this.nodes.value, overview, Date.now());
    if (!this.nodes.value.has(this.selectedNode.value)) this.selectedNode.value = overview.node;
  }

  async #refreshLists(): Promise<void> {
    [this.rooms.value] = await Promise.all([
      this.#api.rooms(),
      this.#refreshSessions(),
      this.bans.refresh(),
      this.audit.refresh(),
    ]);
  }

  async #refreshErasures(): Promise<void> {
    const running = this.erasures.value.filter(({ state }) => state === "running");
    const found = await Promise.all(running.map(({ id }) => this.#api.erasure(id)));
    if (found.length === 0) return;
    this.erasures.value = this.erasures.value.map((one) =>
      found.find(({ id }) => id === one.id) ?? one
    );
  }

  async #refreshSessions(): Promise<void> {
    const [search, sort] = [this.search.value, this.sort.value];
    // By public token: a session that appears during the requests can move another one to the next page.
    const found = new Map<string, LiveSession>();
    let next: string | undefined = "";
    for (let page = 0; page < this.#pages && next !== undefined; page++) {
      const reply: LiveSessionsReply = await this.#api.sessions({ search, sort, after: next });
      for (const session of reply.sessions) found.set(session.publicToken, session);
      next = reply.next;
    }
    // The query may have changed during the requests.
    if (search !== this.search.value || sort !== this.sort.value) return;
    this.sessions.value = [...found.values()];
    this.hasMore.value = next !== undefined;
  }

  #handleError(error: unknown): void {
    // A 401 of a proxy says nothing about the key.
    const status = isFinal(error) ? error.status : undefined;
    if (status === 401 || status === 403) this.#onKeyEnded();
    else this.isServerAway.value = true;
  }
}
