import { Refused } from "../../server/core/model/refused.ts";
import { internalErrorResponse, refusalResponse } from "../../server/http/problem.ts";
import {
  FINAL_REFUSALS,
  PASSING_REFUSALS,
  type Problem,
  PROBLEM_MEDIA_TYPE,
} from "../../server/protocol/refusal.ts";
import { REF } from "./json_schemas.ts";
import type { Node, Operation } from "./operation.ts";

/** What the problems of all operations share. */
export interface ProblemParts {
  /** An example of each code. */
  readonly problems: ReadonlyMap<string, Problem>;
  /** Problems by the name of their response. */
  readonly responses: Map<string, Node>;
}

/** The problems of an operation by their status, those of any request included. */
export function refusalsOf(operation: Operation, { problems, responses }: ProblemParts): Node {
  const { path, by, open, body, text, query, refusals = [], replies } = operation;
  const codes = new Set<string>([
    ...(body !== undefined || text !== undefined ? BODY_REFUSALS : []),
    ...(query !== undefined || path.includes("{id}") ? ["invalid_request"] : []),
    ...(by.length > 0 ? ["not_signed_in", "too_many_requests"] : []),
    ...(by.length > 0 && !open ? ["token_expired", "kicked", "banned", "keys_unavailable"] : []),
    ...refusals,
    ...["bad_host", "unknown_host", "internal_error"],
  ]);
  const found = [...problems.values()].filter(({ code, status }) =>
    codes.has(code) && !(status in replies)
  );
  const byStatus = Map.groupBy(found, ({ status }) => status);
  const refs = [...byStatus].map(([status, list]) => {
    const codes = list.map(({ code }) => code);
    const name = `problem_${codes.join("_")}`;
    responses.set(name, problemResponse(status, codes));
    return [status, { $ref: `#/components/responses/${name}` }];
  });
  const all = [...problems.keys()];
  responses.set("problem", { description: "Any other problem", content: problemContent(all) });
  return { ...Object.fromEntries(refs), default: { $ref: "#/components/responses/problem" } };
}

const BODY_REFUSALS = ["bad_json", "body_too_large", "unsupported_media_type", "invalid_request"];

function problemResponse(status: number, codes: readonly string[]): Node {
  const names = [
    ...(status === 401 ? ["WWW-Authenticate"] : []),
    ...(status === 405 ? ["Allow"] : []),
    ...(status >= 429 ? ["Retry-After"] : []),
    ...(status === 429 ? ["RateLimit", "RateLimit-Policy"] : []),
  ];
  const headers = names.map((name) => [name, { $ref: `#/components/headers/${name}` }]);
  return {
    description: codes.join(", "),
    ...(names.length > 0 && { headers: Object.fromEntries(headers) }),
    content: problemContent(codes),
  };
}

function problemContent(codes: readonly string[]): Node {
  const problem = { $ref: `${REF}Problem` };
  const schema = { allOf: [problem, { type: "object", properties: { code: { enum: codes } } }] };
  const examples = Object.fromEntries(
    codes.map((code) => [code, { $ref: `#/components/examples/${code}` }]),
  );
  return { [PROBLEM_MEDIA_TYPE]: { schema, examples } };
}

/** A problem of each code, as the server answers with it. */
export async function exampleProblems(): Promise<Map<string, Problem>> {
  const problems = new Map<string, Problem>();
  for (const code of [...FINAL_REFUSALS, ...PASSING_REFUSALS]) {
    const retryAfter = PASSING_REFUSALS.some((one) => one === code) ? 1000 : undefined;
    const response = refusalResponse(new Refused(code, "What was wrong, for people", retryAfter));
    problems.set(code, await response.json());
  }
  return problems.set("internal_error", await internalErrorResponse().json());
}
