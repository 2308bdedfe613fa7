/**
 * `deno task bench`: measures Halley beside a bare reference, in turn, on this machine, and prints each figure as a ratio.
 *
 * Needs Linux: it reads `/proc`, and its generator speaks to the kernel through libc.
 *
 * @module
 */

import type { CommitFloor } from "./commit_floor.ts";
import { median, type Reading, type ScenarioName, SCENARIOS } from "./figures.ts";
import { type BenchOptions, parseOptions, USAGE } from "./options.ts";
import { isPinned, pinnedTo } from "./pinning.ts";
import { TOLERATED, untilQuiet } from "./quiet.ts";
import { type ServerName, SERVERS, startServer } from "./servers.ts";
import { formatNumber, formatTable, rowsOf } from "./table.ts";

/** No scenario takes as long: one that does has failed. */
const SCENARIO_LIMIT = 90_000;
/** Waits at most so long for other work on this machine to end, before each scenario. */
const PATIENCE = 10_000;

interface Measured {
  readonly readings: Record<ServerName, Reading[]>;
  readonly floors: CommitFloor[];
}

const options = readOptions();
try {
  const measured = await measure(options);
  report(measured);
  if (options.json !== undefined) writeJson(options.json, measured);
} catch (error) {
  console.error(`\nThe benchmark failed: ${error instanceof Error ? error.message : error}`);
  Deno.exit(1);
}

function readOptions(): BenchOptions {
  try {
    const options = parseOptions(Deno.args);
    if (options !== undefined) return options;
    console.log(USAGE);
    Deno.exit(0);
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : error}\n\n${USAGE}`);
    Deno.exit(2);
  }
}

async function measure({ pairs, scenarios, servers }: BenchOptions): Promise<Measured> {
  const measured: Measured = { readings: { reference: [], halley: [] }, floors: [] };
  console.log(introduction());
  for (let pair = 1; pair <= pairs; pair++) {
    for (const scenario of scenarios) {
      // Beside the appends, since the speed of disks changes from minute to minute.
      if (scenario === "appends") {
        progress(`${pair}/${pairs}`, "SQLite", "durable commits, without any server");
        measured.floors.push(await measureCommitFloor());
      }
      for (const server of servers) {
        progress(`${pair}/${pairs}`, SERVERS[server].title, SCENARIOS[scenario]);
        await untilQuiet(PATIENCE);
        measured.readings[server].push(...await measureOne(scenario, server));
      }
    }
  }
  return measured;
}

/** Puts one fresh server under one kind of load. */
async function measureOne(scenario: ScenarioName, name: ServerName): Promise<Reading[]> {
  await using server = await startServer(name);
  const script = import.meta.resolve("./load.ts");
  // Deno counts the reading of another process's /proc entry as access to everything.
  const [command, ...args] = pinnedTo(1, [Deno.execPath(), "run", "--allow-all", script]);
  const load = new Deno.Command(command, {
    args: [...args, scenario, String(server.port), String(server.pid)],
    stdin: "null",
    stdout: "piped",
    stderr: "inherit",
    signal: AbortSignal.timeout(SCENARIO_LIMIT),
  }).spawn();
  const { success, stdout } = await Promise.race([load.output(), server.failed]);
  if (!success) throw new Error(`the load "${scenario}" on ${SERVERS[name].title} broke off`);
  return JSON.parse(new TextDecoder().decode(stdout));
}

/** On the CPU and on the disk that Halley is measured on. */
async function measureCommitFloor(): Promise<CommitFloor> {
  const folder = await Deno.makeTempDir({ prefix: "halley-bench-" });
  try {
    const script = import.meta.resolve("./commit_floor.ts");
    const flags = ["--no-prompt", "--allow-read", "--allow-write"];
    const [command, ...args] = pinnedTo(0, [Deno.execPath(), "run", ...flags, script]);
    const floor = new Deno.Command(command, { args, cwd: folder, stderr: "inherit" });
    const { success, stdout } = await floor.output();
    if (!success) throw new Error("SQLite alone could not be measured");
    return JSON.parse(new TextDecoder().decode(stdout));
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

function introduction(): string {
  const place = isPinned ? "pinned to a CPU each" : "not pinned to CPUs";
  return `Halley and a bare reference in turn, each fresh for each kind of load.\n` +
    `Server and generator are two processes, ${place}, of ${navigator.hardwareConcurrency} CPUs.\n`;
}

function progress(...words: readonly string[]): void {
  const time = new Date().toTimeString().slice(0, 8);
  const [round = "", server = "", what = ""] = words;
  console.log(`${time}  ${round}  ${server.padEnd(9)}  ${what}`);
}

function report({ readings, floors }: Measured): void {
  console.log(`\n${formatTable(rowsOf(readings))}\n`);
  if (floors.length > 0) {
    const single = median(floors.map((floor) => floor.singly));
    const grouped = median(floors.map((floor) => floor.grouped));
    console.log(
      `* Halley's appends are durable when acknowledged; the reference stores nothing. SQLite alone, durably:\n` +
        `  ${formatNumber(single)} rows/s one by one, ${
          formatNumber(grouped)
        } rows/s in groups of 64.`,
    );
  }
  console.log(
    "The sessions are signed in before the memory is first read: the memory of a poll is without its session.\n" +
      "A generator near 100 % was the brake, and not the server.",
  );
  const others = Math.max(...Object.values(readings).flat().map((one) => one.others ?? 0));
  if (others > TOLERATED) {
    const share = Math.round(others * 100);
    console.log(
      `Other work took up to ${share} % of a CPU meanwhile: these figures are unreliable.`,
    );
  }
}

function writeJson(path: string, { readings, floors }: Measured): void {
  const json = { at: new Date(), pinned: isPinned, figures: rowsOf(readings), sqlite: floors };
  Deno.writeTextFileSync(path, JSON.stringify(json, undefined, 2) + "\n");
}
