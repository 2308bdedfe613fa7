import { SeededRandom } from "../../server/commands/soak/seeded_random.ts";
import { DEFAULT_RIGHTS, type Rights, rightsOf } from "../../server/core/model/rights.ts";
import type { Actor } from "./actor.ts";
import { Choices } from "./choices.ts";
import { startPeople } from "./client/people.ts";
import { Coverage } from "./coverage.ts";
import { Ledger, type Violation } from "./ledger.ts";
import {
  endOf,
  endsWithinOf,
  hasTokens,
  hasVisitors,
  hasWebhooks,
  planAges,
  planRetention,
  type RunOptions,
  workersOf,
} from "./run_options.ts";
import { Scheduler } from "./scheduler.ts";
import { Application, JWT, MAX_CLOCK_MS } from "./server/application.ts";
import { Disk, emptyDatabase } from "./server/disk.ts";
import { MAX_STARVED_MS, planNodeFaults, startNodeFaults } from "./server/faults.ts";
import { SimulatedNode } from "./server/node.ts";
import type { StorePlace } from "./server/store_place.ts";
import { errorText, Participants } from "./server/participants.ts";
import type { Someone } from "./server/program.ts";
import { Receiver } from "./server/receiver.ts";
import { simulatedRuntime } from "./server/simulated_runtime.ts";
import { SoleWork } from "./server/sole_work.ts";
import { SqlitePlace } from "./server/sqlite_place.ts";
import { ThreadPlace } from "./server/thread_place.ts";
import { openStoreWorld, STORE_PAUSE_MS } from "./stores/open_store_world.ts";
import type { StoreWorld } from "./stores/store_world.ts";
import { TEAM_ROOMS, VISITOR_ROOMS } from "./rooms.ts";
import type { Trace } from "./trace.ts";
import { TrappedGlobals } from "./trap_globals.ts";

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
 * Simulated times in ms: faults happen until `calm`, and a run in which everything has arrived can end at `earliest`.
 */
const TIMES = { sending: 16_000, calm: 17_500, earliest: 25_000 } as const;

/** Guests can be members of a team. */
const TEAM_RIGHTS: Rights = {
  ...DEFAULT_RIGHTS,
  patterns: rightsOf({ patterns: [TEAM_ROOMS] }).patterns,
};

/** And each has a room as a visitor. */
const VISITOR_RIGHTS: Rights = {
  ...TEAM_RIGHTS,
  visitorRooms: rightsOf({ visitorRooms: [VISITOR_ROOMS] }).visitorRooms,
};

const ROOMS = ["room:tea", "room:milk", "room:lobby"];

let database: Uint8Array | undefined;

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
  /** Whose users they are; absent for guests. */
  readonly application: Application | undefined;
}

