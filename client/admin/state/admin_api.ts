import { readError } from "../../comet/halley_error.ts";
import type {
  AdminOverview,
  AdminRoomsReply,
  LiveSessionsReply,
  MessageTrace,
  SessionTrace,
} from "../../../server/protocol/admin_replies.ts";

/** What is asked for is waited for so long (ms). */
const PATIENCE = 10_000;

/** A notice, and to whom it goes. */
export interface NoticeDraft {
  readonly to: string;
  readonly title: string;
  readonly text: string;
}

/** The requests of the admin page, which bear its key. Each throws a `HalleyError` when it is turned down. */
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

  sessions(query: { search: string; after: string }): Promise<LiveSessionsReply> {
    return this.#get(`api/admin/sessions?${new URLSearchParams(query)}`);
  }

  rooms(): Promise<AdminRoomsReply> {
    return this.#get("api/admin/rooms");
  }

  traceOfMessage(id: string): Promise<MessageTrace> {
    return this.#get(`api/trace?${new URLSearchParams({ message: id })}`);
  }

  traceOfSession(session: string): Promise<SessionTrace> {
    return this.#get(`api/trace?${new URLSearchParams({ session })}`);
  }

  /** Publishes a notice, and gives the id of its message. */
  async publish({ to, title, text }: NoticeDraft): Promise<number> {
    const body = { to, text, ...(title !== "" && { title }) };
    const response = await this.#fetch("POST", "api/publish", JSON.stringify(body));
    const { messages: [message] } = await response.json();
    return message.id;
  }

  /** Ends every tab of a session, on every node. */
  async kick(publicToken: string): Promise<void> {
    await this.#fetch("DELETE", `api/sessions/${encodeURIComponent(publicToken)}`);
  }

  async #get<T>(path: string): Promise<T> {
    return await (await this.#fetch("GET", path)).json();
  }

  async #fetch(method: string, path: string, body?: string): Promise<Response> {
    const response = await fetch(new URL(path, this.#base), {
      method,
      headers: {
        authorization: `Bearer ${this.#key}`,
        ...(body !== undefined && { "content-type": "application/json" }),
      },
      ...(body !== undefined && { body }),
      cache: "no-store",
      credentials: "omit",
      signal: AbortSignal.timeout(PATIENCE),
    });
    if (!response.ok) throw await readError(response);
    return response;
  }
}
