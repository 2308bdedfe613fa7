import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { runToEnd } from "../support/server_process.ts";

const SETTINGS = { HAS_DB: "Y", STORE: "sqlite:tea.db" };

Deno.test("[B10] a database that was never available fails the start after 10 s, with status 1", async () => {
  const [sqlite, server] = await Promise.all([
    runToEnd({ settings: { ...SETTINGS, NOTICES_DB: "sqlite:shop.db" } }),
    runToEnd({ settings: { ...SETTINGS, NOTICES_DB: "postgres://alice:cup@127.0.0.1:1/tea" } }),
  ]);

  for (const { code, stdout, stderr } of [sqlite, server]) {
    const lines = stderr.split("\n").slice(0, -1);
    assertEquals({ code, stdout }, { code: 1, stdout: "" }, stderr);
    // A log line at the first attempt, and the final error.
    assertEquals(lines.length, 2, stderr);
    assertStringIncludes(lines[0] ?? "", '"event":"notices_unavailable"');
    assertMatch(lines[1] ?? "", /^Cannot read notices from "/);
    assertEquals(stderr.includes("cup"), false, stderr);
  }
});
