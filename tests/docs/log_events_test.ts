import { assertEquals } from "@std/assert";
import { sourceFiles } from "../support/source_files.ts";

/** A call that logs an event: its level and name. */
const WRITTEN = /\(\s*"(error|warn|info|debug)",\s*"([a-z_]+)"/g;

/** A row of the table of events: name and level. */
const ROW = /^\| `([a-z_]+)` +\| (error|warn|info|debug) +\|/gm;

Deno.test("[X5] OPERATING.md lists every event that is logged, with its level", async () => {
  const page = await Deno.readTextFile(new URL("../../docs/OPERATING.md", import.meta.url));
  const sources = (await sourceFiles()).filter(({ path }) => path.startsWith("server/"));

  const written = sources.flatMap(({ text }) =>
    [...text.matchAll(WRITTEN)].map(([, level, name]) => `${level} ${name}`)
  );
  const documented = [...page.matchAll(ROW)].map(([, name, level]) => `${level} ${name}`);

  assertEquals(written.length > 10, true, "the sources contain events");
  assertEquals(written.filter((event) => !documented.includes(event)), []);
});
