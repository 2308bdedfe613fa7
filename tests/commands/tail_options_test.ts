import { assertEquals, assertThrows } from "@std/assert";
import { UsageError } from "../../server/commands/client/command_error.ts";
import { parseTailOptions } from "../../server/commands/client/tail_options.ts";

Deno.test("[E5] one may read rooms, and the notices to everyone", () => {
  const { channels } = parseTailOptions(["room:tea", "everyone", "room:milk", "room:tea"]);

  assertEquals(channels, ["room:tea", "notice", "room:milk"]);
});

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
  Deno.test(`[E17] "halley ${["tail", ...args].join(" ")}" is a wrong call`, () => {
    assertThrows(() => parseTailOptions(args), UsageError);
  });
}
