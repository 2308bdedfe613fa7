import { dateOf } from "./clock_offset.ts";
import type { Platform } from "./platform.ts";
import { isRecord } from "../../server/protocol/guards.ts";
import { FINAL_REFUSALS, PROBLEM_MEDIA_TYPE, PROBLEM_TYPE } from "../../server/protocol/refusal.ts";

/** What is known about a request that failed. */
export interface HalleyErrorOptions {
  readonly code: string;
  readonly status: number;
  readonly detail: string;
  readonly retryAfter?: number | undefined;
  readonly until?: number | undefined;
  readonly reason?: string | undefined;
}

/**
 * The server rejected a request, or its reply was not valid. `code` is stable: it is the server's problem code
 * (docs/API.md) or one of the library's own:
 *
 * - `unexpected_answer`: the reply does not come from a Halley server, but from a proxy or captive portal, for example.
 *   `detail` says what was received. Clients try again.
 * - `key_expired`: `send` has stopped repeating a message. It is not known whether the message arrived.
 * - `other_user`: `getToken` has returned a token of another user. The client sends nothing more.
 */
export class HalleyError extends Error {
  override readonly name = "HalleyError";
  declare readonly code: string;
  /** The HTTP status; 0 for `key_expired`, `other_user` and redirects. */
  declare readonly status: number;
  /** An explanation for people. */
  declare readonly detail: string;
  /** How long the server asks the client to wait, in ms. */
  declare readonly retryAfter: number | undefined;
  /** With `banned`: when the ban ends (Unix time in ms); `undefined` if it does not. */
  declare readonly until: number | undefined;
  /** With `banned`: why, in the words of an administrator. */
  declare readonly reason: string | undefined;

  constructor(options: HalleyErrorOptions) {
    super(options.detail || `The server answered with status ${options.status}`);
    // One assignment in place of six: this class is a part of every widget.
    Object.assign(this, options);
  }
}

/**
 * Maximum time in ms that others than Halley can ask to wait. A page of a gateway can name a day, and a number that no
 * timer can wait for.
 */
const MAX_FOREIGN_DELAY = 60_000;

/** Codes of errors for which it is pointless to repeat the request. */
const FINAL_CODES: readonly string[] = [...FINAL_REFUSALS, "key_expired", "other_user"];

/** Reads the error from a response: a problem of Halley (RFC 9457), or whatever else has answered in its place. */
export async function readError(
  response: Response,
  platform: Platform = globalThis,
): Promise<HalleyError> {
  const { status } = response;
  const body = await response.text();
  const header = parseRetryAfter(response, platform);
  const problem = parseProblem(body, response);
  if (!problem) return unexpectedAnswer(response, header && Math.min(header, MAX_FOREIGN_DELAY));
  return new HalleyError({ ...problem, status, retryAfter: problem.retryAfter ?? header });
}

/** The error for a response that no Halley server sends. */
export function unexpectedAnswer(response: Response, retryAfter?: number): HalleyError {
  const { status } = response;
  const detail = describeForeign(response);
  return new HalleyError({ code: "unexpected_answer", status, detail, retryAfter });
}

/** Whether it is pointless to repeat the request. Never because of an answer that is not Halley's. */
export function isFinal(error: unknown): error is HalleyError {
  return error instanceof HalleyError && FINAL_CODES.includes(error.code);
}

/** Whether a request may succeed with another token. A gateway in front of the server may verify tokens, too. */
export function isTokenRejected(error: unknown): error is HalleyError {
  return error instanceof HalleyError && error.status === 401 && error.code !== "kicked";
}

/** Whether the server has not seen the token: it is older than `TOKEN_HEADER`, or a proxy has removed that header. */
export function lacksToken(error: unknown): boolean {
  return error instanceof HalleyError && error.code === "not_signed_in" &&
    error.detail.startsWith('The header "Authorization');
}

/** How long the server asks the client to wait after this error, in ms; 0 if it does not. */
export function retryAfterOf(error: unknown): number {
  return error instanceof HalleyError ? error.retryAfter ?? 0 : 0;
}

/** Parses a `Retry-After` header, in seconds or as an HTTP date (RFC 9110, 10.2.3), to milliseconds from now. */
function parseRetryAfter(response: Response, platform: Platform): number | undefined {
  const header = response.headers.get("retry-after");
  if (header === null) return undefined;
  const value = header.trim();
  if (/^\d+$/.test(value)) return Number(value) * 1000;
  const time = Date.parse(value);
  return Number.isNaN(time)
    ? undefined
    : Math.max(0, time - (dateOf(response) ?? platform.Date.now()));
}

/** Returns `undefined` unless it is a problem of Halley: others may use the same media type, and the same codes. */
function parseProblem(
  body: string,
  response: Response,
): Omit<HalleyErrorOptions, "status"> | undefined {
  const problem = mediaTypeOf(response) === PROBLEM_MEDIA_TYPE ? parseJson(body) : undefined;
  if (!isRecord(problem) || typeof problem.code !== "string") return undefined;
  const { type, status, code, title, detail = title, retryAfter, until, reason } = problem;
  if (type !== PROBLEM_TYPE + code || status !== response.status) return undefined;
  return {
    code,
    detail: typeof detail === "string" ? detail : "",
    retryAfter: typeof retryAfter === "number" ? retryAfter : undefined,
    until: typeof until === "number" ? until : undefined,
    reason: typeof reason === "string" ? reason : undefined,
  };
}

function describeForeign(response: Response): string {
  const { status, type } = response;
  // Browsers do not reveal the status of a redirect.
  const isRedirect = type === "opaqueredirect" || (status >= 300 && status < 400);
  const seen = isRedirect ? "a redirect" : `status ${status}`;
  const mediaType = mediaTypeOf(response);
  return `The answer is not from Halley: ${seen}${mediaType && ` with ${mediaType}`}`;
}

function mediaTypeOf({ headers }: Response): string {
  const [mediaType = ""] = (headers.get("content-type") ?? "").split(";");
  return mediaType.trim().toLowerCase();
}

/** Returns `undefined` if the text is not valid JSON. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
