import { assertEquals, assertThrows } from "@std/assert";
import { join } from "node:path";
import { CommandError } from "../../server/commands/client/command_error.ts";
import { CursorFile, formatPlace, parsePlace } from "../../server/commands/client/cursor_file.ts";
import { TestFolder } from "../support/test_folder.ts";

Deno.test("[E8] a place is written as a cursor, and the id up to which was printed if that is later", () => {
  assertEquals(formatPlace({ cursor: "abc.7" }), "abc.7\n");
  assertEquals(formatPlace({ cursor: "abc.7", printedUpTo: 9 }), "abc.7 9\n");
  for (const place of [{ cursor: "abc.7" }, { cursor: "abc.7", printedUpTo: 9 }]) {
    assertEquals(parsePlace(formatPlace(place)), place);
  }
});

for (
  const text of [
    "",
    "\n",
    "abc.7",
    "two words\n",
    "a b 7\n",
    "abc.7\nmore\n",
    "x".repeat(500) + "\n",
  ]
) {
  Deno.test(`[E9] ${JSON.stringify(text.slice(0, 20))} is no place`, () => {
    assertEquals(parsePlace(text), undefined);
  });
}

Deno.test("[E9] a place is kept in a file, which is never half written", () => {
  using folder = TestFolder.make();
  const path = join(folder.path, "cursor");
  const file = new CursorFile(path);

  assertEquals(file.read(), undefined);
  file.write({ cursor: "abc.7", printedUpTo: 9 });
  // What a crash of an earlier run may have left.
  Deno.writeTextFileSync(`${path}.new`, "a longer text that was not finished");
  file.write({ cursor: "abc.8" });

  assertEquals(new CursorFile(path).read(), { cursor: "abc.8" });
  assertEquals([...Deno.readDirSync(folder.path)].map(({ name }) => name), ["cursor"]);
});

Deno.test("[E9] a file that is something else is left as it is", () => {
  using folder = TestFolder.make();
  const path = join(folder.path, "letter.txt");
  Deno.writeTextFileSync(path, "Dear Bob,\n");

  assertThrows(() => new CursorFile(path).read(), CommandError, "is no file with a cursor");

  assertEquals(Deno.readTextFileSync(path), "Dear Bob,\n");
});

Deno.test("[E9] a place that cannot be kept is told", () => {
  using folder = TestFolder.make();
  const file = new CursorFile(join(folder.path, "missing", "cursor"));

  assertThrows(() => file.write({ cursor: "abc.7" }), CommandError, "Cannot write");
});
