import type {
  AdminOverview,
  AdminRoomsReply,
  LiveSessionsReply,
  MessageTrace,
  SessionTrace,
} from "../../../server/protocol/admin_replies.ts";
import { TOKEN_HEADER } from "../../../server/protocol/token_header.ts";
import { clockOffsetOf } from "../../comet/clock_offset.ts";
import { readError } from "../../comet/halley_error.ts";
import { clockOffset } from "../../ui/state/clock_offset.ts";

/** Timeout of each request in ms. */
const TIMEOUT = 10_000;

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

  sessions(query: { search: string; after: string }): Promise<LiveSessionsReply> {
    return this.#get(`api/admin/sessions?${new URLSearchParams(query)}`);
  }

  rooms(): Promise<AdminRoomsReply> {
    return this.#get("api/admin/rooms");
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
    const response = await this.#fetch("POST", "api/publish", JSON.stringify(body));
    const { messages: [message] } = await response.json();
    return message.id;
  }

  /** Ends a session in all its tabs, on every node. */
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
        [TOKEN_HEADER]: this.#key,
        ...(body !== undefined && { "content-type": "application/json" }),
      },
      ...(body !== undefined && { body }),
      cache: "no-store",
      credentials: "same-origin",
      signal: AbortSignal.timeout(TIMEOUT),
    });
    if (!response.ok) throw await readError(response);
    clockOffset.value = clockOffsetOf(response) ?? clockOffset.peek();
    return response;
  }
}
