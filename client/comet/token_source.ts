/** Where the token of a client's requests comes from. */
export interface TokenOptions {
  readonly privateToken?: string | undefined;
  /**
   * Returns a token of the application. Called before the first request if there is no `privateToken`, and when the
   * server has rejected the current token. `undefined` means that nobody is signed in.
   */
  readonly getToken?: (() => Promise<string | undefined> | string | undefined) | undefined;
}

/** The current token. Requests whose token is rejected at the same time share one call of `getToken`. */
export class TokenSource {
  readonly #getToken: TokenOptions["getToken"];
  #token: string | undefined;
  #pending: Promise<string | undefined> | undefined;

  constructor({ privateToken, getToken }: TokenOptions) {
    this.#token = privateToken;
    this.#getToken = getToken;
  }

  /** The token for the next request. Throws what `getToken` throws. */
  get(): Promise<string | undefined> | string | undefined {
    if (this.#token !== undefined || !this.#getToken) return this.#token;
    return this.#pending ??= this.#request(this.#getToken);
  }

  /** A token other than the rejected one, if there is one. */
  async renew(rejected: string | undefined): Promise<string | undefined> {
    if (!this.#getToken) return undefined;
    if (this.#token === rejected) this.#token = undefined;
    const token = await this.get();
    return token === rejected ? undefined : token;
  }

  async #request(getToken: NonNullable<TokenOptions["getToken"]>): Promise<string | undefined> {
    try {
      return this.#token = await getToken();
    } finally {
      this.#pending = undefined;
    }
  }
}
