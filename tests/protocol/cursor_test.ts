import { assertEquals, assertMatch } from "@std/assert";
import { formatCursor, parseCursor } from "../../server/protocol/cursor.ts";

Deno.test("[A7] a cursor is one word, and the same place when it is read again", () => {
  const place = { epoch: "k3f9", id: 1042 };

  const word = formatCursor(place);

  assertMatch(word, /^[\x21-\x7e]+$/);
  assertEquals(parseCursor(word), place);
});

Deno.test("[A7] a word that is no cursor is recognised as none", () => {
  for (
    const word of ["", ".", "k3f9", "k3f9.", ".7", "k3f9.07", "k3f9.-1", "k3f9.1e3", "K.1", "x.7 "]
  ) {
    assertEquals(parseCursor(word), undefined);
  }
  assertEquals(parseCursor("k3f9.9999999999999999"), undefined);
});
