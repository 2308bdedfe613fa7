/** Where the token comes from that requests bear. */
export interface TokenOptions {
  readonly privateToken?: string | undefined;
  /**
   * Gives a token of the application: at first, where there is no `privateToken`, and whenever the one that was borne
   * counts no more. `undefined` says that nobody is signed in.
   */
  readonly getToken?: (() => Promise<string | undefined> | string | undefined) | undefined;
}

/** The token that requests bear. However many of them find that it counts no more, one new one is asked for. */
export class TokenSource {
  readonly #getToken: TokenOptions["getToken"];
  #token: string | undefined;
  #asking: Promise<string | undefined> | undefined;

  constructor({ privateToken, getToken }: TokenOptions) {
    this.#token = privateToken;
    this.#getToken = getToken;
  }

  /** The token to bear; throws what `getToken` does. */
  get(): Promise<string | undefined> | string | undefined {
    if (this.#token !== undefined || !this.#getToken) return this.#token;
    return this.#asking ??= this.#ask(this.#getToken);
  }

  /** Another token than the one that was refused, if there is one. */
  async renew(refused: string | undefined): Promise<string | undefined> {
    if (!this.#getToken) return undefined;
    if (this.#token === refused) this.#token = undefined;
    const token = await this.get();
    return token === refused ? undefined : token;
  }

  async #ask(getToken: NonNullable<TokenOptions["getToken"]>): Promise<string | undefined> {
    try {
      return this.#token = await getToken();
    } finally {
      this.#asking = undefined;
    }
  }
}
