/**
 * `deno task bench`: measures Halley and a minimal reference server alternately on this machine, and prints ratios.
 *
 * Needs Linux: it reads `/proc`, and the load generator calls libc.
 *
 * @module
 */

import { abortedBySignal, readOptions } from "./command.ts";
import { errorMessage } from "../../server/base/error_message.ts";
import type { SqliteBaseline } from "./sqlite_baseline.ts";
import { median, type Reading, SCENARIOS } from "./metrics.ts";
import { measure, measureSqliteBaseline } from "./measuring.ts";
import { type BenchOptions, parseOptions, USAGE } from "./options.ts";
import { measureDisturbance } from "./disturbance.ts";
import { DisturbanceBudget, TOLERATED } from "./disturbance_budget.ts";
import { measureNodes } from "./nodes.ts";
import { measurePatterns } from "./patterns.ts";
import { isPinned } from "./pinning.ts";
import { measureSearch } from "./search.ts";
import { type ServerName, SERVERS } from "./servers.ts";
import { formatStores, measureStores } from "./stores.ts";
import { measurePage } from "./page.ts";
import { measureWidget } from "./widget.ts";
import { formatNumber, formatTable, rowsOf } from "./table.ts";

/** Time (ms) that a run may lose because of other processes on this machine. */
const BUDGET = 240_000;

interface Measured {
  readonly readings: Record<ServerName, Reading[]>;
  readonly baselines: SqliteBaseline[];
  /** The largest share of one CPU that other processes used during a measurement. */
  others: number;
}

const options = readOptions(parseOptions, USAGE);
const stop = abortedBySignal();
try {
  if (options.instead === "nodes") await measureNodes();
  else if (options.instead === "patterns") await measurePatterns();
  else if (options.instead === "page") await measurePage();
  else if (options.instead === "widget") await measureWidget();
  else if (options.instead === "disturbance") await measureDisturbance(options.attacks, stop);
  else if (options.instead === "search") await measureSearch();
  else if (options.instead === "stores") console.log(formatStores(await measureStores()));
  else await measureServers(options);
  Deno.exit(0);
} catch (error) {
  console.error(`\nThe benchmark failed: ${errorMessage(error)}`);
  Deno.exit(1);
}

async function measureServers(options: BenchOptions): Promise<void> {
  const measured = await measureAll(options);
  report(measured);
  if (options.json !== undefined) writeJson(options.json, measured);
}

async function measureAll({ pairs, scenarios, servers }: BenchOptions): Promise<Measured> {
  const measured: Measured = { readings: { reference: [], halley: [] }, baselines: [], others: 0 };
  const budget = new DisturbanceBudget(BUDGET);
  console.log(introduction());
  for (let pair = 1; pair <= pairs; pair++) {
    const round = `${pair}/${pairs}`;
    for (const scenario of scenarios) {
      // Right before the appends, because the speed of disks varies from minute to minute.
      if (scenario === "appends") {
        progress(round, "SQLite", "durable commits, without a server");
        measured.baselines.push(await measureSqliteBaseline(stop));
      }
      for (const server of servers) {
        progress(round, SERVERS[server].title, SCENARIOS[scenario]);
        const onRetry = (others: number) =>
          progress("", "", `retry: other processes used at least ${percent(others)} of a CPU`);
        const task = { scenario, server };
        const { readings, others } = await measure(task, { budget, stop, onRetry });
        measured.readings[server].push(...readings);
        measured.others = Math.max(measured.others, others);
      }
    }
  }
  return measured;
}

function introduction(): string {
  const pinning = isPinned ? "each pinned to a CPU" : "not pinned to CPUs";
  return `Measures Halley and a minimal reference alternately, with a new process for each scenario.\n` +
    `Server and load generator are two processes, ${pinning}, of ${navigator.hardwareConcurrency} CPUs.\n`;
}

function progress(
  ...[round, server, activity]: [round: string, server: string, activity: string]
): void {
  const time = new Date().toTimeString().slice(0, 8);
  console.log(`${time}  ${round.padEnd(3)}  ${server.padEnd(9)}  ${activity}`);
}

function report({ readings, baselines, others }: Measured): void {
  console.log(`\n${formatTable(rowsOf(readings))}\n`);
  if (baselines.length > 0) {
    const single = median(baselines.map(({ single }) => single));
    const grouped = median(baselines.map(({ grouped }) => grouped));
    console.log(
      "* Halley's appends are durable when acknowledged; the reference stores nothing. SQLite alone:\n" +
        `  ${formatNumber(single)} durable rows/s one by one, ${
          formatNumber(grouped)
        } rows/s in groups of 64.`,
    );
  }
  console.log("If the generator is near 100 %, it was the bottleneck, not the server.");
  if (readings.halley.some(({ metric }) => metric === "memory.poll")) {
    console.log(
      "The memory per poll does not include its session.",
    );
  }
  if (others > TOLERATED) {
    console.log(
      `Other processes used up to ${percent(others)} of a CPU: some numbers may be unreliable.`,
    );
  }
}

function writeJson(path: string, { readings, baselines, others }: Measured): void {
  const metrics = rowsOf(readings);
  const json = { at: new Date(), isPinned, others, metrics, sqlite: baselines };
  Deno.writeTextFileSync(path, JSON.stringify(json, undefined, 2) + "\n");
}

function percent(share: number): string {
  return `${Math.round(share * 100)} %`;
}
