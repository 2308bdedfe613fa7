import { assertEquals, assertMatch } from "@std/assert";
import { join } from "node:path";
import { TestFolder } from "../support/test_folder.ts";
import { isThere } from "./proxied.ts";

const UNIT = new URL("../../docs/deploy/halley.service", import.meta.url);

/** What `systemd-analyze security` may find at most, in tenths: 96 is no protection at all. */
const EXPOSURE = 20;

const ignore = !isThere("systemd", "systemd-analyze");

Deno.test(
  { name: "[O60] systemd takes the unit, and has nothing to say against it", ignore },
  async () => {
    using folder = TestFolder.make();
    const path = await place(folder.path);

    const { success, said } = await analyze("verify", "--man=no", path);

    assertEquals(said, "");
    assertEquals(success, true);
  },
);

Deno.test(
  { name: "[O60] the unit leaves the service little to do harm with", ignore },
  async () => {
    using folder = TestFolder.make();
    const path = await place(folder.path);

    const { success, said } = await analyze(
      ...["security", "--offline=true", `--threshold=${EXPOSURE}`, "--no-pager", path],
    );

    assertEquals(success, true, said);
  },
);

Deno.test("[O60] the unit gives the server the time that it needs to stop", async () => {
  const unit = await Deno.readTextFile(UNIT);
  const numberOf = (name: string) => Number(new RegExp(`^${name}=(\\d+)$`, "m").exec(unit)?.[1]);

  // The longest delay that it is meant for, and the time for the last answers.
  assertEquals(numberOf("TimeoutStopSec") > 10 + 2.5, true);
  assertMatch(unit, /^KillSignal=SIGTERM$/m);
  // PARKED_POLLS is 19,500 by default.
  assertEquals(numberOf("LimitNOFILE") > 19_500 + 1_000, true);
});

/** The unit with a program that is there. */
async function place(folder: string): Promise<string> {
  const path = join(folder, "halley.service");
  const unit = await Deno.readTextFile(UNIT);
  await Deno.writeTextFile(path, unit.replaceAll("/usr/local/bin/halley", Deno.execPath()));
  return path;
}

async function analyze(...args: string[]): Promise<{ success: boolean; said: string }> {
  const { success, stdout, stderr } = await new Deno.Command("systemd-analyze", {
    args,
    env: { NO_COLOR: "1" },
  }).output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  return { success, said: text(stderr) + (success ? "" : text(stdout)) };
}
