/**
 * `deno task bench --disturbance`: how long deliveries to a reader take while one client attacks within its limits. The
 * aim is a median below 20 ms and a p99 below 200 ms with each attack, on one CPU.
 *
 * @module
 */

import { delay } from "../../server/base/delay.ts";
import type { Tally } from "./disturbance/attacker.ts";
import { type AttackName, ATTACKS } from "./disturbance/attacks.ts";
import { timeDeliveries } from "./disturbance/deliveries.ts";
import { fillStore, type Seed } from "./disturbance/seed.ts";
import { pinnedTo } from "./pinning.ts";
import { startServer } from "./servers.ts";

/** Duration of a measurement, in ms. It includes the burst that the limits allow at the beginning. */
const DURATION = 8_000;

/** Time in ms that the deliveries run for before the attack begins; these are not counted. */
const WARM_UP = 1_500;

/** Measures each attack with a new server over a copy of the same store, and prints a table. */
export async function measureDisturbance(names: readonly AttackName[]): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "halley-bench-" });
  try {
    const template = `${folder}/template`;
    console.log("Filling a store …");
    const seed = await fillStore(`sqlite:${template}/h.db`);
    const seedFile = `${folder}/seed.json`;
    await Deno.writeTextFile(seedFile, JSON.stringify(seed));
    console.log(rowOf(["attack", "requests/s", "refused/s", "median ms", "p99 ms", "max ms"]));
    for (const name of names) {
      const copy = `${folder}/${name}`;
      await copyFolder(template, copy);
      await measure(name, { store: `sqlite:${copy}/h.db`, seed, seedFile });
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

async function measure(
  name: AttackName,
  { store, seed, seedFile }: { store: string; seed: Seed; seedFile: string },
): Promise<void> {
  await using server = await startServer("halley", {
    STORE: store,
    LIMITS: "on",
    TRUST_PROXY: "1",
  });
  const { port } = server;
  const timing = timeDeliveries(port, seed, { warmUp: WARM_UP, duration: DURATION });
  await delay(WARM_UP);
  const attacker = startAttacker(port, name, seedFile);
  const times = (await Promise.race([timing, server.failed]).finally(() => attacker.kill()))
    .toSorted((a, b) => a - b);
  const { accepted, refused } = tallyOf((await attacker.output()).stdout);
  const perSecond = (count: number) => (1_000 * count / DURATION).toFixed(0);
  const at = (share: number) =>
    times[Math.min(times.length - 1, Math.floor(times.length * share))]?.toFixed(1) ?? "";
  console.log(rowOf([
    ATTACKS[name].title,
    ...[accepted, refused].map(perSecond),
    ...[0.5, 0.99, 1].map(at),
  ]));
}

function startAttacker(port: number, name: AttackName, seedFile: string): Deno.ChildProcess {
  const script = import.meta.resolve("./disturbance/attacker.ts");
  const run = [
    Deno.execPath(),
    "run",
    "--no-prompt",
    "--allow-net",
    "--allow-read",
    script,
  ] as const;
  const [command, ...args] = pinnedTo(1, [...run, String(port), name, seedFile]);
  return new Deno.Command(command, { args, stdin: "null", stdout: "piped" }).spawn();
}

/** The last tally that an attacker has written. */
function tallyOf(output: Uint8Array): Tally {
  return JSON.parse(new TextDecoder().decode(output).trim().split("\n").at(-1) || "{}");
}

async function copyFolder(from: string, to: string): Promise<void> {
  await Deno.mkdir(to);
  for await (const { name } of Deno.readDir(from)) {
    await Deno.copyFile(`${from}/${name}`, `${to}/${name}`);
  }
}

function rowOf([title = "", ...numbers]: readonly string[]): string {
  return title.padEnd(50) + numbers.map((number) => number.padStart(11)).join("");
}
