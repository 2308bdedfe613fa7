import { assertEquals, assertGreaterOrEqual } from "@std/assert";
import { join } from "node:path";

const ROOT = join(import.meta.dirname!, "..", "..");

Deno.test("[X4] the table of divided logs in docs/SCALING.md is the output of the simulation", async () => {
  const page = await Deno.readTextFile(join(ROOT, "docs", "SCALING.md"));
  const table = page.slice(page.indexOf("<!-- division -->")).split("\n\n")[1] ?? "";

  const { stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["run", join(ROOT, "tests", "bench", "division.ts")],
  }).output();

  const shown = rowsOf(table.replaceAll("|", " "));
  assertGreaterOrEqual(shown.length, 10);
  assertEquals(shown, rowsOf(new TextDecoder().decode(stdout)));
});

/** The lines that begin with a number, with single blanks. */
function rowsOf(text: string): string[] {
  return text.split("\n").map((line) => line.trim().replaceAll(/\s+/g, " "))
    .filter((line) => /^\d+ [a-z]+ \d/.test(line));
}
