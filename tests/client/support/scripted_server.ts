import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { PollReply } from "../../../server/protocol/replies.ts";
import type { PollRequest } from "../../../server/protocol/requests.ts";

/** One request that has come, and waits for its answer. */
export interface Asked {
  readonly method: string;
  /** Path and query. */
  readonly path: string;
  readonly authorization: string | null;
  readonly body: PollRequest & Readonly<Record<string, unknown>>;
  /** Resolves when the client has given it up. */
  readonly aborted: Promise<void>;
  /** Answers with JSON and status 200, or as `init` says. */
  answer(body: unknown, init?: AnswerInit): void;
  /** Cuts the connection instead of answering. */
  cut(): void;
}

/** What an answer is besides its body. */
export interface AnswerInit {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A server that a test answers for, request by request. */
export interface ScriptedServer extends AsyncDisposable {
  readonly url: string;
  /** The next request, in the order in which they came. */
  next(): Promise<Asked>;
  /** How many requests have come and were not asked for. */
  readonly waiting: number;
}

/** Starts one. On node:http, which can cut a connection in the middle of an answer without a word. */
export async function openServer(): Promise<ScriptedServer> {
  const asked: Asked[] = [];
  const waiters: ((asked: Asked) => void)[] = [];
  const server = createServer(async (request, response) => {
    const one = await receive(request, response);
    const waiter = waiters.shift();
    if (waiter) waiter(one);
    else asked.push(one);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const port = typeof address === "object" ? address?.port : undefined;
  return {
    url: `http://127.0.0.1:${port}`,
    next() {
      const one = asked.shift();
      return one ? Promise.resolve(one) : new Promise((resolve) => waiters.push(resolve));
    },
    get waiting() {
      return asked.length;
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function receive(request: IncomingMessage, response: ServerResponse): Promise<Asked> {
  const aborted = new Promise<void>((resolve) => response.on("close", resolve));
  const text = await new Response(ReadableStream.from(request)).text();
  return {
    method: request.method ?? "",
    path: request.url ?? "",
    authorization: request.headers.authorization ?? null,
    body: text === "" ? {} : JSON.parse(text),
    aborted,
    answer(body, { status = 200, headers = {} } = {}) {
      const isText = typeof body === "string";
      const type = { "content-type": isText ? "text/html" : "application/json" };
      response.writeHead(status, { ...type, ...headers });
      response.end(isText ? body : JSON.stringify(body));
    },
    cut() {
      response.writeHead(200, { "content-type": "application/json", "content-length": "100" });
      response.write("{", () => response.destroy());
    },
  };
}

/** A reply to a poll with nothing in it but what `reply` says. */
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

/** A problem with that status and code. */
export function problem(status: number, code: string, headers: Record<string, string> = {}) {
  const body = { type: "about:blank", title: code, status, detail: `Because of ${code}`, code };
  return [body, {
    status,
    headers: { "content-type": "application/problem+json", ...headers },
  }] as const;
}
