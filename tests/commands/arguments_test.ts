import { assertEquals, assertMatch, assertThrows } from "@std/assert";
import { UsageError } from "../../server/commands/command_error.ts";
import { parseSendOptions } from "../../server/commands/send.ts";
import { parseTailOptions } from "../../server/commands/tail.ts";
import { runCommand } from "./back_end.ts";

const TERMINAL = { isTerminal: true };
const PIPE = { isTerminal: false };

Deno.test("[E2] send takes the text or the JSON from an argument or from the standard input", () => {
  const bodyOf = (args: string[], input = TERMINAL) =>
    parseSendOptions(["room:tea", ...args], input).body;

  assertEquals(bodyOf(["hello"]), { text: "hello" });
  assertEquals(bodyOf(["hello"], PIPE), { text: "hello" });
  assertEquals(bodyOf(["--", "--help"]), { text: "--help" });
  assertEquals(bodyOf(["-"]), "stdin");
  assertEquals(bodyOf([], PIPE), "stdin");
  assertEquals(bodyOf(["--data", '{"a":1}'], PIPE), { data: '{"a":1}' });
  assertEquals(bodyOf(["--data", "-"]), "stdin as data");
});

Deno.test("[E3] send tries for 30 seconds, or for --timeout", () => {
  assertEquals(parseSendOptions(["room:tea", "hello"], TERMINAL).timeout, 30_000);
  assertEquals(parseSendOptions(["room:tea", "hello", "--timeout", "2"], TERMINAL).timeout, 2_000);
});

Deno.test("[E5] tail reads rooms, and the notices to everyone", () => {
  const { channels } = parseTailOptions(["room:tea", "everyone", "room:milk", "room:tea"]);

  assertEquals(channels, ["room:tea", "notice", "room:milk"]);
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
  Deno.test(`[E17] "halley ${["send", ...args].join(" ")}" is rejected`, () => {
    assertThrows(() => parseSendOptions(args, TERMINAL), UsageError);
  });
}

for (
  const args of [
    [],
    ["tea"],
    ["direct:cYc8Dlk16xzi2wVZ:0wC8BvuuufPfVVhX"],
    ["user:7"],
    ["room:tea", "--limit", "0"],
    ["room:tea", "--history", "-1"],
    ["room:tea", "--cursor", ""],
    ["room:tea", "--follow"],
  ]
) {
  Deno.test(`[E17] "halley ${["tail", ...args].join(" ")}" is rejected`, () => {
    assertThrows(() => parseTailOptions(args), UsageError);
  });
}

for (const command of ["send", "tail", "token"]) {
  Deno.test(`[E17] "halley ${command} --help" prints the usage, and needs no key`, async () => {
    const { code, stdout, stderr } = await runCommand({ args: [command, "--help"] });

    assertEquals([code, stderr], [0, ""]);
    assertMatch(stdout, new RegExp(`^usage: halley ${command} `));
  });

  Deno.test(`[E17] "halley ${command}" without arguments prints an error and the usage, with status 2`, async () => {
    const { code, stdout, stderr } = await runCommand({ args: [command] });

    assertEquals([code, stdout], [2, ""]);
    assertMatch(stderr, new RegExp(`^[^\\n]+\\n\\nusage: halley ${command} `));
  });
}
