import { assertEquals, assertMatch } from "@std/assert";

/** Settings of processes, as of different machines. */
const SETTINGS: readonly Readonly<Record<string, string>>[] = [
  { TZ: "Asia/Shanghai", LANG: "zh_CN.UTF-8", WORKERS: "4" },
  { TZ: "America/St_Johns", LANG: "C", DENO_V8_FLAGS: "--single-threaded,--no-opt" },
];

Deno.test("[K18] a run is the same in processes with other time zones, languages and V8 flags", async () => {
  const [one, ...others] = await Promise.all(SETTINGS.map((env) => simulate(env)));

  assertMatch(one ?? "", /^seed 7: [0-9a-f]{64}\n$/);
  assertEquals(others, [one]);
});

/** What the command prints for seed 7. */
async function simulate(env: Readonly<Record<string, string>>): Promise<string> {
  const script = new URL("simulate.ts", import.meta.url).pathname;
  const config = new URL("../deno.json", import.meta.url).pathname;
  const args = ["run", "-A", "-q", "--no-check", "--config", config, script, "--seed", "7"];
  const { stdout } = await new Deno.Command(Deno.execPath(), { args, env }).output();
  return new TextDecoder().decode(stdout);
}
