import type { CommitFloor } from "./commit_floor.ts";
import type { Measurement, ScenarioName } from "./figures.ts";
import type { Patience } from "./patience.ts";
import { pinnedTo } from "./pinning.ts";
import { type ServerName, SERVERS, startServer } from "./servers.ts";

/** What is measured on what. */
export interface Task {
  readonly scenario: ScenarioName;
  readonly server: ServerName;
}

/** What a measurement keeps to. */
export interface Conditions {
  readonly patience: Patience;
  /** Ends what runs. */
  readonly stop: AbortSignal;
  /** Is told the share of one CPU that others used in the best attempt, when it is measured again for that. */
  readonly onAgain: (others: number) => void;
}

/** No scenario takes as many milliseconds: one that does has failed. */
const LIMIT = 90_000;

/** A measurement that is disturbed is made so many times at most. */
const ATTEMPTS = 3;

/** Measures when the machine is quiet, and again when it was not; what was disturbed least counts, whatever it says. */
export async function measure(task: Task, conditions: Conditions): Promise<Measurement> {
  const { patience, stop, onAgain } = conditions;
  await patience.untilQuiet();
  const start = Date.now();
  let best = await measureOnce(task, stop);
  for (let n = 1; n < ATTEMPTS && patience.allowsAgain(best.others, Date.now() - start); n++) {
    onAgain(best.others);
    await patience.untilQuiet();
    const measurement = await measureOnce(task, stop);
    if (measurement.others < best.others) best = measurement;
  }
  return best;
}

/** Measures SQLite alone, on the CPU and on the disk that Halley is measured on. */
export async function measureCommitFloor(stop: AbortSignal): Promise<CommitFloor> {
  const folder = await Deno.makeTempDir({ prefix: "halley-bench-" });
  try {
    const flags = ["--no-prompt", "--allow-read", "--allow-write"];
    return await outputOf([...flags, import.meta.resolve("./commit_floor.ts")], {
      cpu: 0,
      cwd: folder,
      stop,
    });
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** Puts one fresh server under one kind of load. */
async function measureOnce({ scenario, server: name }: Task, stop: AbortSignal) {
  await using server = await startServer(name);
  const { port, pid } = server;
  const isOver = new AbortController();
  // Deno counts the reading of another process's /proc entry as access to everything.
  const script = ["--allow-all", import.meta.resolve("./load.ts")];
  const load = outputOf<Measurement>([...script, scenario, String(port), String(pid)], {
    cpu: 1,
    stop: AbortSignal.any([stop, isOver.signal]),
  });
  try {
    return await Promise.race([load, server.failed]);
  } catch (error) {
    const what = `"${scenario}" on ${SERVERS[name].title}`;
    throw new Error(`${what}: ${error instanceof Error ? error.message : error}`);
  } finally {
    isOver.abort();
  }
}

/** Runs a script on one CPU, and reads what it prints as JSON. */
async function outputOf<T>(
  script: readonly string[],
  { cpu, cwd = ".", stop }: { cpu: number; cwd?: string; stop: AbortSignal },
): Promise<T> {
  const [command, ...args] = pinnedTo(cpu, [Deno.execPath(), "run", ...script]);
  const signal = AbortSignal.any([stop, AbortSignal.timeout(LIMIT)]);
  const { success, stdout } = await new Deno.Command(command, {
    args,
    cwd,
    signal,
    stdin: "null",
    stdout: "piped",
    stderr: "inherit",
  }).output();
  if (!success) throw new Error(signal.aborted ? "it was stopped" : "it broke off, as said above");
  return JSON.parse(new TextDecoder().decode(stdout));
}
