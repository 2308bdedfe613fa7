import type { Context } from "hono";
import * as v from "valibot";
import { Refused } from "../core/model/refused.ts";
import { readJsonValue } from "./body.ts";
import { SECURITY_HEADERS } from "./security_headers.ts";

const JSON_HEADERS = { "content-type": "application/json", ...SECURITY_HEADERS };

const JSON_TYPE = /^application\/(json|[\w.-]+\+json)\s*(;|$)/i;

/** The body of a request, checked. Refuses what is no JSON, does not fit the schema, or is too large. */
export async function readJson<const S extends v.GenericSchema>(
  c: Context,
  schema: S,
  bytes?: number,
): Promise<v.InferOutput<S>> {
  if (!JSON_TYPE.test(c.req.raw.headers.get("content-type") ?? "")) {
    throw new Refused("unsupported_media_type", "The body must be application/json");
  }
  return fit(schema, await readJsonValue(c.req.raw, bytes));
}

const ABORT_EARLY = { abortEarly: true };

/** A value as the schema has it. Refuses with `invalid_request` what does not fit. */
export function fit<const S extends v.GenericSchema>(schema: S, value: unknown): v.InferOutput<S> {
  if (Array.isArray(value)) throw new Refused("invalid_request", "The body must be an object");
  checkKeys(value);
  const result = v.safeParse(schema, value, ABORT_EARLY);
  if (result.success) return result.output;
  throw new Refused("invalid_request", complaint(result.issues[0]));
}

/** A schema takes for known what every object has: `__proto__`, `constructor`, … */
function checkKeys(value: unknown): void {
  if (typeof value !== "object" || value === null) return;
  for (const key of Object.keys(value)) {
    if (key in Object.prototype) throw new Refused("invalid_request", `"${key}" is not known`);
  }
}

function complaint(issue: v.BaseIssue<unknown>): string {
  const path = v.getDotPath(issue);
  if (path === null) return issue.message;
  if (issue.type !== "strict_object") return `"${path}": ${issue.message}`;
  return issue.received === "undefined" ? `"${path}" is missing` : `"${path}" is not known`;
}

/** An answer in JSON. */
export function jsonResponse(value: unknown, status = 200): Response {
  return rawJsonResponse(JSON.stringify(value), status);
}

/** An answer that is JSON text already. */
export function rawJsonResponse(json: string, status = 200): Response {
  return new Response(json, { status, headers: JSON_HEADERS });
}

/** An answer that says all by its status. */
export function emptyResponse(status: number): Response {
  return new Response(null, { status, headers: SECURITY_HEADERS });
}
