import { type Guard, isSignedIn } from "../../server/protocol/guards.ts";
import { abortable, LinkedAbortController } from "./abort.ts";
import { HalleyError, parseJson, readError, unexpectedAnswer } from "./halley_error.ts";
import { type TokenOptions, TokenSource } from "./token_source.ts";
import type { SignedIn } from "../../server/protocol/replies.ts";
import type { SignInRequest } from "../../server/protocol/requests.ts";

/** Maximum time in ms for a reply that the server does not hold. */
export const REPLY_TIMEOUT = 15_000;

/** One request of the native API. */
export interface ApiRequest<T> {
  readonly method: "GET" | "POST" | "PUT" | "DELETE";
  /** Relative to the server's address, such as `api/poll`. */
  readonly path: string;
  readonly body?: object;
  /** Checks the body of the reply. */
  readonly isReply: Guard<T>;
  /** Maximum time for the reply in ms. */
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal | undefined;
  /** Called before the request goes out, and again if it is repeated with another token. May throw to prevent it. */
  readonly onAttempt?: () => void;
}

/** A server, and the session that talks to it. */
export interface ApiOptions extends TokenOptions {
  /** The server's address, such as `https://chat.example/` or `https://example.com/chat/`. */
  readonly url: string | URL;
}

/**
 * Sends requests of the native API (docs/API.md). One request gives one reply or one error; nothing is repeated, except
 * once with a new token if the server has rejected the old one.
 */
export class Api {
  readonly #url: string;
  readonly #tokens: TokenSource;

  constructor(options: ApiOptions) {
    this.#url = String(options.url).replace(/\/*$/, "/");
    this.#tokens = new TokenSource(options);
  }

  /** Throws a `HalleyError` if the server rejects it, `TimeoutError` if it takes too long, `TypeError` if the network fails. */
  async request<T>(request: ApiRequest<T>): Promise<T> {
    const current = this.#tokens.get();
    const token = current instanceof Promise
      ? await waitForToken(current, request.signal)
      : current;
    try {
      return await this.#attempt(token, request);
    } catch (error) {
      const isRejected = error instanceof HalleyError && error.status === 401;
      if (!isRejected || error.code === "kicked") throw error;
      const renewed = await waitForToken(this.#tokens.renew(token), request.signal);
      if (renewed === undefined) throw error;
      return await this.#attempt(renewed, request);
    }
  }

  async #attempt<T>(
    token: string | undefined,
    { method, path, body, isReply, timeoutMs = REPLY_TIMEOUT, signal, onAttempt }: ApiRequest<T>,
  ): Promise<T> {
    const aborter = new LinkedAbortController(signal);
    aborter.abortAfter(timeoutMs, `The server did not reply within ${timeoutMs} ms`);
    try {
      onAttempt?.();
      const response = await fetch(this.#url + path, {
        method,
        headers: {
          ...(token !== undefined && { authorization: `Bearer ${token}` }),
          ...(body && { "content-type": "application/json" }),
        },
        body: body ? JSON.stringify(body) : null,
        cache: "no-store",
        credentials: "omit",
        // After a redirect to another origin the request would lose its token, and look anonymous.
        redirect: "manual",
        signal: aborter.signal,
      });
      if (!response.ok) throw await readError(response);
      return await readReply(response, isReply);
    } finally {
      aborter[Symbol.dispose]();
    }
  }
}

/** Waits for a token of the application. */
async function waitForToken<T>(token: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  const aborter = new LinkedAbortController(signal);
  aborter.abortAfter(REPLY_TIMEOUT, `getToken did not resolve within ${REPLY_TIMEOUT} ms`);
  try {
    return await abortable(token, aborter.signal);
  } finally {
    aborter[Symbol.dispose]();
  }
}

/** Starts a session. Throws what requests throw. */
export function signIn(
  { url, displayName, signal }: {
    readonly url: string | URL;
    readonly displayName: string;
    readonly signal?: AbortSignal;
  },
): Promise<SignedIn> {
  const body: SignInRequest = { displayName };
  const path = "api/sessions";
  return new Api({ url }).request({ method: "POST", path, body, isReply: isSignedIn, signal });
}

async function readReply<T>(response: Response, isReply: Guard<T>): Promise<T> {
  const text = await response.text();
  const reply = text === "" ? undefined : parseJson(text) ?? null;
  if (isReply(reply)) return reply;
  throw unexpectedAnswer(response);
}
