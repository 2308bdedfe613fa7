import type {
  AdminOverview,
  AdminRoomsReply,
  Erasure,
  LiveSessionsReply,
  MessageTrace,
  SessionTrace,
} from "../../../server/protocol/admin_replies.ts";
import type {
  AuditEntry,
  AuditReply,
  Ban,
  BansReply,
} from "../../../server/protocol/moderation_replies.ts";
import type { HistoryReply } from "../../../server/protocol/replies.ts";
import type { BanRequest, LiveSort } from "../../../server/protocol/requests.ts";
import { TOKEN_HEADER } from "../../../server/protocol/token_header.ts";
import { clockOffsetOf } from "../../comet/clock_offset.ts";
import { readError } from "../../comet/halley_error.ts";
import type { Page } from "./paged_list.ts";
import { clockOffset } from "../../ui/state/clock_offset.ts";

/** Timeout of each request in ms. */
const TIMEOUT = 10_000;

/** Timeout of a download in ms. */
const EXPORT_TIMEOUT = 3_600_000;

/** Maximum length of the last line of an export. */
const LAST_LINE = 100;

/** Whose data are exported. */
export interface DataTarget {
  readonly kind: "session" | "user" | "room";
  readonly name: string;
}

/** Who is erased. */
export interface PersonTarget extends DataTarget {
  readonly kind: "session" | "user";
}

/** A notice as the form has it: an empty title is not sent. */
export interface NoticeDraft {
  readonly to: string;
  readonly title: string;
  readonly text: string;
}

/** The requests of the admin page, with its API key. Each rejects with a `HalleyError` if the server refuses it. */
export class AdminApi {
  readonly #base: URL;
  readonly #key: string;

  constructor(base: URL, key: string) {
    this.#base = base;
    this.#key = key;
  }

  overview(): Promise<AdminOverview> {
    return this.#get("api/admin/overview");
  }

  sessions(
    query: { search: string; sort: LiveSort; after: string; limit?: string },
  ): Promise<LiveSessionsReply> {
    return this.#get(`api/admin/sessions?${new URLSearchParams(query)}`);
  }

  rooms(): Promise<AdminRoomsReply> {
    return this.#get("api/admin/rooms");
  }

  async bans(after: string): Promise<Page<Ban>> {
    const path = `api/admin/bans?${new URLSearchParams({ after })}`;
    const { bans, next } = await this.#get<BansReply>(path);
    return { items: bans, next };
  }

  async audit(before: string): Promise<Page<AuditEntry>> {
    const query = new URLSearchParams(before === "" ? {} : { before });
    const { entries, more } = await this.#get<AuditReply>(`api/admin/audit?${query}`);
    return { items: entries, next: more ? String(entries.at(-1)?.id) : undefined };
  }

  async ban(ban: BanRequest): Promise<void> {
    await this.#fetch("POST", "api/admin/bans", { body: JSON.stringify(ban) });
  }

  async lift({ kind, id }: Ban): Promise<void> {
    await this.#fetch("DELETE", `api/admin/bans?${new URLSearchParams({ [kind]: id })}`);
  }

  traceMessage(id: string): Promise<MessageTrace> {
    return this.#get(`api/trace?${new URLSearchParams({ message: id })}`);
  }

  traceSession(session: string): Promise<SessionTrace> {
    return this.#get(`api/trace?${new URLSearchParams({ session })}`);
  }

  /** Publishes a notice and returns its message id. */
  async publish({ to, title, text }: NoticeDraft): Promise<number> {
    const body = { to, text, ...(title !== "" && { title }) };
    const response = await this.#fetch("POST", "api/publish", { body: JSON.stringify(body) });
    const { messages: [message] } = await response.json();
    return message.id;
  }

  /** Ends a session in all its tabs, on every node. */
  async kick(publicToken: string): Promise<void> {
    await this.#fetch("DELETE", `api/sessions/${encodeURIComponent(publicToken)}`);
  }

  /** Begins to erase a person. */
  async erase({ kind, name }: PersonTarget): Promise<Erasure> {
    const id = encodeURIComponent(name);
    const path = kind === "user" ? `api/users/${id}` : `api/sessions/${id}?erase=true`;
    return await (await this.#fetch("DELETE", path)).json();
  }

  erasure(id: string): Promise<Erasure> {
    return this.#get(`api/erasures/${encodeURIComponent(id)}`);
  }

  /** Everything that is stored of a person or a room, as lines of JSON; `undefined` if the download was cut off. */
  async export({ kind, name }: DataTarget): Promise<Blob | undefined> {
    const path = `api/export?${new URLSearchParams({ [kind]: name })}`;
    const blob = await (await this.#fetch("GET", path, { timeout: EXPORT_TIMEOUT })).blob();
    return (await blob.slice(-LAST_LINE).text()).includes('{"end":true,') ? blob : undefined;
  }

  /** The present text of a message, which may be empty. */
  async textOf({ id, channel }: MessageTrace["message"]): Promise<string> {
    const query = new URLSearchParams({ before: String(id + 1), limit: "1" });
    const path = `api/channels/${encodeURIComponent(channel)}/messages?${query}`;
    const { messages: [message] } = await this.#get<HistoryReply>(path);
    return message?.id === id ? message.text ?? "" : "";
  }

  async editMessage(id: number, text: string): Promise<void> {
    await this.#fetch("PATCH", `api/messages/${id}`, { body: JSON.stringify({ text }) });
  }

  async deleteMessage(id: number): Promise<void> {
    await this.#fetch("DELETE", `api/messages/${id}`);
  }

  async #get<T>(path: string): Promise<T> {
    return await (await this.#fetch("GET", path)).json();
  }

  async #fetch(
    method: string,
    path: string,
    { body, timeout = TIMEOUT }: { body?: string; timeout?: number } = {},
  ): Promise<Response> {
    const response = await fetch(new URL(path, this.#base), {
      method,
      headers: {
        [TOKEN_HEADER]: this.#key,
        ...(body !== undefined && { "content-type": "application/json" }),
      },
      ...(body !== undefined && { body }),
      cache: "no-store",
      credentials: "same-origin",
      signal: AbortSignal.timeout(timeout),
    });
    if (!response.ok) throw await readError(response);
    clockOffset.value = clockOffsetOf(response) ?? clockOffset.peek();
    return response;
  }
}
