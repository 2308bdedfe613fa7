import { isRecord } from "../../server/protocol/guards.ts";
import { parseRetryAfter } from "./retry_after.ts";

/** What is known about a request that was turned down. */
export interface Turndown {
  readonly code: string;
  readonly status: number;
  readonly detail: string;
  readonly retryAfter?: number | undefined;
}

/**
 * An answer other than the one that was asked for. `code` is the server's own, and stable; an answer that no Halley
 * server gives has the code `unexpected_answer`.
 */
export class HalleyError extends Error {
  override readonly name = "HalleyError";
  readonly code: string;
  /** The HTTP status. */
  readonly status: number;
  readonly detail: string;
  /** How many milliseconds the server wants to be left alone. */
  readonly retryAfter: number | undefined;

  constructor({ code, status, detail, retryAfter }: Turndown) {
    super(detail || `The server answered ${status}`);
    this.code = code;
    this.status = status;
    this.detail = detail;
    this.retryAfter = retryAfter;
  }
}

/** Reads an error from an answer (RFC 9457). Total: whatever the body is, there is an error to throw. */
export async function readError(response: Response): Promise<HalleyError> {
  const body = await response.text();
  const header = parseRetryAfter(response.headers.get("retry-after"));
  const problem = parseProblem(body);
  const unexpected = { code: "unexpected_answer", detail: "", retryAfter: undefined };
  const { retryAfter, ...known } = problem ?? unexpected;
  return new HalleyError({ ...known, status: response.status, retryAfter: retryAfter ?? header });
}

/** Whether asking again can change nothing: the request itself is at fault. */
export function isFinal(error: unknown): error is HalleyError {
  return error instanceof HalleyError && error.status >= 400 && error.status < 500 &&
    ![408, 425, 429].includes(error.status);
}

/** How many milliseconds the server wants to be left alone after that error. */
export function askedPause(error: unknown): number {
  return error instanceof HalleyError ? error.retryAfter ?? 0 : 0;
}

function parseProblem(body: string): Omit<Turndown, "status"> | undefined {
  const problem = parseJson(body);
  if (!isRecord(problem) || typeof problem.code !== "string") return undefined;
  const { code, title, detail = title, retryAfter } = problem;
  return {
    code,
    detail: typeof detail === "string" ? detail : "",
    retryAfter: typeof retryAfter === "number" ? retryAfter : undefined,
  };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // A proxy's page, most likely.
  }
}
