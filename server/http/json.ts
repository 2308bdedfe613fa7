import type { Context } from "hono";
import * as v from "valibot";
import { Refused } from "../core/refusal.ts";

const HEADERS = {
  "content-type": "application/json",
  "cache-control": "no-store",
  "x-content-type-options": "nosniff",
};

/** The body of a request, checked. Refuses what is no JSON, does not fit the schema, or is too large. */
export async function readJson<const S extends v.GenericSchema>(
  c: Context,
  schema: S,
): Promise<v.InferOutput<S>> {
  const type = c.req.header("content-type") ?? "";
  if (!/^application\/(json|[\w.-]+\+json)\b/i.test(type)) {
    throw new Refused("unsupported_media_type", "The body must be application/json");
  }
  return fit(schema, await parse(c));
}

/** A value as the schema has it. Refuses with `invalid_request` what does not fit. */
export function fit<const S extends v.GenericSchema>(schema: S, value: unknown): v.InferOutput<S> {
  const result = v.safeParse(schema, value, { abortEarly: true });
  if (result.success) return result.output;
  const [issue] = result.issues;
  const path = v.getDotPath(issue);
  throw new Refused(
    "invalid_request",
    path === null ? issue.message : `"${path}": ${issue.message}`,
  );
}

/** An answer in JSON. */
export function jsonResponse(value: unknown, status = 200): Response {
  return rawJsonResponse(JSON.stringify(value), status);
}

/** An answer that is JSON text already. */
export function rawJsonResponse(json: string, status = 200): Response {
  return new Response(json, { status, headers: HEADERS });
}

async function parse(c: Context): Promise<unknown> {
  try {
    return await c.req.json();
  } catch (error) {
    if (error instanceof Refused) throw error;
    throw new Refused("bad_json", "Cannot read the body as JSON");
  }
}
