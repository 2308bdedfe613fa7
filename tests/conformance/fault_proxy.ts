import { createServer, type IncomingMessage, type ServerResponse } from "node:http";

/** An answer to a request. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** `token`: a request for a token of the application, which the proxy plays. */
export type RequestKind = "sign-in" | "session" | "token" | "poll" | "send" | "history" | "other";

/** A request of the client on its way to the server. */
export interface Passing {
  readonly kind: RequestKind;
  readonly method: string;
  /** With its query. */
  readonly path: string;
  readonly headers: IncomingMessage["headers"];
  readonly text: string;
  /** The parsed body; `{}` if there is none. */
  readonly body: Readonly<Record<string, unknown>>;
  /** When it arrived, by `performance.now()`. */
  readonly at: number;
  /** Sends the request to the server, with these changes, and returns the answer. */
  forward(changes?: { readonly target?: string; readonly token?: string }): Promise<Answer>;
  /** Answers the client. */
  answer(answer: Answer): void;
  /** Sends a part of an answer; the rest follows. */
  write(part: string): void;
  /** Closes the connection without an answer. */
  drop(): void;
  /** Closes the connection in the middle of an answer. */
  cut(answer: Answer): void;
}

/** What to do with a request instead of passing it on. */
export type Handler = (passing: Passing) => Promise<void> | void;

/** A proxy between the client and the server. It passes on what no handler takes, and records every request. */
export class FaultProxy implements AsyncDisposable {
  /** All requests, in the order of their arrival. */
  readonly requests: Passing[] = [];
  readonly url: string;
  readonly #target: string;
  readonly #server: ReturnType<typeof createServer>;
  readonly #once = new Map<RequestKind, Handler[]>();
  readonly #always = new Map<RequestKind, Handler>();
  readonly #violations: string[] = [];
  readonly #polls: { readonly start: number; end: number }[] = [];
  #lastPoll = { text: "", turn: 0 };

  private constructor(target: string, server: ReturnType<typeof createServer>, url: string) {
    this.#target = target;
    this.#server = server;
    this.url = url;
    server.on("request", (request, response) => this.#serve(request, response));
  }

  static async open(target: string): Promise<FaultProxy> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const address = server.address();
    const port = typeof address === "object" ? address?.port : undefined;
    return new FaultProxy(target, server, `http://127.0.0.1:${port}`);
  }

  /** Handles the next requests of a kind, one each. */
  next(kind: RequestKind, ...handlers: Handler[]): void {
    this.#once.set(kind, [...this.#once.get(kind) ?? [], ...handlers]);
  }

  /** Handles all requests of a kind from now on; passes them on again without a handler. */
  always(kind: RequestKind, handler?: Handler): void {
    if (handler === undefined) this.#always.delete(kind);
    else this.#always.set(kind, handler);
  }

  /** What the client did that is never right, whatever the check is about. */
  get violations(): readonly string[] {
    // A client that gives up a poll closes its connection, which is noticed a moment later.
    const overlap = this.#polls.some(({ start }, n) =>
      (this.#polls[n - 1]?.end ?? 0) > start + 250
    );
    return overlap ? [...this.#violations, "two polls at once"] : this.#violations;
  }

  of(kind: RequestKind): readonly Passing[] {
    return this.requests.filter((request) => request.kind === kind);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      const text = await new Response(ReadableStream.from(request)).text();
      const passing = createPassing(request, response, { text, target: this.#target });
      this.requests.push(passing);
      this.#inspect(passing, response);
      const { kind } = passing;
      const handler = this.#once.get(kind)?.shift() ?? this.#always.get(kind) ?? passOn;
      await handler(passing);
    } catch {
      // The client, or the server, has closed the connection.
      response.destroy();
    }
  }

  #inspect(
    { kind, method, path, headers, text, body, at }: Passing,
    response: ServerResponse,
  ): void {
    const token = headers.authorization?.replace("Bearer ", "") ?? headers["x-halley-token"];
    if (kind !== "sign-in" && kind !== "token" && !token) {
      this.#violations.push(`${method} ${path} without a token`);
    }
    if (token && path.includes(String(token))) this.#violations.push("the token is in a URL");
    if (method === "POST" && !headers["content-type"]?.startsWith("application/json")) {
      this.#violations.push(`${method} ${path} without the content type application/json`);
    }
    if (kind !== "poll") return;
    const { tab, turn } = body;
    if (typeof tab !== "string") this.#violations.push("a poll without a tab");
    // Libraries for HTTP send a request again by themselves when a kept connection closes: it has the same body.
    if (text !== this.#lastPoll.text) {
      const isHigher = typeof turn === "number" && turn > this.#lastPoll.turn;
      if (!isHigher) {
        this.#violations.push(`a poll with the turn ${turn} after ${this.#lastPoll.turn}`);
      }
      this.#lastPoll = { text, turn: Number(turn) };
    }
    const poll = { start: at, end: Infinity };
    this.#polls.push(poll);
    response.on("close", () => poll.end = performance.now());
  }
}

/** Passes a request and its answer on. */
export const passOn: Handler = async (passing) => passing.answer(await passing.forward());

function createPassing(
  request: IncomingMessage,
  response: ServerResponse,
  { text, target }: { readonly text: string; readonly target: string },
): Passing {
  const { method = "", url: path = "", headers } = request;
  const abort = new AbortController();
  response.on("close", () => abort.abort());
  const writeHead = ({ status, headers }: Answer, more: Record<string, string> = {}) =>
    response.writeHead(status, { ...headers, ...more });
  return {
    ...{ kind: kindOf(method, path), method, path, headers, text, at: performance.now() },
    body: text === "" ? {} : JSON.parse(text),
    async forward(changes = {}) {
      const authorization = changes.token === undefined
        ? headers.authorization
        : `Bearer ${changes.token}`;
      const answer = await fetch((changes.target ?? target) + path, {
        method,
        headers: {
          ...(headers["content-type"] !== undefined && { "content-type": headers["content-type"] }),
          ...(authorization !== undefined && { authorization }),
        },
        signal: abort.signal,
        redirect: "manual",
        ...(text !== "" && { body: text }),
      });
      const type = answer.headers.get("content-type");
      const retryAfter = answer.headers.get("retry-after");
      return {
        status: answer.status,
        headers: {
          ...(type !== null && { "content-type": type }),
          ...(retryAfter !== null && { "retry-after": retryAfter }),
        },
        body: await answer.text(),
      };
    },
    answer(answer) {
      if (!response.headersSent) writeHead(answer);
      response.end(answer.body);
    },
    write(part) {
      if (!response.headersSent) {
        response.writeHead(200, { "content-type": "application/json" });
      }
      response.write(part);
    },
    drop() {
      response.destroy();
    },
    cut(answer) {
      const bytes = new TextEncoder().encode(answer.body);
      writeHead(answer, { "content-length": String(bytes.length) });
      response.write(bytes.subarray(0, bytes.length / 2), () => response.destroy());
    },
  };
}

function kindOf(method: string, path: string): RequestKind {
  const route = `${method} ${path.replace(/\?.*/, "")}`;
  if (route === "POST /api/sessions") return "sign-in";
  if (route === "GET /api/session") return "session";
  if (route === "GET /token") return "token";
  if (route === "POST /api/poll") return "poll";
  if (/^GET \/api\/channels\/[^/]+\/messages$/.test(route)) return "history";
  return route === "POST /api/messages" ? "send" : "other";
}