/** Runs one simulation. The same options give the same result, event by event. */
export async function run(options: RunOptions): Promise<RunResult> {
  const { seed, without = [], onDisk } = options;
  const scheduler = new Scheduler(seed);
  using disk = new Disk(await databaseFile());
  onDisk?.(disk);
  using globals = new TrappedGlobals();
  const begun = {
    ...{ options, scheduler, disk },
    world: scheduler.actor("world"),
    random: new SeededRandom(seed, "plan"),
    choices: new Choices(without),
    coverage: new Coverage(),
    people: new Map(),
  };
  const { place, shared, ledger } = openPlace(begun);
  const parts: Run = { ...begun, application: openApplication(begun, ledger) };
  const receiver = openReceiver(parts, ledger);
  const nodes = startNodes(parts, { place, ledger, receiver });
  const programs = startPrograms(parts, { nodes, ledger });
  const onEvent = startFaults(parts, { nodes, shared, ledger });
  const persons = startPeople({
    ...{ ...parts, seed, ledger, nodes, rooms: ROOMS, times: TIMES },
    hasVisitors: hasVisitors(options),
  });
  const isDone = watchArrivals(parts, {
    ...{ ledger, nodes, receiver },
    senders: [...programs.senders, ...persons],
  });
  try {
    await scheduler.runUntil(endOf(options), { isDone, onEvent });
  } catch (error) {
    ledger.violate("uncaught_error", errorText(error));
  }
  if (ledger.violations.length === 0) {
    ledger.checkEnd();
    for (const person of persons) person.checkEnd();
    programs.checkEnd();
    if (!isClockSet(nodes)) receiver?.checkEnd();
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
function openPlace({ options, scheduler, world, random, disk }: Omit<Run, "application">) {
  const { seed, store = "sqlite" } = options;
  const retention = planRetention(random);
  const shared = openStoreWorld(store, scheduler, { seed, retention });
  const own = new SqlitePlace(disk, retention);
  const hasThread = workersOf(options) > 1;
  const place = shared ?? (hasThread ? new ThreadPlace(own, scheduler, seed) : own);
  const ledger = new Ledger({
    now: () => scheduler.now,
    promptMs: promptMsOf(options),
    onViolation: ({ rule, what }) => world.note(`VIOLATES ${rule}: ${what}`),
    isStored: (id) => place.isStored(id),
  });
  return { place, shared, ledger };
}

/** The application whose users everyone is in some runs. */
function openApplication(
  { options, scheduler, coverage }: Omit<Run, "application">,
  ledger: Ledger,
): Application | undefined {
  if (!hasTokens(options)) return undefined;
  return new Application({
    now: () => scheduler.now,
    random: new SeededRandom(options.seed, "application"),
    ...{ ledger, coverage, promptMs: promptMsOf(options) },
  });
}

function promptMsOf({ store = "sqlite" }: RunOptions): number {
  return MAX_STARVED_MS + STORE_PAUSE_MS[store];
}

function startNodes(
  { options, scheduler, random, application }: Run,
  { place, ledger, receiver }: {
    readonly place: StorePlace;
    readonly ledger: Ledger;
    readonly receiver: Receiver | undefined;
  },
): readonly SimulatedNode[] {
  const { seed, nodes = 1, wrap } = options;
  const workers = workersOf(options);
  const heartbeat = random.next() < 0.3 ? 2_000 : 0;
  // With a small one, readers who come back late read the store.
  const window = { messages: random.next() < 0.5 ? 5 : 1_000, bytes: 2 ** 20 };
  const guestRights = hasVisitors(options) ? VISITOR_RIGHTS : TEAM_RIGHTS;
  const hub = { window, retain: planAges(options), guestRights };
  const work = new SoleWork(ledger);
  return Array.from({ length: nodes }, (_, n) =>
    new SimulatedNode({
      ...{ name: `node ${n + 1}`, heartbeat, hub, ...(wrap && { wrap }) },
      ...{ scheduler, seed, place, work, workers, receiver },
      jwt: application && JWT,
      onError: (error) => ledger.violate("internal_error", errorText(error)),
    }));
}

function openReceiver(
  { options, scheduler, world, coverage, people }: Run,
  ledger: Ledger,
): Receiver | undefined {
  if (!hasWebhooks(options)) return undefined;
  const receiver = new Receiver({
    actor: scheduler.actor("receiver"),
    ...{ seed: options.seed, ledger, coverage, promptMs: promptMsOf(options), people },
  });
  world.after(TIMES.calm, "lets the receiver work", () => receiver.isCalm = true);
  return receiver;
}

/** Whether a wall clock was set so far that tasks, which are due at a wall time, can be late. */
function isClockSet(nodes: readonly SimulatedNode[]): boolean {
  return nodes.some(({ clock }) => Math.abs(clock.aheadMs) > 2_000);
}

function startPrograms(
  parts: Run,
  { nodes, ledger }: { readonly nodes: readonly SimulatedNode[]; readonly ledger: Ledger },
): Participants {
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
    hasVisitors: hasVisitors(parts.options),
    times: TIMES,
  };
  return new Participants(options);
}

/** Plans what goes wrong with the store and the nodes. Returns what must be called after each event. */
function startFaults(
  { options, world, random, choices, coverage, disk, application }: Run,
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
  // Nodes that share a Deno KV database, or that check when tokens expire, must have clocks that are right within seconds.
  const mustAgree = store === "kv" && nodes.length > 1 || application !== undefined;
  const clockMs = mustAgree ? MAX_CLOCK_MS : 3_600_000;
  const plan = { nodes: nodes.length, hasDisks: disks.length > 0, clockMs, ...spell };
  const nodeFaults = (faults ?? planNodeFaults(random, plan))
    .filter(({ kind }) => !loses || kind !== "kill" && kind !== "stop")
    .filter(({ kind }, n) => choices.allows(`${kind} (node fault ${n + 1})`));
  return startNodeFaults(nodeFaults, { world, coverage, nodes, disks });
}

/** Looks every second whether everything has arrived. Returns whether the run can end. */
function watchArrivals(
  { world }: Run,
  { ledger, nodes, receiver, senders }: {
    readonly ledger: Ledger;
    readonly nodes: readonly SimulatedNode[];
    readonly receiver: Receiver | undefined;
    readonly senders: readonly { readonly isComplete: boolean }[];
  },
): () => boolean {
  let isComplete = false;
  const look = () => {
    isComplete = ledger.isComplete && senders.every((sender) => sender.isComplete) &&
      (receiver === undefined || receiver.isComplete || isClockSet(nodes));
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
