import type { Context, MiddlewareHandler } from "hono";
import { cors as honoCors } from "hono/cors";
import { Refused } from "../core/model/refused.ts";

/** A browser may remember for so long (s) that a foreign page may use the API: as long as any of them does. */
const REMEMBERED = 86_400;

/**
 * Lets the pages of some foreign origins use what is behind it (CORS). Cookies count for nothing here, so there is
 * nothing for a forged request to ride on.
 */
export function cors(allowed: readonly string[]): MiddlewareHandler {
  const isOpen = allowed.includes("*");
  const allow = honoCors({
    origin: isOpen ? "*" : [...allowed],
    allowMethods: ["GET", "POST", "PUT", "DELETE"],
    allowHeaders: ["authorization", "content-type"],
    exposeHeaders: ["retry-after", "ratelimit", "ratelimit-policy"],
    maxAge: REMEMBERED,
  });
  return (c, next) => {
    const origin = c.req.raw.headers.get("origin");
    // Else it is a page of this server, or one whose browser will keep the answer from it.
    return origin !== null && (isOpen || allowed.includes(origin)) ? allow(c, next) : next();
  };
}

/** Refuses a preflight of an origin that is not allowed, which no route answers, and says which setting would let it in. */
export function checkPreflight(c: Context): void {
  const origin = c.req.raw.headers.get("origin");
  const isPreflight = c.req.method === "OPTIONS" && c.req.path.startsWith("/api/");
  if (isPreflight && origin !== null) throw refusalOf(origin);
}

function refusalOf(origin: string): Refused {
  const shown = /^https?:\/\/[\w.:[\]-]+$/.test(origin) ? `"${origin}"` : "this origin";
  return new Refused(
    "origin_not_allowed",
    `Pages of ${shown} may not use this server. Its setting ALLOWED_ORIGINS can name them`,
  );
}
