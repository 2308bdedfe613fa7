import { assertEquals, assertThrows } from "@std/assert";
import { UsageError } from "../../server/commands/client/command_error.ts";
import { parseSending } from "../../server/commands/send.ts";

const TERMINAL = { isTerminal: true };
const PIPE = { isTerminal: false };

Deno.test("[E2] what is sent is the argument, JSON, or the standard input", () => {
  const bodyOf = (args: string[], where = TERMINAL) =>
    parseSending(["room:tea", ...args], where).body;

  assertEquals(bodyOf(["hello"]), { text: "hello" });
  assertEquals(bodyOf(["hello"], PIPE), { text: "hello" });
  assertEquals(bodyOf(["--", "--help"]), { text: "--help" });
  assertEquals(bodyOf(["-"]), "stdin");
  assertEquals(bodyOf([], PIPE), "stdin");
  assertEquals(bodyOf(["--data", '{"a":1}'], PIPE), { data: '{"a":1}' });
  assertEquals(bodyOf(["--data", "-"]), "stdin as data");
});

Deno.test("[E3] a send is tried for 30 seconds, or as long as it is told to", () => {
  assertEquals(parseSending(["room:tea", "hello"], TERMINAL).timeout, 30_000);
  assertEquals(parseSending(["room:tea", "hello", "--timeout", "2"], TERMINAL).timeout, 2_000);
});

for (
  const args of [
    [],
    ["room:tea"],
    ["room:tea", "lunch", "is", "here"],
    ["room:tea", "hello", "--data", "1"],
    ["room:tea", "hello", "--timeout", "0"],
    ["room:tea", "hello", "--timeout", "soon"],
    ["room:tea", "hello", "--key", "two words"],
    ["room:tea", "hello", "--loud"],
    ["room:tea", "hello", "--title"],
  ]
) {
  Deno.test(`[E17] "halley ${["send", ...args].join(" ")}" is a wrong call`, () => {
    assertThrows(() => parseSending(args, TERMINAL), UsageError);
  });
}
