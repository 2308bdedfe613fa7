import { assertEquals } from "@std/assert";
import { sourceFiles } from "./support/source_files.ts";

const RULE = /^\| ([A-Z]\d+) +\|/gm;
const TITLE = /\[([A-Z]\d+)\] /g;
const UNRULED = /(?:Deno\.test|test)\(\s*["'`](?!\[[A-Z]\d+\] |\$\{)[^"'`]*["'`]/g;

async function rules(): Promise<string[]> {
  const page = await Deno.readTextFile(new URL("../docs/SPEC.md", import.meta.url));
  return [...page.matchAll(RULE)].map(([, id]) => id ?? "");
}

async function testFiles(): Promise<{ path: string; text: string }[]> {
  return (await sourceFiles()).filter(({ path }) => path.startsWith("tests/"));
}

Deno.test("[X3] no two rules have the same id", async () => {
  const ids = await rules();

  assertEquals(ids.filter((id, n) => ids.indexOf(id) !== n), []);
});

Deno.test("[X3] every rule has a test, and every test's rule is there", async () => {
  const tested = (await testFiles()).flatMap(({ text }) =>
    [...text.matchAll(TITLE)].map(([, id]) => id ?? "")
  );

  const [wanted, found] = [new Set(await rules()), new Set(tested)];

  assertEquals([...wanted.difference(found)], [], "rules without a test");
  assertEquals([...found.difference(wanted)], [], "tests of a rule that is not there");
});

Deno.test("[X3] every test's title begins with a rule", async () => {
  const files = await testFiles();

  const titles = files.flatMap(({ text }) => [...text.matchAll(UNRULED)].map(([title]) => title));

  assertEquals(titles, []);
});
