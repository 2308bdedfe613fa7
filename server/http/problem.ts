import {
  type Limit,
  type Problem,
  PROBLEM_MEDIA_TYPE,
  PROBLEM_TYPE,
  type Refusal,
} from "../protocol/refusal.ts";
import { Refused } from "../core/model/refused.ts";
import { SECURITY_HEADERS } from "./responses.ts";

/**
 * The HTTP status of each refusal, and a title that does not depend on the request. Proxies take a node that answers 503
 * out of service and repeat the request at another one, so only a node that stops answers it. What one client can cause is
 * 429. What another node could not do either, because all nodes share the store and the keys, is 500: clients repeat
 * it, proxies do not.
 */
const PROBLEMS = {
  bad_json: [400, "The body is not valid JSON"],
  bad_host: [400, "The host is not valid"],
  unknown_host: [421, "Unknown host"],
  invalid_request: [422, "The request is not valid"],
  not_signed_in: [401, "Not signed in"],
  kicked: [401, "Session ended by an administrator"],
  banned: [403, "Banned by an administrator"],
  token_expired: [401, "The token has expired"],
  token_required: [403, "A token is required"],
  name_reserved: [422, "The name is reserved"],
  not_allowed: [403, "Not allowed"],
  origin_not_allowed: [403, "Origin not allowed"],
  not_found: [404, "Not found"],
  unknown_recipient: [404, "Unknown recipient"],
  unknown_mention: [404, "Unknown person mentioned"],
  method_not_allowed: [405, "Method not allowed"],
  key_reused: [409, "The key was used for another message"],
  body_too_large: [413, "The body is too large"],
  text_too_long: [413, "The text is too long"],
  too_many_messages: [413, "Too many messages"],
  unsupported_media_type: [415, "Unsupported media type"],
  too_many_conversations: [409, "Too many conversations"],
  already_claimed: [409, "Somebody else answers this conversation"],
  too_many_reactions: [409, "Too many reactions"],
  too_many_bans: [409, "Too many bans"],
  search_unavailable: [422, "This store cannot search everywhere"],
  files_unavailable: [422, "This server stores no files"],
  unknown_file: [404, "Unknown file"],
  invalid_file: [422, "The file cannot be stored"],
  too_many_files: [409, "Too many files"],
  too_many_requests: [429, "Too many requests"],
  too_many_tabs: [429, "Too many tabs"],
  too_many_polls: [429, "Too many polls"],
  too_many_rooms: [429, "Too many rooms"],
  too_many_sessions: [429, "Too many sessions"],
  closing: [503, "The server is stopping"],
  files_full: [507, "No room for files"],
  store_unavailable: [500, "The store is unavailable"],
  keys_unavailable: [500, "The token keys are unavailable"],
} as const satisfies Record<Refusal, readonly [status: number, title: string]>;

/** Maximum length of a problem's detail in characters: it can repeat parts of the request. */
const DETAIL_LENGTH = 300;

/** The response to a request that was refused. */
export function refusalResponse(refused: Refused, headers: Record<string, string> = {}): Response {
  const [status, title] = PROBLEMS[refused.refusal];
  const { refusal: code, message, retryAfter, facts: { limit, ban } } = refused;
  const isLong = message.length > DETAIL_LENGTH;
  const detail = isLong ? `${message.slice(0, DETAIL_LENGTH)}…` : message;
  const retry = retryAfter !== undefined && { retryAfter };
  return problemResponse({ title, status, detail, code, ...retry, ...ban }, {
    ...(limit !== undefined && rateLimitHeaders(limit, retryAfter)),
    ...headers,
  });
}

/** The response to a request that failed with any other error. It does not reveal the cause. */
export function internalErrorResponse(): Response {
  return problemResponse({
    title: "The server has an internal error",
    status: 500,
    detail: "The request could not be answered. The log of the server has the cause",
    code: "internal_error",
  });
}

/** The headers of draft-ietf-httpapi-ratelimit-headers: the limit, and when requests are allowed again. */
function rateLimitHeaders(
  { name, quota, window }: Limit,
  retryAfter = 0,
): Record<string, string> {
  const unit = window === undefined ? 'qu="concurrent-requests"' : `w=${window}`;
  return {
    "ratelimit-policy": `"${name}";q=${quota};${unit}`,
    "ratelimit": `"${name}";r=0;t=${Math.ceil(retryAfter / 1000)}`,
  };
}

/** An error response as in RFC 9457. */
function problemResponse(
  problem: Omit<Problem, "type">,
  headers: Record<string, string> = {},
): Response {
  const { status, code, retryAfter } = problem;
  const body: Problem = { type: PROBLEM_TYPE + code, ...problem };
  return new Response(JSON.stringify(body), {
    status,
    headers: {
      "content-type": PROBLEM_MEDIA_TYPE,
      ...SECURITY_HEADERS,
      ...(status === 401 && { "www-authenticate": 'Bearer realm="Halley"' }),
      ...(retryAfter !== undefined && { "retry-after": String(Math.ceil(retryAfter / 1000)) }),
      ...headers,
    },
  });
}
