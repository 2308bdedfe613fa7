import { problemBody } from "../../support/problem_body.ts";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { PollReply } from "../../../server/protocol/replies.ts";
import type { PollRequest } from "../../../server/protocol/requests.ts";

/** A request that waits for its reply. */
export interface ReceivedRequest {
  readonly method: string;
  /** Path and query. */
  readonly path: string;
  readonly authorization: string | null;
  /** The header `X-Halley-Token`. */
  readonly token: string | null;
  readonly body: PollRequest & Readonly<Record<string, unknown>>;
  /** Resolves when the client has aborted it, or the reply is sent. */
  readonly aborted: Promise<void>;
  /** Replies with JSON and status 200, or without content and 204, unless `init` says otherwise. */
  answer(body: unknown, init?: ReplyInit): void;
  /** Sends a heartbeat before the reply. */
  beat(): void;
  /** Closes the connection in the middle of the reply. */
  cut(): void;
}

/** Status and headers of a reply. */
export interface ReplyInit {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A server whose replies the test writes, request by request. */
export interface ScriptedServer extends AsyncDisposable {
  readonly url: string;
  /** The next request, in the order of arrival. */
  next(): Promise<ReceivedRequest>;
  /** Number of requests that have arrived and that `next` has not returned. */
  readonly waiting: number;
  /** Sends requests as the global `fetch` does. They end before the server is disposed: an abort takes a moment. */
  readonly fetch: (url: string, init: RequestInit) => Promise<Response>;
}

/** Starts a scripted server. It uses node:http, which can close a connection in the middle of a reply. */
export async function openServer(): Promise<ScriptedServer> {
  const received: ReceivedRequest[] = [];
  const waiters: ((request: ReceivedRequest) => void)[] = [];
  const sent = new Set<Promise<unknown>>();
  const server = createServer(async (request, response) => {
    const next = await receive(request, response);
    const waiter = waiters.shift();
    if (waiter) waiter(next);
    else received.push(next);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const port = typeof address === "object" ? address?.port : undefined;
  return {
    url: `http://127.0.0.1:${port}`,
    next() {
      const request = received.shift();
      return request ? Promise.resolve(request) : new Promise((resolve) => waiters.push(resolve));
    },
    get waiting() {
      return received.length;
    },
    fetch(url, init) {
      const response = fetch(url, init);
      const ended = response.catch(() => {}).finally(() => sent.delete(ended));
      sent.add(ended);
      return response;
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      while (sent.size > 0) await Promise.all(sent);
    },
  };
}

async function receive(
  request: IncomingMessage,
  response: ServerResponse,
): Promise<ReceivedRequest> {
  const aborted = new Promise<void>((resolve) => response.on("close", resolve));
  const text = await new Response(ReadableStream.from(request)).text();
  return {
    method: request.method ?? "",
    path: request.url ?? "",
    authorization: request.headers.authorization ?? null,
    token: request.headers["x-halley-token"]?.toString() ?? null,
    body: text === "" ? {} : JSON.parse(text),
    aborted,
    answer(body, { status = body === "" ? 204 : 200, headers = {} } = {}) {
      const isText = typeof body === "string";
      const type = { "content-type": isText ? "text/html" : "application/json" };
      response.writeHead(status, { ...type, ...headers });
      response.end(isText ? body : JSON.stringify(body));
    },
    beat() {
      if (!response.headersSent) response.writeHead(200, { "content-type": "application/json" });
      response.write("\n");
    },
    cut() {
      response.writeHead(200, { "content-type": "application/json", "content-length": "100" });
      response.write("{", () => response.destroy());
    },
  };
}

/** The reply to a poll: empty, except for what `reply` contains. */
export function reply(reply: Partial<PollReply> = {}): PollReply {
  return {
    outcome: reply.messages || reply.signals ? "message" : "timedout",
    cursor: "c1",
    messages: [],
    signals: [],
    gap: false,
    retryAfter: 0,
    ...reply,
  };
}

/** The reply to a rejected request. */
export function problem(status: number, code: string, headers: Record<string, string> = {}) {
  return [problemBody(status, code), {
    status,
    headers: { "content-type": "application/problem+json", ...headers },
  }] as const;
}
