import { assertEquals, assertThrows } from "@std/assert";
import { join } from "node:path";
import { CommandError } from "../../server/commands/command_error.ts";
import {
  CursorFile,
  formatPosition,
  parsePosition,
} from "../../server/commands/client/cursor_file.ts";
import { TestFolder } from "../support/test_folder.ts";

Deno.test("[E8] a position is formatted as a cursor, with the id of the last printed message if it is later", () => {
  assertEquals(formatPosition({ cursor: "abc.7" }), "abc.7\n");
  assertEquals(formatPosition({ cursor: "abc.7", printedUpTo: 9 }), "abc.7 9\n");
  for (const position of [{ cursor: "abc.7" }, { cursor: "abc.7", printedUpTo: 9 }]) {
    assertEquals(parsePosition(formatPosition(position)), position);
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
  Deno.test(`[E9] ${JSON.stringify(text.slice(0, 20))} is not a valid position`, () => {
    assertEquals(parsePosition(text), undefined);
  });
}

Deno.test("[E9] a position is stored in a file, which is never half written", () => {
  using folder = TestFolder.make();
  const path = join(folder.path, "cursor");
  const file = new CursorFile(path);

  assertEquals(file.read(), undefined);
  file.write({ cursor: "abc.7", printedUpTo: 9 });
  // A crash of an earlier run can leave a draft.
  Deno.writeTextFileSync(`${path}.new`, "a longer text that was not completed");
  file.write({ cursor: "abc.8" });

  assertEquals(new CursorFile(path).read(), { cursor: "abc.8" });
  assertEquals([...Deno.readDirSync(folder.path)].map(({ name }) => name), ["cursor"]);
});

Deno.test("[E9] a file that does not contain a position is not changed", () => {
  using folder = TestFolder.make();
  const path = join(folder.path, "letter.txt");
  Deno.writeTextFileSync(path, "Dear Bob,\n");

  assertThrows(() => new CursorFile(path).read(), CommandError, "does not contain a cursor");

  assertEquals(Deno.readTextFileSync(path), "Dear Bob,\n");
});

Deno.test("[E9] a position that cannot be written is an error", () => {
  using folder = TestFolder.make();
  const file = new CursorFile(join(folder.path, "missing", "cursor"));

  assertThrows(() => file.write({ cursor: "abc.7" }), CommandError, "Cannot write");
});
