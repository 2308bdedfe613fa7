import type { MiddlewareHandler } from "hono";
import { cors } from "hono/cors";
import { Refused } from "../core/refusal.ts";

/** A browser may remember for so long (s) that a foreign page may use the API: as long as any of them does. */
const REMEMBERED = 86_400;

/**
 * Lets the pages of some foreign origins use what is behind it (CORS). Cookies count for nothing here, so there is
 * nothing for a forged request to ride on. A preflight of any other origin is told which setting would let it in.
 */
export function foreignOrigins(allowed: readonly string[]): MiddlewareHandler {
  const isOpen = allowed.includes("*");
  const allow = cors({
    origin: isOpen ? "*" : [...allowed],
    allowMethods: ["GET", "POST", "PUT", "DELETE"],
    allowHeaders: ["authorization", "content-type"],
    exposeHeaders: ["retry-after", "ratelimit", "ratelimit-policy"],
    maxAge: REMEMBERED,
  });
  return (c, next) => {
    const origin = c.req.raw.headers.get("origin");
    if (origin === null) return next();
    if (isOpen || allowed.includes(origin)) return allow(c, next);
    if (c.req.method === "OPTIONS") throw refusalOf(origin);
    // A page of this server, or one whose browser will keep the answer from it.
    return next();
  };
}

function refusalOf(origin: string): Refused {
  const shown = /^https?:\/\/[\w.:[\]-]+$/.test(origin) ? `"${origin}"` : "this origin";
  return new Refused(
    "origin_not_allowed",
    `Pages of ${shown} may not use this server. Its setting ALLOWED_ORIGINS can name them`,
  );
}
