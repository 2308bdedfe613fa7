import { assertEquals, assertGreaterOrEqual, assertStringIncludes } from "@std/assert";
import { join } from "node:path";
import { TestFolder } from "../support/test_folder.ts";
import { LossyServer } from "./support/lossy_server.ts";
import { prove } from "./support/prove.ts";

/** How often the server is killed or stopped, and for how many seconds the run lasts. */
const [KILLS, SECONDS] = Deno.env.get("HALLEY_LONG") === "1" ? [50, 150] : [5, 12];

Deno.test(`[K1] with every fault, and ${KILLS} times without a server, nothing is lost, duplicated or out of order`, async () => {
  const { code, stderr, result } = await prove(
    ...["--readers", "20", "--senders", "5", "--rate", "100", "--share", "5"],
    ...["--duration", String(SECONDS), "--kills", String(KILLS), "--json"],
  );

  const { lost, duplicated, outOfOrder, gaps, restarts } = result;
  const found = { code, lost, duplicated, outOfOrder, gaps, restarts };
  const nothing = { code: 0, lost: 0, duplicated: 0, outOfOrder: 0, gaps: 0, restarts: KILLS };
  assertEquals(found, nothing, stderr);
  assertGreaterOrEqual(result.acknowledged, 100);
  assertGreaterOrEqual(result.delivered, result.acknowledged);
  assertGreaterOrEqual(
    Object.values(result.faults).filter((count) => count > 0).length,
    12,
    stderr,
  );
});

Deno.test("[K11] --json prints one object of the promised fields, and nothing else", async () => {
  await using server = LossyServer.open();

  const { stdout } = await prove(
    "--url",
    server.url,
    "--duration",
    "1",
    "--faults",
    "none",
    "--json",
  );

  const fields = "seed sent acknowledged delivered lost duplicated outOfOrder gaps latency faults";
  assertEquals(Object.keys(JSON.parse(stdout)), [...fields.split(" "), "restarts"]);
  assertEquals(stdout.trimEnd().includes("\n"), false);
});

Deno.test("[K11] without --json it prints a table with every number and every kind of fault", async () => {
  await using server = LossyServer.open();
  const faults = ["--faults", "cut-after,trickle", "--seed", "5"];

  const { code, stdout } = await prove("--url", server.url, "--duration", "1", ...faults);

  const words = [...stdout.matchAll(/^ *([a-z].*?)  +\d+(?: ms)?$/gm)].map(([, word]) => word);
  assertEquals(code, 0, stdout);
  assertEquals(words, [
    ...["seed", "sent", "acknowledged", "delivered", "lost", "duplicated", "out of order", "gaps"],
    ...["latency p50", "latency p99", "latency max", "restarts", "cut-after", "trickle"],
  ]);
});

Deno.test("[K12] a server that forgets what it has written is found out: lost messages, status 1", async () => {
  await using server = LossyServer.open();

  const { code, stderr, result } = await prove(
    ...["--url", server.url, "--duration", "3", "--share", "20", "--patience", "3", "--json"],
    ...["--faults", "cut-before,cut-within,abort"],
  );

  assertEquals(code, 1, stderr);
  assertGreaterOrEqual(result.lost, 1);
  assertStringIncludes(stderr, "was not given");
});

Deno.test("[K13] what the prover's own server has left is kept and named when something was lost, else removed", async () => {
  using folder = TestFolder.make();
  const program = join(folder.path, "lossy");
  const source = join(import.meta.dirname!, "support", "lossy_server.ts");
  await Deno.writeTextFile(program, `#!/bin/sh\nexec "${Deno.execPath()}" run -A "${source}"\n`);
  await Deno.chmod(program, 0o700);
  const args = [
    "--server",
    program,
    "--duration",
    "2",
    "--share",
    "50",
    "--seed",
    "3",
    "--patience",
    "3",
  ];

  const bad = await prove(...args, "--faults", "cut-before");
  const good = await prove(...args, "--faults", "cut-after");

  const [, kept = ""] = /^Kept for a look: (.+)$/m.exec(bad.stderr) ?? [];
  assertEquals(bad.code, 1, bad.stderr);
  assertEquals((await Deno.stat(kept)).isDirectory, true);
  await Deno.remove(kept, { recursive: true });
  assertEquals(good.code, 0, good.stderr);
  assertEquals(good.stderr.includes("Kept"), false);
});
