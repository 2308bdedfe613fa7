import type { TokenProvider } from "./chat_session.ts";

/** Statuses by which an application says that its visitor is not signed in. */
const NOT_SIGNED_IN = [204, 401, 403];

/**
 * Tokens from a URL of the application, which answers signed-in visitors with a token as plain text. `credentials`:
 * whether the request has the cookies of another origin.
 */
export function tokensFromUrl(
  url: string,
  credentials: RequestCredentials = "same-origin",
): TokenProvider["getToken"] {
  return async () => {
    const headers = { accept: "text/plain" };
    const response = await fetch(url, { cache: "no-store", headers, credentials });
    const text = await response.text();
    if (NOT_SIGNED_IN.includes(response.status)) return undefined;
    if (!response.ok) throw new Error(`${url} answered ${response.status}`);
    return text.trim() || undefined;
  };
}
