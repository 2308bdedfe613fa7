import type { Context, MiddlewareHandler } from "hono";
import { cors as honoCors } from "hono/cors";
import { Refused } from "../core/model/refused.ts";
import { TOKEN_HEADER } from "../protocol/token_header.ts";

/** How long a browser can cache the permission, in seconds: the maximum of all browsers. */
const MAX_AGE = 86_400;

/**
 * Allows pages of other origins to use the API (CORS). The API ignores cookies, so a page cannot make requests in the
 * name of somebody who has signed in elsewhere.
 */
export function cors(allowed: readonly string[]): MiddlewareHandler {
  const isOpen = allowed.includes("*");
  const allow = honoCors({
    origin: isOpen ? "*" : [...allowed],
    allowMethods: ["GET", "POST", "PUT", "DELETE"],
    allowHeaders: ["authorization", TOKEN_HEADER, "content-type"],
    exposeHeaders: ["retry-after", "ratelimit", "ratelimit-policy"],
    maxAge: MAX_AGE,
  });
  return (c, next) => {
    const origin = c.req.raw.headers.get("origin");
    // Without the headers, the browser does not let a page of another origin read the response.
    return origin !== null && (isOpen || allowed.includes(origin)) ? allow(c, next) : next();
  };
}

/** Refuses the preflight request of an origin that is not allowed, and names the setting that allows it. */
export function refusePreflight(c: Context): void {
  const origin = c.req.raw.headers.get("origin");
  if (c.req.method !== "OPTIONS" || !c.req.path.startsWith("/api/") || origin === null) return;
  const shown = /^https?:\/\/[\w.:[\]-]+$/.test(origin) ? origin : "this origin";
  const detail = `Pages of ${shown} cannot use this server. To allow them, set ALLOWED_ORIGINS`;
  throw new Refused("origin_not_allowed", detail);
}
