import { assertEquals } from "@std/assert";
import { Refused } from "../../server/core/model/refused.ts";
import { internalErrorResponse, refusalResponse } from "../../server/http/problem.ts";
import { FINAL_REFUSALS, PASSING_REFUSALS } from "../../server/protocol/refusal.ts";

const REFUSALS = [...FINAL_REFUSALS, ...PASSING_REFUSALS];

/** Each code in the table of API.md, with its status. */
async function documentedCodes(): Promise<Record<string, number>> {
  const text = await Deno.readTextFile(new URL("../../docs/API.md", import.meta.url));
  const [, section = ""] = text.split("\n## Problems\n");
  const [table = ""] = section.split("\n## ");
  const rows = [...table.matchAll(/^\| `(\w+)` +\| (\d{3}) /gm)];
  return Object.fromEntries(rows.map(([, code = "", status]) => [code, Number(status)]));
}

Deno.test("[R6] API.md has every code of a problem with its status, and no others", async () => {
  const statuses = REFUSALS
    // Stands only in `refused` of a poll's reply.
    .filter((code) => code !== "too_many_rooms")
    .map((code) => [code, refusalResponse(new Refused(code, "")).status]);

  assertEquals(await documentedCodes(), {
    ...Object.fromEntries(statuses),
    internal_error: internalErrorResponse().status,
  });
});

Deno.test("[R6] clients give up because of the codes with a status below 429, and of no others", () => {
  const final: readonly string[] = FINAL_REFUSALS;

  for (const code of REFUSALS) {
    const { status } = refusalResponse(new Refused(code, ""));
    assertEquals([code, final.includes(code)], [code, status < 429]);
  }
});
