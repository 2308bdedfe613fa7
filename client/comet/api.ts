import { type Guard, isPerson, isSessionReply, isSignedIn } from "../../server/protocol/guards.ts";
import { clockOffsetOf } from "./clock_offset.ts";
import { abortable, LinkedAbortController, TimeoutError } from "./abort.ts";
import {
  isTokenRejected,
  lacksToken,
  parseJson,
  readError,
  unexpectedAnswer,
} from "./halley_error.ts";
import type { CometClientOptions } from "./client_options.ts";
import type { HeartbeatWatch } from "./heartbeat_watch.ts";
import type { OnPlatform, Platform, Timer } from "./platform.ts";
import { serverUrl } from "./server_url.ts";
import { type TokenOptions, TokenSource, type TokenSourceDeps } from "./token_source.ts";
import type { SignedIn } from "../../server/protocol/replies.ts";
import { TOKEN_HEADER } from "../../server/protocol/token_header.ts";
import type { Person } from "../../server/protocol/message.ts";
import type { SignInRequest, TransferRequest } from "../../server/protocol/requests.ts";

/** Maximum time in ms for a reply that the server does not hold. */
export const REPLY_TIMEOUT = 15_000;

/** A new token that was rejected earlier than this, in ms, was never valid; later, it has expired meanwhile. */
const MIN_TOKEN_LIFE = 1_000;

/** One request of the native API. */
export interface ApiRequest<T> {
  readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  /** Relative to the server's address, such as `api/poll`. */
  readonly path: string;
  readonly body?: object | undefined;
  /** Reads the body of the reply; by default, its JSON. */
  readonly read?: (response: Response) => Promise<unknown>;
  /** Checks what was read. */
  readonly isReply: Guard<T>;
  /** Maximum time for the reply in ms. */
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal | undefined;
  /** Watches for a reply that has become silent. */
  readonly heartbeats?: HeartbeatWatch;
  /**
   * Called before the request goes out, and again if it is repeated with another token. May throw to prevent it, and may
   * return another body than JSON, and whether the browser may cache the reply.
   */
  readonly onAttempt?: () => Pick<RequestInit, "body" | "cache"> | void;
}

/** A server, and the session that talks to it. */
export interface ApiOptions extends TokenOptions, Pick<TokenSourceDeps, "onOtherUser"> {
  /** The server's address, such as `https://chat.example/` or `https://example.com/chat/`. */
  readonly url: string | URL;
  readonly fetch?: CometClientOptions["fetch"];
}

/**
 * Sends requests of the native API (docs/API.md). One request gives one reply or one error; nothing is repeated, except
 * with a new token if the server has rejected the old one.
 */
export class Api {
  /** How far (ms) the server's clock is ahead of this device's, as of the last reply; accurate to a minute. */
  clockOffset = 0;
  readonly #url: string;
  readonly #platform: Platform;
  readonly #fetch: Platform["fetch"];
  readonly #tokens: TokenSource;
  /** Whether `Authorization` has the token. Not in a page of the server's origin: a gateway may need that header. */
  #usesAuthorization: boolean;

  constructor(options: ApiOptions, platform: Platform = globalThis) {
    this.#url = serverUrl(options.url);
    this.#platform = platform;
    this.#fetch = options.fetch ?? ((url, init) => platform.fetch(url, init));
    this.#usesAuthorization = !this.#url.startsWith(`${platform.location?.origin}/`);
    this.#tokens = new TokenSource({ ...options, identify: (token) => this.#identify(token) });
  }

  /** Throws a `HalleyError` if the server rejects it, `TimeoutError` if it takes too long, `TypeError` if the network fails. */
  async request<T>(request: ApiRequest<T>): Promise<T> {
    const current = this.#tokens.get();
    let token = current instanceof Promise
      ? await this.#waitForToken(current, request.signal)
      : current;
    let isNew = false;
    while (true) {
      const sentAt = this.#platform.performance.now();
      try {
        return await this.#attempt(token, request);
      } catch (error) {
        if (token !== undefined && !this.#usesAuthorization && lacksToken(error)) {
          this.#usesAuthorization = true;
          continue;
        }
        const lifeMs = this.#platform.performance.now() - sentAt;
        if (!isTokenRejected(error) || isNew && lifeMs < MIN_TOKEN_LIFE) throw error;
        // If another request has got a new token already, that may have expired, too.
        isNew = token === this.#tokens.token;
        token = await this.#waitForToken(this.#tokens.renew(token), request.signal);
        if (token === undefined) throw error;
      }
    }
  }

  /** Waits for a token of the application. */
  async #waitForToken<T>(token: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
    const aborter = new LinkedAbortController(signal);
    aborter.abortAfter(REPLY_TIMEOUT, "token", this.#platform);
    try {
      return await abortable(token, aborter.signal);
    } finally {
      aborter[Symbol.dispose]();
    }
  }

  async #identify(token: string): Promise<string> {
    const path = "api/session";
    const request = { method: "GET", path, isReply: isSessionReply } as const;
    return (await this.#attempt(token, request)).publicToken;
  }

