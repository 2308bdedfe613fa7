import type { Limit, Problem, Refusal } from "../protocol/refusal.ts";
import { Refused } from "../core/model/refused.ts";
import { SECURITY_HEADERS } from "./security_headers.ts";

/** What a refusal is in HTTP: the status, and a title that is the same each time. */
const PROBLEMS = {
  bad_json: [400, "The body is no JSON"],
  invalid_request: [422, "The request does not fit"],
  not_signed_in: [401, "Not signed in"],
  kicked: [401, "Kicked"],
  token_expired: [401, "The token has run out"],
  token_required: [403, "A token is required"],
  name_reserved: [422, "The name is reserved"],
  not_allowed: [403, "Not allowed"],
  origin_not_allowed: [403, "Origin not allowed"],
  not_found: [404, "Not found"],
  unknown_recipient: [404, "Nobody there"],
  method_not_allowed: [405, "Method not allowed"],
  key_reused: [409, "The key is taken"],
  body_too_large: [413, "The body is too large"],
  text_too_long: [413, "The text is too long"],
  too_many_messages: [413, "Too many messages"],
  unsupported_media_type: [415, "Unsupported media type"],
  too_many_conversations: [409, "Too many conversations"],
  too_many_requests: [429, "Too many requests"],
  too_many_tabs: [429, "Too many tabs"],
  too_many_polls: [503, "Too many polls"],
  too_many_rooms: [503, "Too many rooms"],
  too_many_sessions: [503, "Too many sessions"],
  closing: [503, "The server is stopping"],
  store_unavailable: [503, "The store is out of reach"],
  keys_unavailable: [503, "The keys are out of reach"],
} as const satisfies Record<Refusal, readonly [status: number, title: string]>;

/** So many characters of a problem's detail are told. */
const DETAIL = 300;

/** The answer to a request that is turned down, as RFC 9457 has it. */
export function refusalResponse(refused: Refused, headers: Record<string, string> = {}): Response {
  const [status, title] = PROBLEMS[refused.refusal];
  const { refusal: code, message, retryAfter, limit } = refused;
  // It may repeat what was sent, but not at any length.
  const detail = message.length > DETAIL ? `${message.slice(0, DETAIL)}…` : message;
  const after = retryAfter !== undefined && { retryAfter };
  return problemResponse({ type: "about:blank", title, status, detail, code, ...after }, {
    ...(limit !== undefined && limitFields(limit, retryAfter)),
    ...headers,
  });
}

/** The fields of draft-ietf-httpapi-ratelimit-headers: what may be asked for, and what is left of it. */
function limitFields({ name, quota, window }: Limit, retryAfter = 0): Record<string, string> {
  const per = window === undefined ? 'qu="concurrent-requests"' : `w=${window}`;
  return {
    "ratelimit-policy": `"${name}";q=${quota};${per}`,
    "ratelimit": `"${name}";r=0;t=${Math.ceil(retryAfter / 1000)}`,
  };
}

/** The answer to a request that met a defect of the server. It says nothing of the cause. */
export function defectResponse(): Response {
  return problemResponse({
    type: "about:blank",
    title: "The server has a defect",
    status: 500,
    detail: "The request could not be answered; the server's log says why",
    code: "defect",
  });
}

function problemResponse(problem: Problem, headers: Record<string, string> = {}): Response {
  const { status, retryAfter } = problem;
  return new Response(JSON.stringify(problem), {
    status,
    headers: {
      "content-type": "application/problem+json",
      ...SECURITY_HEADERS,
      ...(status === 401 && { "www-authenticate": 'Bearer realm="Halley"' }),
      ...(retryAfter !== undefined && { "retry-after": String(Math.ceil(retryAfter / 1000)) }),
      ...headers,
    },
  });
}
