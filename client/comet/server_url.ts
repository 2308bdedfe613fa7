/** An address with a scheme. The parser of URLs would accept `https:host`, spaces and backslashes as well. */
const ABSOLUTE = /^https?:\/\/[^/]/i;

/** A scheme, or a host without one: in a page, a missing path would make `//chat` of `/` and `/chat`. */
const SCHEME_OR_HOST = /^(?:[a-z][a-z\d+.-]*:|\/\/)/i;

/**
 * The absolute address of a server, with a slash at its end. The same server has the same address on all pages of a path,
 * however it is spelt. Throws a `TypeError` for anything that is not the address of an HTTP server.
 */
export function serverUrl(url: string | URL): string {
  // Scripts without types may pass nothing.
  const text = typeof url === "string" ? url : url?.href;
  const address = text === undefined ? undefined : parse(text);
  if (address !== undefined) return address;
  throw new TypeError(
    "`url` must be an http or https address without a query, a fragment or a password" +
      // It may contain a password.
      (text?.includes("@") ? "" : `: it is ${JSON.stringify(text)}`),
  );
}

/** Only pages and workers, which have an address themselves, can use a relative one. */
function parse(text: string): string | undefined {
  if (/[\s\\]/.test(text) || !ABSOLUTE.test(text) && SCHEME_OR_HOST.test(text)) return undefined;
  try {
    const base = globalThis.document?.baseURI ?? globalThis.location?.href;
    const url = new URL(text.replace(/\/*$/, "/"), base);
    const hasMore = url.search + url.hash + url.username + url.password !== "";
    return url.protocol.startsWith("http") && !hasMore ? url.href : undefined;
  } catch {
    return undefined;
  }
}
