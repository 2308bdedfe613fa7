/**
 * Headers of every response except static files: it is not cached and not interpreted as another type, and its URL is
 * not sent to other sites. The `cors` middleware decides which origins can read it.
 */
export const SECURITY_HEADERS = {
  "cache-control": "no-store",
  "referrer-policy": "no-referrer",
  "vary": "origin",
  "x-content-type-options": "nosniff",
} as const;

/** Constructed once: from an object, Deno would make new headers for each response. */
const JSON_HEADERS = new Headers({ "content-type": "application/json", ...SECURITY_HEADERS });

export function jsonResponse(value: unknown, status = 200): Response {
  return rawJsonResponse(JSON.stringify(value), status);
}

/** A response with a body that is JSON text already. */
export function rawJsonResponse(json: string, status = 200): Response {
  return new Response(json, { status, headers: JSON_HEADERS });
}

const POST_HEADERS = { "content-type": "application/json" };

/**
 * A response to a POST that clients send all the time. Without the other headers, Deno sends it several microseconds faster,
 * and a POST does not need them: it is not cached, and no page can load it that may not read it.
 */
export function postResponse(json: string, status = 200): Response {
  return new Response(json, { status, headers: POST_HEADERS });
}

export function textResponse(text: string, type = "text/plain; charset=utf-8"): Response {
  return new Response(text, { headers: { "content-type": type, ...SECURITY_HEADERS } });
}

const utf8 = new TextEncoder();

/** A response whose body is one JSON value in each line. The next portion is made when the client has taken the last one. */
export function linesResponse(portions: AsyncIterable<readonly unknown[]>): Response {
  const headers = { "content-type": "application/jsonl; charset=utf-8", ...SECURITY_HEADERS };
  return new Response(ReadableStream.from(encoded(portions)), { headers });
}

async function* encoded(portions: AsyncIterable<readonly unknown[]>): AsyncGenerator<Uint8Array> {
  for await (const lines of portions) {
    yield utf8.encode(lines.map((line) => `${JSON.stringify(line)}\n`).join(""));
  }
}

/** Leads to another address, which can be relative. */
export function redirectResponse(location: string): Response {
  return new Response(null, { status: 308, headers: { location, ...SECURITY_HEADERS } });
}

export function emptyResponse(status: number): Response {
  return new Response(null, { status, headers: SECURITY_HEADERS });
}
