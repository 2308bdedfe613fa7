import { HalleyError, isTokenRejected } from "./halley_error.ts";

/** Where the token of a client's requests comes from. */
export interface TokenOptions {
  readonly privateToken?: string | undefined;
  /**
   * Returns a token of the application. Called before the first request if there is no `privateToken`, and when the
   * server has rejected the current token. `undefined` means that nobody is signed in.
   */
  readonly getToken?: (() => Promise<string | undefined> | string | undefined) | undefined;
}

export interface TokenSourceDeps extends TokenOptions {
  /** Asks the server for the public token of a private token's session. */
  readonly identify: (token: string) => Promise<string>;
  /** Called when `getToken` has returned a token of another user. */
  readonly onOtherUser?: ((error: HalleyError) => void) | undefined;
}

/**
 * The current token. Requests whose token is rejected at the same time share one call of `getToken`. All tokens belong to
 * the user of the first one: after a token of another user, every request is rejected with `other_user`.
 */
export class TokenSource {
  readonly #deps: TokenSourceDeps;
  /** The newest token; `undefined` while another one is being obtained. */
  token: string | undefined;
  #pending: Promise<string | undefined> | undefined;
  /** The user of the first token: a JWT's subject, or a public token. */
  #user: string | undefined;
  #otherUser: HalleyError | undefined;

  constructor(deps: TokenSourceDeps) {
    this.#deps = deps;
    this.token = deps.privateToken;
    this.#user = this.token && subjectOf(this.token);
  }

  /** The token for the next request. Throws what `getToken` throws, or `other_user`. */
  get(): Promise<string | undefined> | string | undefined {
    if (this.#otherUser) throw this.#otherUser;
    const { getToken } = this.#deps;
    if (!getToken || this.token !== undefined && this.#user !== undefined) return this.token;
    return this.#pending ??= this.#obtain(getToken);
  }

  /** A token other than the rejected one, if there is one. */
  async renew(rejected: string | undefined): Promise<string | undefined> {
    if (!this.#deps.getToken) return undefined;
    if (this.token === rejected) this.token = undefined;
    const token = await this.get();
    return token === rejected ? undefined : token;
  }

  async #obtain(getToken: NonNullable<TokenOptions["getToken"]>): Promise<string | undefined> {
    try {
      const token = this.token ?? await getToken();
      if (token !== undefined) await this.#checkUser(token);
      return this.token = token;
    } finally {
      this.#pending = undefined;
    }
  }

  async #checkUser(token: string): Promise<void> {
    // Of a token that the server does not accept, the user is not known.
    const user = subjectOf(token) ??
      await this.#deps.identify(token).catch((error) => {
        if (!isTokenRejected(error)) throw error;
        return undefined;
      });
    this.#user ??= user;
    if (user === undefined || user === this.#user) return;
    const error = this.#otherUser = new HalleyError({
      code: "other_user",
      status: 0,
      detail: "getToken has returned a token of another user",
    });
    this.#deps.onOtherUser?.(error);
    throw error;
  }
}

/** The subject of a JWT. Only the server verifies the token. Returns `undefined` if it is not a JWT with a subject. */
export function subjectOf(token: string): string | undefined {
  const [, payload = "", signature] = token.split(".");
  if (signature === undefined) return undefined;
  try {
    const json = atob(payload.replaceAll("-", "+").replaceAll("_", "/"));
    const { sub }: { readonly sub?: unknown } = JSON.parse(json);
    return typeof sub === "string" ? `sub ${sub}` : undefined;
  } catch {
    return undefined;
  }
}
