import { getPath, getPathNoStrict } from "hono/utils/url";

/** One or more segments that no part of the way changes. */
const PATH = /^(?:\/[\w.~-]+)+$/;

/**
 * Reads the path of this server on its site, or `none`. Returns it without a slash at its end: `/chat`, or an empty text
 * for none. Returns `undefined` if it is invalid.
 */
export function parseBasePath(word: string): string | undefined {
  if (word === "none" || word === "/") return "";
  const path = word.replace(/\/$/, "");
  const isValid = PATH.test(path) && path.split("/").every((name) => !/^\.\.?$/.test(name));
  return isValid ? path : undefined;
}

/**
 * How the router reads the path of a request: without a slash at its end and, for requests at or below `basePath`, without
 * that. `basePath` itself stays as it is, because the addresses in the page are relative to a path with a slash.
 */
export function pathReader(basePath: string): (request: Request) => string {
  if (basePath === "") return getPathNoStrict;
  return (request) => {
    const path = getPath(request);
    const inner = path.startsWith(`${basePath}/`) ? path.slice(basePath.length) : path;
    return inner.length > 1 && inner.endsWith("/") ? inner.slice(0, -1) : inner;
  };
}
