/**
 * The absolute address of a server, with a slash at its end. The same server has the same address on all pages of a path,
 * however it is spelt. Throws a `TypeError` for an address to which no path can be added.
 */
export function serverUrl(url: string | URL): string {
  const base = String(url).replace(/\/*$/, "/");
  const parsed = resolve(base);
  if (parsed && parsed.search + parsed.hash + parsed.username + parsed.password !== "") {
    throw new TypeError(
      "`url` must not contain a query, a fragment or a password: use an address such as https://chat.example/",
    );
  }
  return parsed?.href ?? base;
}

/** Returns `undefined` for a relative address outside of pages. */
function resolve(url: string): URL | undefined {
  try {
    return new URL(url, globalThis.document?.baseURI);
  } catch {
    return undefined;
  }
}
