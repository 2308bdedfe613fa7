/**
 * `deno task bench`: measures Halley beside a bare reference, in turn, on this machine, and prints each figure as a ratio.
 *
 * Needs Linux: it reads `/proc`, and its generator speaks to the kernel through libc.
 *
 * @module
 */

import type { CommitFloor } from "./commit_floor.ts";
import { median, type Reading, SCENARIOS } from "./figures.ts";
import { measure, measureCommitFloor } from "./measuring.ts";
import { type BenchOptions, parseOptions, USAGE } from "./options.ts";
import { Patience, TOLERATED } from "./patience.ts";
import { measureNodes } from "./nodes.ts";
import { isPinned } from "./pinning.ts";
import { type ServerName, SERVERS } from "./servers.ts";
import { formatStores, measureStores } from "./stores.ts";
import { formatNumber, formatTable, rowsOf } from "./table.ts";

/** The milliseconds that a run may lose to other work on this machine. */
const PATIENCE = 240_000;

interface Measured {
  readonly readings: Record<ServerName, Reading[]>;
  readonly floors: CommitFloor[];
  /** The largest share of one CPU that others used during a measurement. */
  others: number;
}

const options = readOptions();
const stop = stopRequested();
try {
  if (options.instead === "nodes") await measureNodes();
  else if (options.instead === "stores") console.log(formatStores(await measureStores()));
  else await measureServers(options);
  Deno.exit(0);
} catch (error) {
  console.error(`\nThe benchmark failed: ${messageOf(error)}`);
  Deno.exit(1);
}

async function measureServers(options: BenchOptions): Promise<void> {
  const measured = await measureAll(options);
  report(measured);
  if (options.json !== undefined) writeJson(options.json, measured);
}

function readOptions(): BenchOptions {
  try {
    const options = parseOptions(Deno.args);
    if (options !== undefined) return options;
    console.log(USAGE);
    Deno.exit(0);
  } catch (error) {
    console.error(`${messageOf(error)}\n\n${USAGE}`);
    Deno.exit(2);
  }
}

function stopRequested(): AbortSignal {
  const controller = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    Deno.addSignalListener(signal, () => controller.abort());
  }
  return controller.signal;
}

async function measureAll({ pairs, scenarios, servers }: BenchOptions): Promise<Measured> {
  const measured: Measured = { readings: { reference: [], halley: [] }, floors: [], others: 0 };
  const patience = new Patience(PATIENCE);
  console.log(introduction());
  for (let pair = 1; pair <= pairs; pair++) {
    const round = `${pair}/${pairs}`;
    for (const scenario of scenarios) {
      // Beside the appends, since the speed of disks changes from minute to minute.
      if (scenario === "appends") {
        progress(round, "SQLite", "durable commits, without any server");
        measured.floors.push(await measureCommitFloor(stop));
      }
      for (const server of servers) {
        progress(round, SERVERS[server].title, SCENARIOS[scenario]);
        const onAgain = (others: number) =>
          progress("", "", `again: others used at least ${percent(others)} of a CPU`);
        const task = { scenario, server };
        const { readings, others } = await measure(task, { patience, stop, onAgain });
        measured.readings[server].push(...readings);
        measured.others = Math.max(measured.others, others);
      }
    }
  }
  return measured;
}

function introduction(): string {
  const place = isPinned ? "pinned to a CPU each" : "not pinned to CPUs";
  return `Halley and a bare reference in turn, each fresh for each kind of load.\n` +
    `Server and generator are two processes, ${place}, of ${navigator.hardwareConcurrency} CPUs.\n`;
}

function progress(...[round, server, what]: [round: string, server: string, what: string]): void {
  const time = new Date().toTimeString().slice(0, 8);
  console.log(`${time}  ${round.padEnd(3)}  ${server.padEnd(9)}  ${what}`);
}

function report({ readings, floors, others }: Measured): void {
  console.log(`\n${formatTable(rowsOf(readings))}\n`);
  if (floors.length > 0) {
    const single = median(floors.map((floor) => floor.singly));
    const grouped = median(floors.map((floor) => floor.grouped));
    console.log(
      "* Halley's are durable when acknowledged; the reference stores nothing. SQLite alone, durably:\n" +
        `  ${formatNumber(single)} rows/s one by one, ${
          formatNumber(grouped)
        } rows/s in groups of 64.`,
    );
  }
  console.log("A generator near 100 % was the brake, and not the server.");
  if (readings.halley.some(({ figure }) => figure === "memory.poll")) {
    console.log(
      "Sessions are signed in before the memory is first read, and are not part of a poll's.",
    );
  }
  if (others > TOLERATED) {
    console.log(
      `Others used up to ${percent(others)} of a CPU meanwhile: not every figure is reliable.`,
    );
  }
}

function writeJson(path: string, { readings, floors, others }: Measured): void {
  const figures = rowsOf(readings);
  const json = { at: new Date(), isPinned, others, figures, sqlite: floors };
  Deno.writeTextFileSync(path, JSON.stringify(json, undefined, 2) + "\n");
}

function percent(share: number): string {
  return `${Math.round(share * 100)} %`;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
