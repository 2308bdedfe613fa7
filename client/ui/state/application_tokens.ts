/** How the application signs its users in. */
export interface TokenProvider {
  /** Returns a token for the visitor, or undefined or null if the application does not know them. */
  readonly getToken: () => Promise<string | null | undefined> | string | null | undefined;
  /** A word that identifies the user: pages with the same word share one poll. */
  readonly user?: string;
}

/** A provider whose `getToken` rejects with `TokenError` instead of returning what is not a token. */
export interface CheckedTokens extends TokenProvider {
  readonly getToken: () => Promise<string | undefined>;
}

/** The application has answered, but with neither a token nor that nobody is signed in. */
export class TokenError extends Error {}

/** A JWT, or a private token of Halley: not, for example, the application's page for signing in. */
const TOKEN = /^([\w-]+\.[\w-]+\.[\w-]+|[\w-]{32})$/;

/** Time in ms after which a URL that does not answer has failed. */
const TIMEOUT = 15_000;

/** Statuses by which an application says that its visitor is not signed in. */
const NOT_SIGNED_IN = [204, 401, 403];

export function isToken(value: unknown): value is string {
  return typeof value === "string" && TOKEN.test(value);
}

/**
 * Checks what the application gives, so that nothing else is ever sent as a token, and tells the developer in the console
 * what was wrong. A `TypeError` and a `DOMException` pass: `fetch` rejects with them without a network, or an answer in time.
 */
export function checkedTokens({ getToken, ...rest }: TokenProvider): CheckedTokens {
  return {
    ...rest,
    async getToken() {
      try {
        const value: unknown = await getToken();
        const token = typeof value === "string" ? value.trim() : value ?? "";
        if (token === "") return undefined;
        if (isToken(token)) return token;
        // The value is not repeated: it may be secret.
        throw new TokenError(`getToken has returned a ${typeof token} that is no token`);
      } catch (error) {
        if (error instanceof TypeError || error instanceof DOMException) throw error;
        const message = error instanceof Error ? error.message : String(error);
        console.error(`Halley: no valid token: ${message}`);
        throw new TokenError(message);
      }
    },
  };
}

/**
 * Tokens from a URL of the application, which answers signed-in visitors with a token as plain text. `credentials`:
 * whether the request has the cookies of another origin. Rejects with `TokenError` after any other answer.
 */
export function tokensFromUrl(
  url: string,
  credentials: RequestCredentials = "same-origin",
): CheckedTokens["getToken"] {
  return async () => {
    const headers = { accept: "text/plain" };
    const signal = AbortSignal.timeout(TIMEOUT);
    const response = await fetch(url, { cache: "no-store", headers, credentials, signal });
    const token = (await response.text()).trim();
    const { ok, redirected, status } = response;
    if (NOT_SIGNED_IN.includes(status) || ok && token === "") return undefined;
    if (ok && isToken(token)) return token;
    const type = response.headers.get("content-type") ?? "no content type";
    const target = redirected ? `, redirected to ${response.url},` : "";
    throw new TokenError(`${url}${target} answered ${status} (${type}) without a token`);
  };
}
