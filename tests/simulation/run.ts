import { SeededRandom } from "../../server/commands/soak/seeded_random.ts";
import type { Retention, Store } from "../../server/core/model/store.ts";
import { Choices } from "./choices.ts";
import { startPeople } from "./client/people.ts";
import { Coverage } from "./coverage.ts";
import { Ledger, type Violation } from "./ledger.ts";
import { Scheduler } from "./scheduler.ts";
import { BackEnd } from "./server/back_end.ts";
import { Disk, emptyDatabase } from "./server/disk.ts";
import {
  MAX_STARVED_MS,
  type NodeFault,
  planNodeFaults,
  startNodeFaults,
} from "./server/faults.ts";
import { Link, NO_FAULTS } from "./server/link.ts";
import { SimulatedNode } from "./server/node.ts";
import { Program, type Someone } from "./server/program.ts";
import { simulatedRuntime } from "./server/simulated_runtime.ts";
import { SoleWork } from "./server/sole_work.ts";
import { SqlitePlace } from "./server/sqlite_place.ts";
import { openStoreWorld, STORE_PAUSE_MS, type StoreKind } from "./stores/open_store_world.ts";
import type { Trace } from "./trace.ts";
import { TrappedGlobals } from "./trap_globals.ts";

export interface RunOptions {
  readonly seed: number;
  /** By default SQLite. */
  readonly store?: StoreKind;
  /** The number of nodes; by default one. */
  readonly nodes?: number;
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

/** Runs one simulation. The same options give the same result, event by event. */
export async function run(
  {
    seed,
    store = "sqlite",
    nodes: nodeCount = 1,
    loses = false,
    without = [],
    faults,
    wrap,
    onDisk,
  }: RunOptions,
): Promise<RunResult> {
  const scheduler = new Scheduler(seed);
  const random = new SeededRandom(seed, "plan");
  const world = scheduler.actor("world");
  const choices = new Choices(without);
  const coverage = new Coverage();
  database ??= await emptyDatabase(
    simulatedRuntime(new Scheduler(0).actor("template"), new SeededRandom(0, "template")),
  );
  using disk = new Disk(database);
  onDisk?.(disk);
  using globals = new TrappedGlobals();
  const retention = planRetention(random);
  const shared = openStoreWorld(store, scheduler, { seed, retention });
  const place = shared ?? new SqlitePlace(disk, retention);
  const end = nodeCount === 1 ? TIMES.end : SEVERAL_NODES.end;
  const endsWithinMs = nodeCount === 1 ? 0 : SEVERAL_NODES.endsWithin;
  const ledger = new Ledger({
    now: () => scheduler.now,
    promptMs: MAX_STARVED_MS + STORE_PAUSE_MS[store],
    onViolation: ({ rule, what }) => world.note(`VIOLATES ${rule}: ${what}`),
    isStored: (id) => place.isStored(id),
  });
  const heartbeat = random.next() < 0.3 ? 2_000 : 0;
  // With a small one, readers who come back late read the store.
  const hub = { window: { messages: random.next() < 0.5 ? 5 : 1_000, bytes: 2 ** 20 } };
  const work = new SoleWork(ledger);
  const nodes = Array.from({ length: nodeCount }, (_, n) =>
    new SimulatedNode({
      ...{ name: `node ${n + 1}`, heartbeat, hub, ...(wrap && { wrap }) },
      ...{ scheduler, seed, place, work },
      onError: (error) => ledger.violate("internal_error", errorText(error)),
    }));
  const links: Link[] = [];
  const people = new Map<string, Someone>();
  const lossy = {
    lostRequest: random.next() * 0.15,
    lostReply: random.next() * 0.15,
    repeatedRequest: random.next() * 0.1,
  };
  const start = (name: string, number: number) => {
    const actor = scheduler.actor(name);
    const link = new Link(actor, { nodes, address: `203.0.113.${number}`, seed });
    link.faults = lossy;
    links.push(link);
    const rooms = ROOMS.filter((_, room) => random.next() < 0.6 || room === 0);
    const sendEveryMs = random.between(200, 4_000);
    const sendsUntil = TIMES.sending;
    const options = { actor, link, ledger, seed, rooms, people, sendEveryMs, sendsUntil };
    const at = random.between(0, 3_000);
    const begin = (run: () => Promise<void>) => {
      if (!choices.allows(name)) return;
      actor.after(at, "starts", () => {
        run().catch((error) => ledger.violate("K14", errorText(error)));
      });
    };
    return { options, begin };
  };
  const programs: Program[] = [];
  for (let n = 0, count = 2 + Math.floor(random.next() * 3); n < count; n++) {
    const { options, begin } = start(`program ${n + 1}`, n + 1);
    const program = new Program({ ...options, endsWithinMs });
    programs.push(program);
    begin(() => program.run());
    if (random.next() < 0.4) {
      const at = random.between(3_000, TIMES.calm);
      const wakesAt = Math.min(at + random.between(1_000, 25_000), TIMES.calm);
      world.after(at, `lets program ${n + 1} sleep`, () => options.actor.pause());
      world.after(wakesAt, `wakes program ${n + 1}`, () => options.actor.resume());
    }
    if (random.next() < 0.1) {
      const at = random.between(5_000, TIMES.calm);
      world.after(at, `lets program ${n + 1} sign out`, () => void program.signOut());
    }
  }
  if (random.next() < 0.6) {
    const { options, begin } = start("back end", 100);
    const kickEveryMs = random.next() < 0.3 ? 30_000 : Infinity;
    const backEnd = new BackEnd({ ...options, kickEveryMs });
    begin(() => backEnd.run());
  }
  world.after(TIMES.calm, "lets everything work", () => {
    for (const link of links) link.faults = NO_FAULTS;
  });
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
  const onEvent = startNodeFaults(nodeFaults, {
    ...{ world, coverage, nodes, disks },
  });
  const persons = startPeople({
    ...{ scheduler, seed, ledger, people, choices, coverage },
    nodes,
    rooms: ROOMS,
    times: TIMES,
  });
  const senders = [...programs, ...persons];
  let isComplete = false;
  const look = () => {
    isComplete = ledger.isComplete && senders.every((sender) => sender.isComplete);
    world.after(1_000, "looks whether everything has arrived", look);
  };
  world.after(TIMES.earliest, "looks whether everything has arrived", look);
  const isDone = () => isComplete || ledger.violations.length > 0;
  await scheduler.runUntil(end, { isDone, onEvent });
  if (ledger.violations.length === 0) {
    ledger.checkEnd();
    for (const person of persons) person.checkEnd();
  }
  globals.assertUnused();
  return {
    seed,
    violations: ledger.violations,
    hash: scheduler.trace.hash,
    events: scheduler.trace.events.length,
    acknowledged: ledger.acknowledged,
    delivered: ledger.delivered,
    coverage,
    offered: choices.offered,
    trace: scheduler.trace,
    story: scheduler.trace.story(300),
  };
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

function errorText(error: unknown): string {
  return error instanceof Error && error.stack || String(error);
}
