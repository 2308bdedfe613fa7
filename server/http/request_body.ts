import type { Context } from "hono";
import * as v from "valibot";
import { InexactNumberError, parseExactJson } from "../core/model/exact_json.ts";
import { Refused } from "../core/model/refused.ts";
import { isUsualPoll, schemas } from "../protocol/request_schemas.ts";
import type { PollRequest } from "../protocol/requests.ts";

/** Maximum size of a body in bytes, unless a route allows more. */
const BODY_BYTES = 64 * 1024;

const JSON_TYPE = /^application\/(json|[\w.-]+\+json)\s*(;|$)/i;

const CHARSET = /;\s*charset\s*=\s*"?([^\s;"]*)/gi;

/** The content type of almost all requests: it needs no further checks. */
const USUAL_TYPE = "application/json";

const utf8 = new TextDecoder("utf-8", { fatal: true });

const ABORT_EARLY = { abortEarly: true };

/** How {@linkcode readJson} reads a body. */
export interface ReadOptions<T> {
  /** Its maximum size. */
  readonly maxBytes?: number;
  /** Whether it is valid without doubt, so that the schema need not be asked. */
  readonly isUsual?: (body: unknown) => body is T;
}

/**
 * Reads the body of a request as JSON and validates it. Refuses with `unsupported_media_type`, `body_too_large`,
 * `bad_json` or `invalid_request`.
 */
export function readJson<const S extends v.GenericSchema>(
  c: Context,
  schema: S,
  { maxBytes = BODY_BYTES, isUsual }: ReadOptions<v.InferOutput<S>> = {},
): Promise<v.InferOutput<S>> {
  checkJsonType(c.req.raw);
  return limitSize(c.req.raw, maxBytes).arrayBuffer().then((bytes) => {
    const value = parseJson(decodeBody(bytes));
    return isUsual?.(value) ? value : validate(schema, value);
  }, refuseIncomplete);
}

function parseJson(text: string): unknown {
  try {
    // Only `data` has numbers that readers must get unchanged. Its letters may be escaped.
    return text.includes('"data"') || text.includes("\\u00")
      ? parseExactJson(text)
      : JSON.parse(text);
  } catch (error) {
    if (error instanceof InexactNumberError) throw new Refused("invalid_request", error.message);
    throw new Refused("bad_json", "The body is not valid JSON");
  }
}

/**
 * Reads the body of a poll. Unlike {@linkcode readJson}, it replaces bytes that are not UTF-8 by U+FFFD, which no name and no
 * cursor contains: Deno reads such a body in half the time.
 */
export function readPoll({ req: { raw } }: Context): Promise<PollRequest> {
  checkJsonType(raw);
  return limitSize(raw, BODY_BYTES).json().then(validatePoll, refuseBody);
}

function validatePoll(value: unknown): PollRequest {
  return isUsualPoll(value) ? value : validate(schemas.poll, value);
}

function refuseBody(error: unknown): never {
  if (error instanceof Refused) throw error;
  const detail = "The body is incomplete, begins with a byte order mark, or is not valid JSON";
  throw new Refused("bad_json", detail);
}

/**
 * Reads the body of a request as text in UTF-8. Refuses with `unsupported_media_type` if another charset is declared,
 * with `invalid_request` for other bytes, `body_too_large`, or `bad_json` if it is incomplete.
 */
export function readText(request: Request): Promise<string> {
  checkCharset(request.headers.get("content-type") ?? "");
  return limitSize(request, BODY_BYTES).arrayBuffer().then(decodeBody, refuseIncomplete);
}

function decodeBody(bytes: ArrayBuffer): string {
  try {
    return utf8.decode(bytes);
  } catch {
    throw new Refused("invalid_request", "The body is not valid UTF-8");
  }
}

function refuseIncomplete(error: unknown): never {
  throw error instanceof Refused ? error : new Refused("bad_json", "The body is incomplete");
}

/** Validates a body or the parameters of a query. Refuses with `invalid_request`. */
export function validate<const S extends v.GenericSchema>(
  schema: S,
  value: unknown,
): v.InferOutput<S> {
  if (Array.isArray(value)) throw new Refused("invalid_request", "The body must be an object");
  // A schema takes `__proto__`, `constructor` and other members that every object inherits for known.
  for (const key of Object.keys(Object(value))) {
    if (key in Object.prototype) throw new Refused("invalid_request", `"${key}" is unknown`);
  }
  const result = v.safeParse(schema, value, ABORT_EARLY);
  if (result.success) return result.output;
  throw new Refused("invalid_request", describeIssue(result.issues[0]));
}

function describeIssue(issue: v.BaseIssue<unknown>): string {
  const path = v.getDotPath(issue);
  if (path === null) return issue.message;
  if (issue.type !== "strict_object") return `"${path}": ${issue.message}`;
  return issue.received === "undefined" ? `"${path}" is missing` : `"${path}" is unknown`;
}

/** Refuses with `unsupported_media_type` a body that is not declared as JSON in UTF-8. */
function checkJsonType({ headers }: Request): void {
  const type = headers.get("content-type") ?? "";
  if (type === USUAL_TYPE) return;
  if (!JSON_TYPE.test(type)) {
    throw new Refused("unsupported_media_type", "The body must be application/json");
  }
  checkCharset(type);
}

function checkCharset(type: string): void {
  const charsets = type === USUAL_TYPE ? [] : [...type.matchAll(CHARSET)];
  // Servers and proxies differ in which of several charsets they take.
  if (charsets.every(([, charset = ""]) => /^utf-?8$/i.test(charset))) return;
  throw new Refused("unsupported_media_type", "The charset of the body must be utf-8");
}

/** Returns the request itself or, if its length is unknown, a body that fails when it exceeds the limit. */
function limitSize(request: Request, maxBytes: number): Request | Response {
  const length = request.headers.get("content-length");
  if (length !== null && /^\d{1,15}$/.test(length)) {
    if (Number(length) > maxBytes) throw tooLarge(maxBytes);
    return request;
  }
  // Only here: a stream that counts costs several times as much as reading the body.
  return new Response(request.body?.pipeThrough(byteCounter(maxBytes)) ?? null);
}

type Bytes = Uint8Array<ArrayBuffer>;

function byteCounter(maxBytes: number): TransformStream<Bytes, Bytes> {
  let bytes = 0;
  return new TransformStream({
    transform(chunk, controller) {
      bytes += chunk.byteLength;
      if (bytes > maxBytes) throw tooLarge(maxBytes);
      controller.enqueue(chunk);
    },
  });
}

function tooLarge(maxBytes: number): Refused {
  return new Refused("body_too_large", `The body is larger than ${maxBytes} bytes`);
}
