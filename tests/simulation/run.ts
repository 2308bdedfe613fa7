import { SeededRandom } from "../../server/commands/soak/seeded_random.ts";
import type { Retention, Store } from "../../server/core/model/store.ts";
import type { Actor } from "./actor.ts";
import { Choices } from "./choices.ts";
import { startPeople } from "./client/people.ts";
import { Coverage } from "./coverage.ts";
import { Ledger, type Violation } from "./ledger.ts";
import { Scheduler } from "./scheduler.ts";
import { Disk, emptyDatabase } from "./server/disk.ts";
import {
  MAX_STARVED_MS,
  type NodeFault,
  planNodeFaults,
  startNodeFaults,
} from "./server/faults.ts";
import { SimulatedNode } from "./server/node.ts";
import type { StorePlace } from "./server/store_place.ts";
import { errorText, Participants } from "./server/participants.ts";
import type { Someone } from "./server/program.ts";
import { simulatedRuntime } from "./server/simulated_runtime.ts";
import { SoleWork } from "./server/sole_work.ts";
import { SqlitePlace } from "./server/sqlite_place.ts";
import { ThreadPlace } from "./server/thread_place.ts";
import { openStoreWorld, STORE_PAUSE_MS, type StoreKind } from "./stores/open_store_world.ts";
import type { StoreWorld } from "./stores/store_world.ts";
import type { Trace } from "./trace.ts";
import { TrappedGlobals } from "./trap_globals.ts";

export interface RunOptions {
  readonly seed: number;
  /** By default SQLite. */
  readonly store?: StoreKind;
  /** The number of nodes; by default one. */
  readonly nodes?: number;
  /** The number of workers of each node, if the seed does not decide it. */
  readonly workers?: number;
  /** What is left out, by the names in `offered`. */
  readonly without?: readonly string[];
  /**
   * Whether the store loses acknowledged messages, as NATS servers that do not sync can. The nodes stay up then: somebody must
   * know what is lost.
   */
  readonly loses?: boolean;
  /** The faults of the nodes, if the seed does not decide them. */
  readonly faults?: readonly NodeFault[];
  /** Changes the store of each process, to plant a bug. */
  readonly wrap?: (store: Store) => Store;
  /** Called with the disk, to plant a bug. */
  readonly onDisk?: (disk: Disk) => void;
}

export interface RunResult {
  readonly seed: number;
  readonly violations: readonly Violation[];
  readonly hash: string;
  readonly events: number;
  readonly acknowledged: number;
  readonly delivered: number;
  readonly coverage: Coverage;
  /** What the run could leave out. */
  readonly offered: readonly string[];
  readonly trace: Trace;
  /** The last events. */
  readonly story: string;
}

/**
 * Simulated times in ms: faults happen until `calm`, and everything must have arrived at `end`. A run in which it has
 * arrived can end at `earliest`.
 */
const TIMES = { sending: 20_000, calm: 22_000, earliest: 30_000, end: 110_000 } as const;

/** With several nodes: after this time in ms, every node knows that a session has ended, and the run ends later. */
const SEVERAL_NODES = { endsWithin: 122_000, end: 180_000 } as const;

const ROOMS = ["room:tea", "room:milk", "room:lobby"];

const KEEP_ALL: Retention = {
  maxMessages: 1e6,
  maxPrivate: 1e6,
  maxBytes: 1e9,
  maxAgeMs: 1e12,
  keyAgeMs: 86_400_000,
};

let database: Uint8Array | undefined;

/** With one node and several workers: after this time in ms, every worker knows that a session has ended. */
const SEVERAL_WORKERS = { endsWithin: 7_000 } as const;

/** What the parts of a run share. */
interface Run {
  readonly options: RunOptions;
  readonly scheduler: Scheduler;
  readonly world: Actor;
  /** Decides what happens in the run. */
  readonly random: SeededRandom;
  readonly choices: Choices;
  readonly coverage: Coverage;
  readonly disk: Disk;
  /** Those who are signed in, by their public tokens. */
  readonly people: Map<string, Someone>;
}

/** Runs one simulation. The same options give the same result, event by event. */
export async function run(options: RunOptions): Promise<RunResult> {
  const { seed, without = [], onDisk } = options;
  const scheduler = new Scheduler(seed);
  using disk = new Disk(await databaseFile());
  onDisk?.(disk);
  using globals = new TrappedGlobals();
  const parts: Run = {
    ...{ options, scheduler, disk },
    world: scheduler.actor("world"),
    random: new SeededRandom(seed, "plan"),
    choices: new Choices(without),
    coverage: new Coverage(),
    people: new Map(),
  };
  const { place, shared, ledger } = openPlace(parts);
  const nodes = startNodes(parts, { place, ledger });
  const programs = startPrograms(parts, { nodes, ledger });
  const onEvent = startFaults(parts, { nodes, shared, ledger });
  const persons = startPeople({ ...parts, ...{ seed, ledger, nodes, rooms: ROOMS, times: TIMES } });
  const isDone = watchArrivals(parts, { ledger, senders: [...programs, ...persons] });
  await scheduler.runUntil(hasOneNode(options) ? TIMES.end : SEVERAL_NODES.end, {
    isDone,
    onEvent,
  });
  if (ledger.violations.length === 0) {
    ledger.checkEnd();
    for (const person of persons) person.checkEnd();
  }
  globals.assertUnused();
  return resultOf(parts, ledger);
}

/** An empty database, which is made once. */
async function databaseFile(): Promise<Uint8Array> {
  return database ??= await emptyDatabase(
    simulatedRuntime(new Scheduler(0).actor("template"), new SeededRandom(0, "template")),
  );
}

