import { assertEquals, assertMatch } from "@std/assert";
import { join } from "node:path";
import { TestFolder } from "../support/test_folder.ts";
import { isInstalled } from "./proxied.ts";

const UNIT = new URL("../../docs/deploy/halley.service", import.meta.url);

/** Maximum exposure level that `systemd-analyze security` may report, in tenths; 96 is an unprotected service. */
const EXPOSURE = 20;

const ignore = !isInstalled("systemd", "systemd-analyze");

Deno.test(
  { name: "[O60] systemd accepts the unit without a warning", ignore },
  async () => {
    using folder = TestFolder.make();
    const path = await writeUnit(folder.path);

    const { success, output } = await analyze("verify", "--man=no", path);

    assertEquals(output, "");
    assertEquals(success, true);
  },
);

Deno.test(
  { name: "[O60] the unit restricts the service", ignore },
  async () => {
    using folder = TestFolder.make();
    const path = await writeUnit(folder.path);

    const { success, output } = await analyze(
      ...["security", "--offline=true", `--threshold=${EXPOSURE}`, "--no-pager", path],
    );

    assertEquals(success, true, output);
  },
);

Deno.test("[O60] the unit gives the server enough time to stop", async () => {
  const unit = await Deno.readTextFile(UNIT);
  const numberOf = (name: string) => Number(new RegExp(`^${name}=(\\d+)$`, "m").exec(unit)?.[1]);

  // The maximum DRAIN_DELAY that the unit is meant for, and the time for the last responses.
  assertEquals(numberOf("TimeoutStopSec") > 10 + 2.5, true);
  assertMatch(unit, /^KillSignal=SIGTERM$/m);
  // PARKED_POLLS is 19,500 by default.
  assertEquals(numberOf("LimitNOFILE") > 19_500 + 1_000, true);
});

/** Writes the unit with the path of an executable that exists. */
async function writeUnit(folder: string): Promise<string> {
  const path = join(folder, "halley.service");
  const unit = await Deno.readTextFile(UNIT);
  await Deno.writeTextFile(path, unit.replaceAll("/usr/local/bin/halley", Deno.execPath()));
  return path;
}

async function analyze(...args: string[]): Promise<{ success: boolean; output: string }> {
  const { success, stdout, stderr } = await new Deno.Command("systemd-analyze", {
    args,
    env: { NO_COLOR: "1" },
  }).output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  return { success, output: text(stderr) + (success ? "" : text(stdout)) };
}
