import { assertEquals, assertMatch } from "@std/assert";
import { ServerProcess } from "../support/server_process.ts";
import { prove } from "./support/prove.ts";

Deno.test("[Y16] soak waits as long as a server with rate limits asks, and nothing is lost", async () => {
  const settings = { STORE: "memory", SENDS_PER_SESSION: "10/2s", SIGN_INS: "8/1s" };
  await using server = await ServerProcess.start({ settings });

  const { code, stderr, report } = await prove(
    ...["--url", server.url, "--readers", "10", "--senders", "3", "--rate", "60"],
    ...["--duration", "3", "--faults", "none", "--json"],
  );

  const { lost, duplicated, outOfOrder } = report;
  const found = { code, lost, duplicated, outOfOrder };
  assertEquals(found, { code: 0, lost: 0, duplicated: 0, outOfOrder: 0 }, stderr);
  const metrics = await (await fetch(`${server.url}/metrics`)).text();
  assertMatch(metrics, /^halley_limited_total\{limit="sends-per-session"\} [1-9]/m);
});
