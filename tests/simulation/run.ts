import { SeededRandom } from "../../server/commands/soak/seeded_random.ts";
import { readConfig } from "../../server/config/config.ts";
import type { Retention, Store } from "../../server/core/model/store.ts";
import type { Actor } from "./actor.ts";
import { startPeople } from "./client/people.ts";
import { Ledger, type Violation } from "./ledger.ts";
import { Scheduler } from "./scheduler.ts";
import { Disk, emptyDatabase } from "./server/disk.ts";
import { Link, type LinkFaults, NO_FAULTS } from "./server/link.ts";
import { SimulatedNode } from "./server/node.ts";
import { Program } from "./server/program.ts";
import { simulatedRuntime } from "./server/simulated_runtime.ts";
import { SqlitePlace } from "./server/sqlite_place.ts";
import { TrappedGlobals } from "./trap_globals.ts";

export interface RunOptions {
  readonly seed: number;
  /** Changes the store of each process, to plant a bug. */
  readonly wrap?: (store: Store) => Store;
}

export interface RunResult {
  readonly seed: number;
  readonly violations: readonly Violation[];
  readonly hash: string;
  readonly events: number;
  readonly acknowledged: number;
  readonly delivered: number;
  readonly story: string;
}

/** Simulated times in ms: faults happen until `calm`, and everything must have arrived at `end`. */
const TIMES = { sending: 30_000, calm: 32_000, end: 120_000 } as const;

const ROOMS = ["room:tea", "room:milk", "room:lobby"];

const KEEP_ALL: Retention = {
  maxMessages: 1e6,
  maxPrivate: 1e6,
  maxBytes: 1e9,
  maxAgeMs: 1e12,
  keyAgeMs: 86_400_000,
};

const LIMITS = readConfig({ LIMITS: "off" }).limits;

let database: Uint8Array | undefined;

/** Runs one simulation. The same options give the same result, event by event. */
export async function run({ seed, wrap }: RunOptions): Promise<RunResult> {
  const scheduler = new Scheduler(seed);
  const random = new SeededRandom(seed, "plan");
  const world = scheduler.actor("world");
  database ??= emptyDatabase(
    simulatedRuntime(new Scheduler(0).actor("template"), new SeededRandom(0, "template")),
  );
  using disk = new Disk(database);
  using globals = new TrappedGlobals();
  const place = new SqlitePlace(disk, KEEP_ALL);
  const onViolation = ({ rule, what }: Violation) => world.note(`VIOLATES ${rule}: ${what}`);
  const ledger = new Ledger({ onViolation, isStored: (id) => place.isStored(id) });
  const node = new SimulatedNode({
    name: "node 1",
    ...{ scheduler, seed, place, limits: LIMITS, ...(wrap && { wrap }) },
    heartbeat: random.next() < 0.3 ? 2_000 : 0,
    onError: (error) => ledger.violate("internal_error", errorText(error)),
  });
  const links: Link[] = [];
  const people = new Set<string>();
  const programs = Array.from({ length: 2 + Math.floor(random.next() * 3) }, (_, n) => {
    const actor = scheduler.actor(`program ${n + 1}`);
    const link = new Link(actor, { nodes: [node], address: `203.0.113.${n + 1}`, seed });
    links.push(link);
    const rooms = ROOMS.filter((_, room) => random.next() < 0.6 || room === 0);
    const program = new Program({
      ...{ actor, link, ledger, seed, rooms, people },
      sendEveryMs: random.between(200, 4_000),
      sendsUntil: TIMES.sending,
    });
    actor.after(random.between(0, 3_000), "starts", () => {
      program.run().catch((error) => ledger.violate("K14", errorText(error)));
    });
    return program;
  });
  const persons = startPeople({
    ...{ scheduler, seed, ledger, people },
    nodes: [node],
    rooms: ROOMS,
    times: TIMES,
  });
  startFaults({ world, random, node, links, disk, programs });
  const isDone = () => ledger.violations.length > 0;
  await scheduler.runUntil(TIMES.end, { isDone });
  if (!isDone()) {
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
    story: scheduler.trace.story(2000),
  };
}

interface Faulty {
  readonly world: Actor;
  readonly random: SeededRandom;
  readonly node: SimulatedNode;
  readonly links: readonly Link[];
  readonly disk: Disk;
  readonly programs: readonly Program[];
}

/** Plans what goes wrong, and what ends it. */
function startFaults({ world, random, node, links, disk, programs }: Faulty): void {
  const moment = () => random.between(1_000, TIMES.calm);
  const faults: LinkFaults = {
    lostRequest: random.next() * 0.15,
    lostReply: random.next() * 0.15,
    repeatedRequest: random.next() * 0.1,
  };
  for (const link of links) link.faults = faults;
  for (let n = Math.floor(random.next() * 4); n > 0; n--) {
    world.after(moment(), "kills node 1", () => node.crash());
  }
  if (random.next() < 0.3) world.after(moment(), "stops node 1", () => node.stop());
  if (random.next() < 0.4) {
    const at = moment();
    const failure = random.next() < 0.5 ? "full" : "failing";
    world.after(at, `lets the disk be ${failure}`, () => disk.failure = failure);
    const end = Math.min(at + random.between(100, 5_000), TIMES.calm);
    world.after(end, "repairs the disk", () => disk.failure = undefined);
  }
  if (random.next() < 0.3) {
    const at = moment();
    world.after(at, "starves node 1", () => {
      const { actor } = node.process ?? {};
      actor?.pause();
      world.after(random.between(100, 5_000), "feeds node 1", () => actor?.resume());
    });
  }
  if (random.next() < 0.3) {
    world.after(moment(), "sets the clock of node 1", () => {
      node.clock.aheadMs += random.between(-3_600_000, 3_600_000);
    });
  }
  if (random.next() < 0.3) {
    const leaver = random.pick(programs);
    world.after(moment(), "lets someone sign out", () => void leaver?.signOut());
  }
  world.after(TIMES.calm, "lets everything work", () => {
    for (const link of links) link.faults = NO_FAULTS;
  });
}

function errorText(error: unknown): string {
  return error instanceof Error && error.stack || String(error);
}
