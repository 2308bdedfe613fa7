/** How the page around the widget says who its visitor is. */
export interface VisitorTokens {
  /** Gives a token of the page's application; `undefined` where the visitor is nobody that it knows. */
  readonly getToken: () => Promise<string | undefined> | string | undefined;
  /** Whose tokens those are: a word for one user. Pages with the same share one poll. */
  readonly user?: string;
}

/** Statuses by which an application says that nobody is signed in. */
const NOBODY = [204, 401, 403];

/** Tokens from a URL of the application, which answers with the token as text to whoever has its cookie. */
export function tokensFrom(url: string, user: string | undefined): VisitorTokens {
  const getToken = async () => {
    const response = await fetch(url, { cache: "no-store", headers: { accept: "text/plain" } });
    const text = await response.text();
    if (NOBODY.includes(response.status)) return undefined;
    if (!response.ok) throw new Error(`${url} answered ${response.status}`);
    return text.trim() || undefined;
  };
  return { getToken, ...(user !== undefined && { user }) };
}
