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
import { TOLERATED } from "./disturbance_budget.ts";
import { openCpuWindow } from "./load/cpu_window.ts";
import { cpuSeconds } from "./process_usage.ts";
import { pinnedTo } from "./pinning.ts";
import { startServer } from "./servers.ts";

/** Duration of a measurement, in ms. It includes the burst that the limits allow at the beginning. */
const DURATION = 8_000;

/** Time in ms that the deliveries run for before the attack begins; these are not counted. */
const WARM_UP = 1_500;

/** Maximum number of attempts for each attack while other processes disturb the measurement. */
const ATTEMPTS = 3;

const HEAD = ["attack", "requests/s", "refused/s", "median ms", "p99 ms", "max ms", "others"];

/** The measurement of one attack. */
interface Measured {
  /** Times of the deliveries in ms, in ascending order. */
  readonly times: readonly number[];
  readonly tally: Tally;
  /** Share of one CPU that other processes used, which makes the times longer. */
  readonly others: number;
}

/** Measures each attack with a new server over a copy of the same store, and prints a table. */
export async function measureDisturbance(
  names: readonly AttackName[],
  stop: AbortSignal,
): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "halley-bench-" });
  try {
    const template = `${folder}/template`;
    console.log("Filling a store …");
    const seed = await fillStore(`sqlite:${template}/h.db`);
    const seedFile = `${folder}/seed.json`;
    await Deno.writeTextFile(seedFile, JSON.stringify(seed));
    console.log(rowOf(HEAD));
    for (const name of names) {
      let best: Measured | undefined;
      for (let n = 1; n <= ATTEMPTS && (best?.others ?? Infinity) > TOLERATED; n++) {
        stop.throwIfAborted();
        const copy = `${folder}/${name}-${n}`;
        await copyFolder(template, copy);
        const measured = await measure(name, { store: `sqlite:${copy}/h.db`, seed, seedFile });
        if (measured.others < (best?.others ?? Infinity)) best = measured;
      }
      if (best !== undefined) console.log(rowOf(cellsOf(name, best)));
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

async function measure(
  name: AttackName,
  { store, seed, seedFile }: { store: string; seed: Seed; seedFile: string },
): Promise<Measured> {
  await using server = await startServer("halley", {
    STORE: store,
    LIMITS: "on",
    TRUST_PROXY: "1",
  });
  const { port, pid } = server;
  const timing = timeDeliveries(port, seed, { warmUp: WARM_UP, duration: DURATION });
  await delay(WARM_UP);
  const attacker = startAttacker(port, name, seedFile);
  const endWindow = openCpuWindow(pid);
  const times = await Promise.race([timing, server.failed]);
  const { others, seconds } = endWindow();
  const attackerCpu = cpuSeconds(attacker.pid) / seconds;
  attacker.kill();
  const tally = tallyOf((await attacker.output()).stdout);
  return { times: times.toSorted((a, b) => a - b), tally, others: others - attackerCpu };
}

function cellsOf(name: AttackName, { times, tally, others }: Measured): readonly string[] {
  const perSecond = (count: number) => (1_000 * count / DURATION).toFixed(0);
  const at = (share: number) =>
    times[Math.min(times.length - 1, Math.floor(times.length * share))]?.toFixed(1) ?? "";
  return [
    ATTACKS[name].title,
    ...[tally.accepted, tally.refused].map(perSecond),
    ...[0.5, 0.99, 1].map(at),
    `${(100 * others).toFixed(0)} %`,
  ];
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