/** Opens the store, and the ledger that knows what is in it. `shared` is a store that nodes share. */
function openPlace({ options, scheduler, world, random, disk }: Run) {
  const { seed, store = "sqlite" } = options;
  const retention = planRetention(random);
  const shared = openStoreWorld(store, scheduler, { seed, retention });
  const own = new SqlitePlace(disk, retention);
  const hasThread = workersOf(options) > 1;
  const place = shared ?? (hasThread ? new ThreadPlace(own, scheduler, seed) : own);
  const ledger = new Ledger({
    now: () => scheduler.now,
    promptMs: MAX_STARVED_MS + STORE_PAUSE_MS[store],
    onViolation: ({ rule, what }) => world.note(`VIOLATES ${rule}: ${what}`),
    isStored: (id) => place.isStored(id),
  });
  return { place, shared, ledger };
}

function startNodes(
  { options, scheduler, random }: Run,
  { place, ledger }: { readonly place: StorePlace; readonly ledger: Ledger },
): readonly SimulatedNode[] {
  const { seed, nodes = 1, wrap } = options;
  const workers = workersOf(options);
  const heartbeat = random.next() < 0.3 ? 2_000 : 0;
  // With a small one, readers who come back late read the store.
  const hub = { window: { messages: random.next() < 0.5 ? 5 : 1_000, bytes: 2 ** 20 } };
  const work = new SoleWork(ledger);
  return Array.from({ length: nodes }, (_, n) =>
    new SimulatedNode({
      ...{ name: `node ${n + 1}`, heartbeat, hub, ...(wrap && { wrap }) },
      ...{ scheduler, seed, place, work, workers },
      onError: (error) => ledger.violate("internal_error", errorText(error)),
    }));
}

function startPrograms(
  parts: Run,
  { nodes, ledger }: { readonly nodes: readonly SimulatedNode[]; readonly ledger: Ledger },
): Participants["senders"] {
  const endsWithinMs = endsWithinOf(parts.options);
  const { seed, loses = false } = parts.options;
  // An id that the store has lost belongs to another message later.
  const hasChanges = !loses;
  const options = {
    ...parts,
    seed,
    nodes,
    ledger,
    rooms: ROOMS,
    endsWithinMs,
    hasChanges,
    times: TIMES,
  };
  return new Participants(options).senders;
}

/** Plans what goes wrong with the store and the nodes. Returns what must be called after each event. */
function startFaults(
  { options, world, random, choices, coverage, disk }: Run,
  { nodes, shared, ledger }: {
    readonly nodes: readonly SimulatedNode[];
    readonly shared: StoreWorld | undefined;
    readonly ledger: Ledger;
  },
): () => void {
  const { store, loses = false, faults } = options;
  const spell = { from: 1_000, until: TIMES.calm };
  const onLoss = loses ? { onLoss: (after: number) => ledger.onLoss(after) } : {};
  shared?.startFaults({ ...{ world, random, coverage, choices }, ...spell, ...onLoss });
  const disks = shared === undefined ? [disk] : [];
  // Nodes that share a Deno KV database must have clocks that agree within a few seconds.
  const clockMs = store === "kv" && nodes.length > 1 ? 2_000 : 3_600_000;
  const plan = { nodes: nodes.length, hasDisks: disks.length > 0, clockMs, ...spell };
  const nodeFaults = (faults ?? planNodeFaults(random, plan))
    .filter(({ kind }) => !loses || kind !== "kill" && kind !== "stop")
    .filter(({ kind }, n) => choices.allows(`${kind} (node fault ${n + 1})`));
  return startNodeFaults(nodeFaults, { world, coverage, nodes, disks });
}

/** Looks every second whether everything has arrived. Returns whether the run can end. */
function watchArrivals(
  { world }: Run,
  { ledger, senders }: {
    readonly ledger: Ledger;
    readonly senders: readonly { readonly isComplete: boolean }[];
  },
): () => boolean {
  let isComplete = false;
  const look = () => {
    isComplete = ledger.isComplete && senders.every((sender) => sender.isComplete);
    world.after(1_000, "looks whether everything has arrived", look);
  };
  world.after(TIMES.earliest, "looks whether everything has arrived", look);
  return () => isComplete || ledger.violations.length > 0;
}

function resultOf({ options, scheduler: { trace }, choices, coverage }: Run, ledger: Ledger) {
  const { violations, acknowledged, delivered } = ledger;
  return {
    ...{ seed: options.seed, violations, acknowledged, delivered, coverage, trace },
    hash: trace.hash,
    events: trace.events.length,
    offered: choices.offered,
    story: trace.story(300),
  };
}

function hasOneNode({ nodes = 1 }: RunOptions): boolean {
  return nodes === 1;
}

/** In 3 of 10 runs, the nodes have several workers. */
function workersOf({ seed, workers }: RunOptions): number {
  if (workers !== undefined) return workers;
  const drawn = new SeededRandom(seed, "workers").next();
  return drawn < 0.7 ? 1 : drawn < 0.9 ? 2 : 3;
}

function endsWithinOf(options: RunOptions): number {
  if (!hasOneNode(options)) return SEVERAL_NODES.endsWithin;
  return workersOf(options) > 1 ? SEVERAL_WORKERS.endsWithin : 0;
}

/** Keeps everything, or so little that readers who come back late find gaps. */
function planRetention(random: SeededRandom): Retention {
  if (random.next() < 0.5) return KEEP_ALL;
  return {
    ...KEEP_ALL,
    maxMessages: Math.floor(random.between(5, 40)),
    maxPrivate: Math.floor(random.between(5, 40)),
  };
}
