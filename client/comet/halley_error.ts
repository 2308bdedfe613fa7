import { isRecord } from "../../server/protocol/guards.ts";

/** What is known about a request that failed. */
export interface HalleyErrorOptions {
  readonly code: string;
  readonly status: number;
  readonly detail: string;
  readonly retryAfter?: number | undefined;
}

/**
 * The server rejected a request, or its reply was not valid. `code` is stable: it is the server's problem code
 * (docs/API.md) or one of the library's own:
 *
 * - `unexpected_answer`: the reply does not come from a Halley server, but from a proxy or captive portal, for example.
 * - `key_expired`: `send` has stopped repeating a message. It is not known whether the message arrived.
 */
export class HalleyError extends Error {
  override readonly name = "HalleyError";
  readonly code: string;
  /** The HTTP status; 0 for `key_expired`. */
  readonly status: number;
  /** An explanation for people. */
  readonly detail: string;
  /** How long the server asks the client to wait, in ms. */
  readonly retryAfter: number | undefined;

  constructor({ code, status, detail, retryAfter }: HalleyErrorOptions) {
    super(detail || `The server answered with status ${status}`);
    this.code = code;
    this.status = status;
    this.detail = detail;
    this.retryAfter = retryAfter;
  }
}

/** Reads the error from a response (RFC 9457). Every body gives an error. */
export async function readError(response: Response): Promise<HalleyError> {
  const body = await response.text();
  const header = parseRetryAfter(response.headers.get("retry-after"));
  const problem = parseProblem(body);
  const unexpected = { code: "unexpected_answer", detail: "", retryAfter: undefined };
  const { retryAfter, ...known } = problem ?? unexpected;
  return new HalleyError({ ...known, status: response.status, retryAfter: retryAfter ?? header });
}

/** Whether it is pointless to repeat the request. */
export function isFinal(error: unknown): error is HalleyError {
  if (!(error instanceof HalleyError)) return false;
  const { code, status } = error;
  return code === "key_expired" ||
    (status >= 400 && status < 500 && ![408, 425, 429].includes(status));
}

/** How long the server asks the client to wait after this error, in ms; 0 if it does not. */
export function retryAfterOf(error: unknown): number {
  return error instanceof HalleyError ? error.retryAfter ?? 0 : 0;
}

/** Parses a `Retry-After` header, in seconds or as an HTTP date (RFC 9110, 10.2.3), to milliseconds from now. */
function parseRetryAfter(header: string | null): number | undefined {
  if (header === null) return undefined;
  const value = header.trim();
  if (/^\d+$/.test(value)) return Number(value) * 1000;
  const time = Date.parse(value);
  return Number.isNaN(time) ? undefined : Math.max(0, time - Date.now());
}

function parseProblem(body: string): Omit<HalleyErrorOptions, "status"> | undefined {
  const problem = parseJson(body);
  if (!isRecord(problem) || typeof problem.code !== "string") return undefined;
  const { code, title, detail = title, retryAfter } = problem;
  return {
    code,
    detail: typeof detail === "string" ? detail : "",
    retryAfter: typeof retryAfter === "number" ? retryAfter : undefined,
  };
}

/** Returns `undefined` if the text is not valid JSON. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
