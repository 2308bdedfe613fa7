import { assertEquals, assertMatch } from "@std/assert";
import { readConfig } from "../../server/config/config.ts";
import { configErrors } from "./config_errors.ts";

Deno.test("[L35] RETAIN is a list of rules with channels and an age", () => {
  const { retain } = readConfig({
    RETAIN: "room:support-*:7d, room:tea:12h,direct:90m, notice:1d",
  });

  assertEquals(retain, [
    { channels: "room:support-*", maxAgeMs: 7 * 86_400_000 },
    { channels: "room:tea", maxAgeMs: 12 * 3_600_000 },
    { channels: "direct", maxAgeMs: 90 * 60_000 },
    { channels: "notice", maxAgeMs: 86_400_000 },
  ]);
});

Deno.test("[L35] a rule of RETAIN has channels and an age of at most RETAIN_DAYS", () => {
  for (
    const list of [
      ...["room:tea", "room:tea:0d", "room:tea:1w", "room:tea:8d", "room:tea:1.5h", "tea:1h"],
      ...["room:*:1h", "*:1h", "room:sup*:1h", "direct:*:1h", "notice:x:1h", "room:te a:1h"],
      ...["direct:1h,", "direct:1h,direct:2h", "room:tea:-1h", "direct:1 h"],
    ]
  ) {
    const [error = "", ...others] = configErrors({ RETAIN: list, RETAIN_DAYS: "7" });
    assertMatch(
      error,
      /^RETAIN is ".+"; allowed: none, or rules separated by commas, such as room:/,
    );
    assertEquals(others, []);
  }
});