  #headerOf(token: string): Record<string, string> {
    return this.#usesAuthorization
      ? { authorization: `Bearer ${token}` }
      : { [TOKEN_HEADER]: token };
  }

  async #attempt<T>(
    token: string | undefined,
    request: ApiRequest<T>,
  ): Promise<T> {
    const { method, path, body, timeoutMs = REPLY_TIMEOUT, signal, onAttempt } = request;
    const aborter = new LinkedAbortController(signal);
    aborter.abortAfter(timeoutMs, "reply", this.#platform);
    const silence = request.heartbeats &&
      new SilenceTimer(request.heartbeats, aborter, this.#platform);
    try {
      const response = await this.#fetch(this.#url + path, {
        method,
        headers: {
          ...(token !== undefined && this.#headerOf(token)),
          ...(body && { "content-type": "application/json" }),
        },
        body: body ? JSON.stringify(body) : null,
        cache: "no-store",
        // The cookies are for a gateway in front of the server, which itself ignores them.
        credentials: "same-origin",
        // After a redirect to another origin the request would lose its token, and look anonymous.
        redirect: "manual",
        signal: aborter.signal,
        ...onAttempt?.(),
      });
      const clockOffset = clockOffsetOf(response, this.#platform);
      if (!response.ok) throw await readError(response, this.#platform);
      const reply = await readReply(response, request, silence);
      // Only now it is known that it was the server that answered.
      this.clockOffset = clockOffset ?? this.clockOffset;
      return reply;
    } finally {
      silence?.[Symbol.dispose]();
      aborter[Symbol.dispose]();
    }
  }
}

/** Where a request without a token goes. */
interface AnonymousOptions {
  readonly url: string | URL;
  readonly signal?: AbortSignal;
}

/** Starts a session. Throws what requests throw. */
export async function signIn(
  { displayName, ...options }: AnonymousOptions & { readonly displayName: string },
): Promise<SignedIn> {
  const body: SignInRequest = { displayName };
  return await post("api/sessions", { ...options, body, isReply: isSignedIn });
}

/** Whose session the code of `createTransfer` belongs to. Throws what requests throw. */
export async function findTransfer(
  { code, ...options }: AnonymousOptions & { readonly code: string },
): Promise<Person> {
  const body: TransferRequest = { code };
  return await post("api/transfers/preview", { ...options, body, isReply: isPerson });
}

/** Takes over a session with the code of `createTransfer`, which is used up. Throws what requests throw. */
export async function useTransfer(
  { code, ...options }: AnonymousOptions & { readonly code: string },
): Promise<SignedIn> {
  const body: TransferRequest = { code };
  return await post("api/transfers", { ...options, body, isReply: isSignedIn });
}

async function post<T>(
  path: string,
  options: AnonymousOptions & Pick<ApiRequest<T>, "isReply"> & { readonly body: object },
): Promise<T> {
  const { url, platform = globalThis, ...request }: typeof options & OnPlatform = options;
  return await new Api({ url }, platform).request({ method: "POST", path, ...request });
}

/** The statuses of replies without content. A gate can answer 200 without any, in place of the server. */
const EMPTY_STATUSES: readonly number[] = [202, 204];

async function readReply<T>(
  response: Response,
  { read, isReply }: Pick<ApiRequest<T>, "read" | "isReply">,
  silence: SilenceTimer | undefined,
): Promise<T> {
  const reply = await (read ? read(response) : readJson(response, silence));
  if (isReply(reply)) return reply;
  throw unexpectedAnswer(response);
}

async function readJson(response: Response, silence: SilenceTimer | undefined): Promise<unknown> {
  const text = silence ? await readWatched(response, silence) : await response.text();
  const isEmpty = text === "" && EMPTY_STATUSES.includes(response.status);
  return isEmpty ? undefined : parseJson(text) ?? null;
}

/** Reads the body as it arrives. */
async function readWatched({ body }: Response, silence: SilenceTimer): Promise<string> {
  if (!body) return "";
  const reader = body.getReader();
  const decoder = new TextDecoder();
  let text = "";
  while (true) {
    const { done, value } = await reader.read();
    if (done) return text + decoder.decode();
    text += decoder.decode(value, { stream: true });
    silence.onChunk(text);
  }
}

/** Aborts a request when its reply was silent for too long. */
class SilenceTimer implements Disposable {
  readonly #watch: HeartbeatWatch;
  readonly #aborter: LinkedAbortController;
  readonly #platform: Platform;
  #timer: Timer | undefined;
  #isDisposed = false;

  constructor(watch: HeartbeatWatch, aborter: LinkedAbortController, platform: Platform) {
    this.#watch = watch;
    this.#aborter = aborter;
    this.#platform = platform;
    this.#restart();
  }

  /** To be called with what has arrived up to now. */
  async onChunk(text: string): Promise<void> {
    if (text.trim() === "") await this.#watch.onHeartbeat();
    if (!this.#isDisposed) this.#restart();
  }

  [Symbol.dispose](): void {
    this.#isDisposed = true;
    this.#platform.clearTimeout(this.#timer);
  }

  #restart(): void {
    this.#platform.clearTimeout(this.#timer);
    const { maxSilence } = this.#watch;
    if (maxSilence === undefined) return;
    this.#timer = this.#platform.setTimeout(() => {
      this.#watch.onSilence();
      this.#aborter.abort(new TimeoutError(`No reply for ${maxSilence} ms`));
    }, maxSilence);
  }
}

/** The query of a request: what is undefined is left out, the items of a list are separated by commas. */
export function queryOf(members: Readonly<Record<string, unknown>>): URLSearchParams {
  const given = Object.entries(members).filter(([, value]) => value !== undefined);
  return new URLSearchParams(given.map(([name, value]) => [name, String(value)]));
}
