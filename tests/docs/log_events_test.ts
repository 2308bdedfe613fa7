import { assertEquals } from "@std/assert";
import { sourceFiles } from "../support/source_files.ts";

/** How an event is written: its level, and its name. */
const WRITTEN = /\(\s*"(error|warn|info|debug)",\s*"([a-z_]+)"/g;

/** A row of the table of events: its name, and its level. */
const ROW = /^\| `([a-z_]+)` +\| (error|warn|info|debug) +\|/gm;

Deno.test("[X5] OPERATING.md names every event that is logged, with its level", async () => {
  const page = await Deno.readTextFile(new URL("../../docs/OPERATING.md", import.meta.url));
  const sources = (await sourceFiles()).filter(({ path }) => path.startsWith("server/"));

  const written = sources.flatMap(({ text }) =>
    [...text.matchAll(WRITTEN)].map(([, level, name]) => `${level} ${name}`)
  );
  const told = [...page.matchAll(ROW)].map(([, name, level]) => `${level} ${name}`);

  assertEquals(written.length > 10, true, "events are found in the sources");
  assertEquals(written.filter((event) => !told.includes(event)), []);
});
