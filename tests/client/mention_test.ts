import { assertEquals } from "@std/assert";
import { mentions } from "../../client/ui/notifications/notifier.ts";

const TEXTS: readonly (readonly [text: string, name: string, isMentioned: boolean])[] = [
  ["@alice", "alice", true],
  ["look, @Alice!", "alice", true],
  ["(@alice)", "Alice", true],
  ["@alicent", "alice", false],
  ["@alicent and @alice", "alice", true],
  ["alice", "alice", false],
  ["mail@alice", "alice", false],
  ["@alice_2", "alice", false],
  ["@alice你好", "alice", true],
  ["请@小彗看一下", "小彗", true],
  ["@alice b. Goode", "Alice B.", true],
  ["@a.b", "a.b", true],
  ["@axb", "a.b", false],
];

for (const [text, name, isMentioned] of TEXTS) {
  Deno.test(`[U54] "${text}" ${isMentioned ? "names" : "does not name"} ${name}`, () => {
    assertEquals(mentions(text, name), isMentioned);
  });
}
