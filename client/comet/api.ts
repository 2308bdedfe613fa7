import { type Guard, isSignedIn } from "../../server/protocol/guards.ts";
import { listen } from "./dispose.ts";
import { HalleyError, readError } from "./halley_error.ts";
import { LinkedAborter } from "./linked_aborter.ts";
import { type TokenOptions, TokenSource } from "./token_source.ts";
import type { SignedIn } from "../../server/protocol/replies.ts";
import type { SignInRequest } from "../../server/protocol/requests.ts";

/** How long an answer may take that is not held on purpose. */
const ANSWER_WITHIN = 15_000;

/** One request of the native API. */
export interface ApiRequest<T> {
  readonly method: "GET" | "POST" | "PUT" | "DELETE";
  /** Below the server's address, such as `api/poll`. */
  readonly path: string;
  readonly body?: object;
  /** What the answer must be. */
  readonly isAnswer: Guard<T>;
  /** PendingAck up after that many milliseconds. */
  readonly within?: number;
  readonly signal?: AbortSignal | undefined;
}

/** Who answers, and who asks. */
export interface ApiOptions extends TokenOptions {
  /** The server's address, such as `https://chat.example/` or `https://example.com/chat/`. */
  readonly url: string | URL;
}

/** An answer did not come in time. */
export class TimeoutError extends Error {
  override readonly name = "TimeoutError";
}

/**
 * Speaks the native API (docs/API.md): one request, one answer or one error. Repeats nothing, but what was refused for a
 * token that counts no more, once, with another one.
 */
export class Api {
  readonly #url: string;
  readonly #tokens: TokenSource;

  constructor(options: ApiOptions) {
    this.#url = String(options.url).replace(/\/*$/, "/");
    this.#tokens = new TokenSource(options);
  }

  /** Throws `HalleyError` if the server turns it down, `TimeoutError` if it is late, `TypeError` if the network fails. */
  async ask<T>(request: ApiRequest<T>): Promise<T> {
    const given = this.#tokens.get();
    const token = given instanceof Promise ? await patiently(given, request.signal) : given;
    try {
      return await this.#askAs(token, request);
    } catch (error) {
      const isOld = error instanceof HalleyError && error.status === 401 && error.code !== "kicked";
      if (!isOld) throw error;
      const another = await patiently(this.#tokens.renew(token), request.signal);
      if (another === undefined) throw error;
      return await this.#askAs(another, request);
    }
  }

  async #askAs<T>(
    token: string | undefined,
    { method, path, body, isAnswer, within = ANSWER_WITHIN, signal }: ApiRequest<T>,
  ): Promise<T> {
    const aborter = new LinkedAborter(signal);
    const late = () => aborter.abort(new TimeoutError(`No answer within ${within} ms`));
    const timer = setTimeout(late, within);
    try {
      const response = await fetch(this.#url + path, {
        method,
        headers: {
          ...(token !== undefined && { authorization: `Bearer ${token}` }),
          ...(body && { "content-type": "application/json" }),
        },
        body: body ? JSON.stringify(body) : null,
        cache: "no-store",
        credentials: "omit",
        // Followed to another origin, a request would lose its token, and look like one of nobody.
        redirect: "error",
        signal: aborter.signal,
      });
      if (!response.ok) throw await readError(response);
      return await readAnswer(response, isAnswer);
    } finally {
      clearTimeout(timer);
      aborter[Symbol.dispose]();
    }
  }
}

/** What a page gives, which may take as long as an answer, and no longer than until `signal` aborts. */
async function patiently<T>(pending: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  const aborter = new LinkedAborter(signal);
  const late = () => aborter.abort(new TimeoutError(`No token within ${ANSWER_WITHIN} ms`));
  const timer = setTimeout(late, ANSWER_WITHIN);
  let listening: Disposable | undefined;
  const aborted = new Promise<never>((_, reject) => {
    const give = () => reject(aborter.signal.reason);
    listening = listen(aborter.signal, "abort", give);
    if (aborter.signal.aborted) give();
  });
  try {
    return await Promise.race([pending, aborted]);
  } finally {
    clearTimeout(timer);
    listening?.[Symbol.dispose]();
    aborter[Symbol.dispose]();
  }
}

/** Starts a session. Throws as every request does. */
export function signIn(
  { url, displayName, signal }: {
    readonly url: string | URL;
    readonly displayName: string;
    readonly signal?: AbortSignal;
  },
): Promise<SignedIn> {
  const body: SignInRequest = { displayName };
  const path = "api/sessions";
  return new Api({ url }).ask({ method: "POST", path, body, isAnswer: isSignedIn, signal });
}

async function readAnswer<T>(response: Response, isAnswer: Guard<T>): Promise<T> {
  const text = await response.text();
  const answer = parseAnswer(text);
  if (isAnswer(answer)) return answer;
  throw new HalleyError({
    code: "unexpected_answer",
    status: response.status,
    detail: `Cannot read the answer "${text.slice(0, 60)}"`,
  });
}

function parseAnswer(text: string): unknown {
  try {
    return text === "" ? undefined : JSON.parse(text);
  } catch {
    return undefined; // A captive portal's page, most likely.
  }
}
