import { problemBody } from "../support/problem_body.ts";
import type { Answer, Handler } from "./fault_proxy.ts";

/** Passes the request on, and loses the answer. */
export const lose: Handler = async (passing) => {
  await passing.forward();
  passing.drop();
};

/** Passes the request on, and loses the second half of the answer. */
export const cut: Handler = async (passing) => passing.cut(await passing.forward());

/** Answers in the server's place. */
export function answerWith(answer: Answer): Handler {
  return (passing) => passing.answer(answer);
}

/** A problem as Halley answers with it. */
export function problem(status: number, code: string, retryAfter?: number): Answer {
  const body = {
    ...problemBody(status, code),
    ...(retryAfter !== undefined && { retryAfter }),
  };
  return {
    status,
    headers: { "content-type": "application/problem+json" },
    body: JSON.stringify(body),
  };
}

const HTML = { "content-type": "text/html" };

/** Answers of others than Halley, by what they are. */
export const FOREIGN = {
  "an error page 502": { status: 502, headers: HTML, body: "<h1>Bad gateway</h1>" },
  "a 401 of a gate": {
    status: 401,
    headers: { ...HTML, "www-authenticate": "Basic" },
    body: "<h1>Who are you?</h1>",
  },
  "a 401 with JSON": {
    status: 401,
    headers: { "content-type": "application/json" },
    body: '{"error":"unauthorized"}',
  },
  "a 404 of a proxy": { status: 404, headers: HTML, body: "<h1>Not found</h1>" },
  "a problem of someone else": {
    status: 403,
    headers: { "content-type": "application/problem+json" },
    body: '{"type":"about:blank","title":"Forbidden","status":403,"code":"not_allowed"}',
  },
  "a page with 200": { status: 200, headers: HTML, body: "<h1>Welcome to our network</h1>" },
  "other JSON with 200": {
    status: 200,
    headers: { "content-type": "application/json" },
    body: '{"status":"ok"}',
  },
} satisfies Record<string, Answer>;
