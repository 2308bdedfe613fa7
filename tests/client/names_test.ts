import { assertEquals } from "@std/assert";
import { Names } from "../../client/ui/state/names.ts";

const alice = { publicToken: "aliceAliceAli1ce", displayName: "Alice" };

for (
  const displayName of [
    "alice",
    "Аlice",
    "ALICE",
    "A1ice",
    "A|ice",
    "Ａｌｉｃｅ",
    "Álice",
    "A. lice",
  ]
) {
  Deno.test(`[U39] "${displayName}" and "Alice" have marks`, () => {
    const other = { publicToken: "otherOtherOth2er", displayName };
    const names = new Names(alice);

    names.add(other);

    assertEquals([names.markOf(alice), names.markOf(other)], ["i1ce", "h2er"]);
  });
}

Deno.test("[U39] names that do not look alike have no marks", () => {
  const names = new Names({ ...alice, displayName: "🍵" });

  const others = ["Bob", "🥛"].map((displayName) => ({ publicToken: displayName, displayName }));
  for (const other of others) names.add(other);

  assertEquals(others.map((other) => names.markOf(other)), [undefined, undefined]);
});
