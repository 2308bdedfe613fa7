import type { Context, MiddlewareHandler } from "hono";
import { cors as honoCors } from "hono/cors";
import { Refused } from "../core/model/refused.ts";
import { TOKEN_HEADER } from "../protocol/token_header.ts";

/** Which pages of other origins can use the API, and with which headers beside those of the API itself. */
export interface CorsSettings {
  /** Origins such as `https://shop.example`, `https://*.shop.example` for its subdomains, or `*` for all. */
  readonly allowedOrigins: readonly string[];
  readonly allowedHeaders: readonly string[];
}

/** How long a browser can cache the permission, in seconds: the maximum of all browsers. */
const MAX_AGE = 86_400;

/** The headers that a page of another origin can read. */
const EXPOSED = "date,retry-after,ratelimit,ratelimit-policy";

/**
 * What scripts that monitor a page add to its requests, such as those of OpenTelemetry, Sentry, Zipkin, Datadog, New
 * Relic, Elastic, Azure, AWS, Google Cloud, Jaeger and Instana. Halley reads none of them.
 */
const TRACING_HEADERS = [
  ...["traceparent", "tracestate", "baggage", "sentry-trace", "b3", "x-b3-traceid", "x-b3-spanid"],
  ...["x-b3-parentspanid", "x-b3-sampled", "x-b3-flags", "x-datadog-trace-id"],
  ...["x-datadog-parent-id", "x-datadog-origin", "x-datadog-sampling-priority", "x-datadog-tags"],
  ...["newrelic", "x-newrelic-id", "elastic-apm-traceparent", "request-id", "request-context"],
  ...["x-request-id", "x-correlation-id", "x-amzn-trace-id", "x-cloud-trace-context"],
  ...["uber-trace-id", "x-instana-t", "x-instana-s", "x-instana-l"],
];

/**
 * Allows pages of other origins to use the API (CORS). The API ignores cookies, so a page cannot make requests in the
 * name of somebody who has signed in elsewhere.
 */
export function cors({ allowedOrigins, allowedHeaders }: CorsSettings): MiddlewareHandler {
  const isAllowed = originRule(allowedOrigins);
  const isPublic = allowedOrigins.includes("*");
  const answerPreflight = honoCors({
    origin: isPublic ? "*" : (origin) => origin,
    allowMethods: ["GET", "POST", "PUT", "PATCH", "DELETE"],
    allowHeaders: [
      ...["authorization", TOKEN_HEADER, "content-type"],
      ...TRACING_HEADERS,
      ...allowedHeaders,
    ],
    maxAge: MAX_AGE,
  });
  return async (c, next) => {
    const origin = c.req.raw.headers.get("origin");
    // Without the headers, the browser does not let a page of another origin read the response.
    if (origin === null || !isAllowed(origin)) return await next();
    if (c.req.method === "OPTIONS") return await answerPreflight(c, next);
    await next();
    // Set now: what Hono's middleware sets before makes it copy the response, with its body as a stream.
    const { headers } = c.res;
    headers.set("access-control-allow-origin", isPublic ? "*" : origin);
    headers.set("access-control-expose-headers", EXPOSED);
    if (!headers.get("vary")?.includes("origin")) headers.set("vary", "origin");
  };
}

/** Refuses the preflight request of an origin that is not allowed, and names the setting that allows it. */
export function refusePreflight(c: Context): void {
  const origin = c.req.raw.headers.get("origin");
  if (c.req.method !== "OPTIONS" || !c.req.path.startsWith("/api/") || origin === null) return;
  const shown = /^[a-z][a-z\d+.-]*:\/\/[\w.:[\]-]+$/.test(origin) ? origin : "this origin";
  const detail = `Pages of ${shown} cannot use this server. To allow them, set ALLOWED_ORIGINS`;
  throw new Refused("origin_not_allowed", detail);
}

/** Reads origins separated by commas, or `none`. Returns `undefined` if one is invalid. */
export function parseOrigins(list: string): readonly string[] | undefined {
  if (list === "none") return [];
  const origins = list.split(",").map((word) => word.trim()).filter((word) => word !== "");
  return origins.every(isOrigin) ? origins : undefined;
}

/** Reads names of headers separated by commas, or `none`. Returns `undefined` if one is invalid or must not be allowed. */
export function parseHeaders(list: string): readonly string[] | undefined {
  if (list === "none") return [];
  const names = list.toLowerCase().split(",").map((word) => word.trim()).filter((word) => word);
  return names.every(isFreeName) ? names : undefined;
}

function isFreeName(name: string): boolean {
  return /^[\w-]+$/.test(name) && ![TRUSTED, FORBIDDEN, OWN].some((names) => names.test(name));
}

/** Headers that browsers let no page set: https://fetch.spec.whatwg.org/#forbidden-request-header. */
const FORBIDDEN =
  /^(?:accept-(?:charset|encoding)|access-control-.*|connection|content-length|cookie2?|date|dnt|expect|host|keep-alive|origin|referer|set-cookie2?|te|trailer|transfer-encoding|upgrade|via|proxy-.*|sec-.*|x-(?:http-)?method(?:-override)?)$/;

/** What Halley reads itself: the headers of its API are always allowed, and no other header may be mixed up with them. */
const OWN = new RegExp(
  `^(?:authorization|${TOKEN_HEADER}|accept|accept-language|content-.*|if-.*|range)$`,
  "i",
);

/** Headers that proxies set and servers trust: a page must not send them from a user's browser. */
const TRUSTED =
  /^(?:host|via|forwarded|x-forwarded.*|x-original-.*|x-envoy-.*|x-real-ip|.*client-ip|.*-connecting-ip)$/;

/** The subdomains of a domain with at least two labels: the scheme, and the domain with its port. */
const SUBDOMAINS = /^(https?):\/\/\*\.([a-z\d_-]+(?:\.[a-z\d_-]+)+(?::\d+)?)$/;

/** An app or an extension, such as `capacitor://localhost`: the parser of URLs knows no origins of such schemes. */
const OTHER_SCHEME =
  /^(?!(?:https?|wss?|ftp|file|blob|data|javascript):)[a-z][a-z\d+.-]*:\/\/[\w.-]+(?::\d+)?$/;

/** Checks that an origin is written as browsers send it: without a path, without the default port, in lower case. */
function isOrigin(word: string): boolean {
  if (word === "*" || OTHER_SCHEME.test(word)) return true;
  const origin = word.replace(SUBDOMAINS, "$1://any.$2");
  return /^https?:/.test(origin) && !origin.includes("*") && URL.parse(origin)?.origin === origin;
}

function originRule(allowed: readonly string[]): (origin: string) => boolean {
  if (allowed.includes("*")) return () => true;
  const origins = new Set(allowed);
  const subdomains = allowed.flatMap((word) => {
    const [, scheme, domain = ""] = SUBDOMAINS.exec(word) ?? [];
    return scheme
      ? [new RegExp(`^${scheme}://(?:[a-z\\d_-]+\\.)+${domain.replaceAll(".", "\\.")}$`)]
      : [];
  });
  return (origin) => origins.has(origin) || subdomains.some((pattern) => pattern.test(origin));
}
