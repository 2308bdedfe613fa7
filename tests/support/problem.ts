import { assertEquals } from "@std/assert";
import type { Problem } from "../../server/protocol/refusal.ts";

/** Expects a problem as in RFC 9457 with this status and code, and returns it. */
export async function expectRefusal(
  pending: Response | Promise<Response>,
  status: number,
  code: Problem["code"],
): Promise<Problem> {
  const response = await pending;
  const problem: Problem = await response.json();
  assertEquals([response.status, problem.status, problem.code], [status, status, code]);
  assertEquals(response.headers.get("content-type"), "application/problem+json");
  assertEquals(response.headers.get("cache-control"), "no-store");
  assertEquals(response.headers.get("x-content-type-options"), "nosniff");
  return problem;
}
