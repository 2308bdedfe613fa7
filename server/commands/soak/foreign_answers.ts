import { PROBLEM_MEDIA_TYPE, PROBLEM_TYPE } from "../../protocol/refusal.ts";
import type { SeededRandom } from "./seeded_random.ts";

/** An answer that does not come from Halley. */
interface ForeignAnswer {
  readonly status: string;
  readonly type?: string;
  /** Further headers, each with its line end. */
  readonly headers?: string;
  readonly body?: string;
}

const HTML = "<!doctype html><title>Sign in to the network</title>";

/** A problem that looks like Halley's, but with the status of another answer. */
const PROBLEM_OF_ANOTHER_STATUS = JSON.stringify({
  type: `${PROBLEM_TYPE}not_signed_in`,
  code: "not_signed_in",
  status: 401,
});

/** What gates, gateways, firewalls and captive portals answer in place of the server. */
const FOREIGN_ANSWERS: readonly ForeignAnswer[] = [
  { status: "401 Unauthorized", type: "text/html", body: HTML },
  { status: "401 Unauthorized", headers: "www-authenticate: Basic\r\n" },
  { status: "403 Forbidden", type: "text/html", body: HTML },
  { status: "404 Not Found", type: "text/plain", body: "404 page not found\n" },
  {
    status: "404 Not Found",
    type: PROBLEM_MEDIA_TYPE,
    body: '{"type":"about:blank","status":404}',
  },
  {
    status: "403 Forbidden",
    type: PROBLEM_MEDIA_TYPE,
    body: '{"code":"not_allowed","status":403}',
  },
  { status: "405 Method Not Allowed", type: "application/json", body: '{"code":"not_found"}' },
  { status: "407 Proxy Authentication Required", type: "text/html", body: HTML },
  { status: "413 Payload Too Large", type: "text/html", body: HTML },
  { status: "429 Too Many Requests", type: "text/html", headers: "retry-after: 1\r\n", body: HTML },
  { status: "500 Internal Server Error", type: "application/json", body: "{}" },
  { status: "502 Bad Gateway", type: PROBLEM_MEDIA_TYPE, body: PROBLEM_OF_ANOTHER_STATUS },
  {
    status: "503 Service Unavailable",
    type: "text/html",
    headers: "retry-after: 0\r\n",
    body: HTML,
  },
  { status: "504 Gateway Timeout", type: "text/html", body: HTML },
  { status: "302 Found", headers: "location: /login\r\n" },
  { status: "307 Temporary Redirect", headers: "location: http://127.0.0.1:9/\r\n" },
  { status: "200 OK", type: "text/html", body: HTML },
  { status: "200 OK", type: "application/json", body: '{"outcome":"message","messages":[{"id":7' },
  { status: "200 OK", type: "application/json", body: '{"outcome":"message","messages":[]}' },
  { status: "200 OK", type: "application/json", body: "[]" },
  { status: "200 OK", type: "application/json", body: "null" },
  { status: "200 OK" },
  { status: "201 Created", type: "application/json", body: '{"id":"7"}' },
];

/** One of these answers as it is sent. Draws exactly one number. */
export function pickForeignAnswer(random: SeededRandom): Uint8Array<ArrayBuffer> {
  const { status = "404 Not Found", type, headers = "", body = "" } =
    random.pick(FOREIGN_ANSWERS) ?? {};
  const typeLine = type === undefined ? "" : `content-type: ${type}\r\n`;
  const head = `HTTP/1.1 ${status}\r\n${typeLine}${headers}content-length: ${body.length}\r\n\r\n`;
  return new TextEncoder().encode(head + body);
}
