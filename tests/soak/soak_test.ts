import { assertEquals, assertGreaterOrEqual, assertStringIncludes } from "@std/assert";
import { join } from "node:path";
import { TestFolder } from "../support/test_folder.ts";
import { LossyServer } from "./support/lossy_server.ts";
import { copyWith } from "./support/changed_copy.ts";
import { findingsOf, NOTHING } from "./support/findings.ts";
import { prove, proveFrom } from "./support/prove.ts";

/** How often the server is killed or stopped, and the length of the run. */
const [KILLS, SECONDS] = Deno.env.get("HALLEY_LONG") === "1" ? [50, 150] : [5, 12];

Deno.test(`[K1] with every kind of fault and ${KILLS} restarts of the server, nothing is lost, duplicated or out of order`, async () => {
  const { code, stderr, report } = await prove(
    ...["--readers", "20", "--senders", "5", "--rate", "100", "--share", "5"],
    ...["--duration", String(SECONDS), "--kills", String(KILLS), "--json"],
  );

  assertEquals(findingsOf(report), { ...NOTHING, restarts: KILLS }, stderr);
  assertEquals(code, 0, stderr);
  assertGreaterOrEqual(report.acknowledged, 100);
  assertGreaterOrEqual(report.delivered, report.acknowledged);
  const { edit = 0, delete: deleted = 0, erase = 0 } = report.faults;
  assertGreaterOrEqual(Math.min(edit, deleted, erase), 1, stderr);
  const kinds = Object.values(report.faults).filter((count) => count > 0).length;
  assertGreaterOrEqual(kinds, 14, stderr);
});

Deno.test("[Z10] with two workers, every kind of fault and restarts, nothing is lost, duplicated or out of order", async () => {
  const { code, stderr, report } = await prove(
    ...["--workers", "2", "--readers", "20", "--senders", "5", "--rate", "100", "--share", "5"],
    ...["--duration", String(SECONDS), "--kills", String(KILLS), "--json"],
  );

  assertEquals(findingsOf(report), { ...NOTHING, restarts: KILLS }, stderr);
  assertEquals(code, 0, stderr);
  assertGreaterOrEqual(report.acknowledged, 50);
});

Deno.test("[K17] with tokens that expire, foreign answers and tabs that come and go, nobody stops and nothing is lost", async () => {
  const { code, stderr, report } = await prove(
    ...["--auth", "jwt", "--faults", "foreign,gate,token,visit,reload,twin-send,kill"],
    ...["--share", "10", "--duration", "8", "--kills", "1", "--json"],
  );

  assertEquals(findingsOf(report), { ...NOTHING, restarts: 1 }, stderr);
  assertEquals(code, 0, stderr);
  const { foreign = 0, gate = 0, token = 0, visit = 0 } = report.faults;
  assertGreaterOrEqual(Math.min(foreign, gate, token, visit), 1, stderr);
});

Deno.test("[K14] a library that gives up because of a 404 that is not Halley's is found out, with status 1", async () => {
  using folder = TestFolder.make();
  await copyWith(folder.path, {
    file: "client/comet/halley_error.ts",
    right: "FINAL_CODES.includes(error.code)",
    wrong: "(FINAL_CODES.includes(error.code) || error.status === 404)",
  });
  const args = ["--faults", "foreign,gate", "--share", "20", "--duration", "3", "--patience", "1"];

  const { code, stderr, report } = await proveFrom(folder.path, ...args, "--json");

  assertEquals(code, 1, stderr);
  assertGreaterOrEqual(report.stopped, 1);
  assertStringIncludes(stderr, "The answer is not from Halley: status 404");
});

Deno.test("[K11] --json prints one object with all fields, and nothing else", async () => {
  await using server = LossyServer.open();
  const args = ["--duration", "1", "--faults", "none", "--json"];

  const { stdout } = await prove("--url", server.url, ...args);

  const fields =
    "seed sent acknowledged changed delivered lost duplicated outOfOrder outdated stopped gaps";
  assertEquals(Object.keys(JSON.parse(stdout)), [
    ...fields.split(" "),
    ...["latency", "faults", "restarts"],
  ]);
  assertEquals(stdout.trimEnd().includes("\n"), false);
});

Deno.test("[K11] without --json it prints a table with every number and every kind of fault", async () => {
  await using server = LossyServer.open();
  const faults = ["--faults", "cut-after,trickle", "--seed", "5"];

  const { code, stdout } = await prove("--url", server.url, "--duration", "1", ...faults);

  const names = [...stdout.matchAll(/^ *([a-z].*?)  +\d+(?: ms)?$/gm)].map(([, name]) => name);
  assertEquals(code, 0, stdout);
  assertEquals(names, [
    ...["seed", "sent", "acknowledged", "changed", "delivered", "lost", "duplicated"],
    ...[
      "out of order",
      "outdated",
      "stopped",
      "gaps",
      "latency p50",
      "latency p99",
      "latency max",
      "restarts",
      "cut-after",
      "trickle",
    ],
  ]);
});

Deno.test("[K12] a server that forgets messages once they are written is found out, with status 1", async () => {
  await using server = LossyServer.open();

  const { code, stderr, report } = await prove(
    ...["--url", server.url, "--duration", "3", "--share", "20", "--patience", "3", "--json"],
    ...["--faults", "cut-before,cut-within,abort"],
  );

  assertEquals(code, 1, stderr);
  assertGreaterOrEqual(report.lost, 1);
  assertStringIncludes(stderr, "did not receive");
});

Deno.test("[K13] the folder of the run's own server is kept and named if messages were lost, else removed", async () => {
  using folder = TestFolder.make();
  const program = join(folder.path, "lossy");
  const source = join(import.meta.dirname!, "support", "lossy_server.ts");
  await Deno.writeTextFile(program, `#!/bin/sh\nexec "${Deno.execPath()}" run -A "${source}"\n`);
  await Deno.chmod(program, 0o700);
  const args = [
    ...["--server", program, "--duration", "2", "--share", "50"],
    ...["--seed", "3", "--patience", "3"],
  ];

  const bad = await prove(...args, "--faults", "cut-before");
  const good = await prove(...args, "--faults", "cut-after");

  const [, kept = ""] = /^Database and log kept in (.+)$/m.exec(bad.stderr) ?? [];
  assertEquals(bad.code, 1, bad.stderr);
  assertEquals((await Deno.stat(kept)).isDirectory, true);
  await Deno.remove(kept, { recursive: true });
  assertEquals(good.code, 0, good.stderr);
  assertEquals(good.stderr.includes("kept"), false);
});
