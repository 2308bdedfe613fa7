import { assertEquals } from "@std/assert";
import { signal } from "@preact/signals";
import { Names } from "../../client/ui/state/names.ts";
import { RoomNames } from "../../client/ui/state/room_names.ts";

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
    "Ali\u200cce",
    "Ali\u200bce",
    "\u2060Alice",
    "Alice\ufe0f",
    "Alic\ufe0fe",
    "Al\u{e0101}ice",
    "Ali\u00adce",
    "Alice\u3164",
    "AIice",
    "@lice",
    "4l!c3",
    "ΑӏіϲЕ",
  ]
) {
  Deno.test(`[U39] "${displayName}" and "Alice" have marks`, () => {
    const other = { publicToken: "otherOtherOth2er", displayName };
    const names = new Names(alice);

    names.add(other);

    assertEquals([names.markOf(alice), names.markOf(other)], ["i1ce", "h2er"]);
  });
}

Deno.test("[U39] names without letters look alike if they differ in what is invisible", () => {
  const names = new Names({ ...alice, displayName: "❤" });
  const other = { publicToken: "otherOtherOth2er", displayName: "❤\ufe0f" };

  names.add(other);

  assertEquals(names.markOf(other), "h2er");
});

Deno.test("[U39] names that do not look alike have no marks", () => {
  const names = new Names({ ...alice, displayName: "🍵" });

  const others = ["Bob", "🥛"].map((displayName) => ({ publicToken: displayName, displayName }));
  for (const other of others) names.add(other);

  assertEquals(others.map((other) => names.markOf(other)), [undefined, undefined]);
});

/** Two names of rooms, and their marks. */
const ROOMS: readonly (readonly [string, string, readonly (string | undefined)[]])[] = [
  ["tea", "tеa", ["U+0065", "U+0435"]],
  ["tea", "tea\ufe0f", ["–", "U+FE0F"]],
  ["lol", "Iol", ["U+006C", "U+0049"]],
  ["tea", "t\u034fea", ["U+0065", "U+034F"]],
  ["tea", "tea-", ["–", "U+002D"]],
  ["tea", "team", [undefined, undefined]],
  ["茶", "茶\u{e0100}", ["–", "U+E0100"]],
];

Deno.test("[U69] of three rooms that look the same, each has a mark of its own", () => {
  const rooms = ["lobby", "l\u043ebby", "l\u043ebb\u0443"];

  const names = new RoomNames(() => rooms);

  assertEquals(rooms.map((room) => names.markOf(room)), [
    "U+006F",
    "U+043E U+0079",
    "U+043E U+0443",
  ]);
});

for (const [one, other, marks] of ROOMS) {
  Deno.test(`[U69] the rooms ${JSON.stringify([one, other])} have the marks ${marks}`, () => {
    const rooms = signal([one, one]);
    const names = new RoomNames(() => rooms.value);
    names.markOf(one);

    rooms.value = [...rooms.value, other];

    assertEquals([names.markOf(one), names.markOf(other)], marks);
  });
}
