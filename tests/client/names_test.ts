import { assertEquals } from "@std/assert";
import { Names } from "../../client/ui/state/names.ts";

const alice = { publicToken: "aliceAliceAli1ce", displayName: "Alice" };

for (const displayName of ["alice", "Аlice", "ALICE", "A1ice", "Ａｌｉｃｅ"]) {
  Deno.test(`[U39] "${displayName}" is told apart from "Alice"`, () => {
    const other = { publicToken: "otherOtherOth2er", displayName };
    const names = new Names(alice);

    names.note(other);

    assertEquals([names.markOf(alice), names.markOf(other)], ["i1ce", "h2er"]);
  });
}

Deno.test("[U39] names that do not look alike have no marks", () => {
  const names = new Names(alice);

  names.note({ publicToken: "bobBobBobBobBob2", displayName: "Bob" });

  assertEquals(names.markOf(alice), undefined);
});
