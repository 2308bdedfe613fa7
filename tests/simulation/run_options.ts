import { SeededRandom } from "../../server/commands/soak/seeded_random.ts";
import type { AgeRule } from "../../server/core/hub/age_rules.ts";
import type { Retention, Store } from "../../server/core/model/store.ts";
import type { Disk } from "./server/disk.ts";
import type { NodeFault } from "./server/faults.ts";
import type { StoreKind } from "./stores/open_store_world.ts";

export interface RunOptions {
  readonly seed: number;
  /** By default SQLite. */
  readonly store?: StoreKind;
  /** The number of nodes; by default one. */
  readonly nodes?: number;
  /** The number of workers of each node, if the seed does not decide it. */
  readonly workers?: number;
  /** Whether the nodes tell a back end what happens, if the seed does not decide it. */
  readonly webhooks?: boolean;
  /** Whether everyone is a user of an application whose tokens expire, if the seed does not decide it. */
  readonly tokens?: boolean;
  /** Whether there are rooms of visitors, if the seed does not decide it. */
  readonly visitors?: boolean;
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

/**
 * With several nodes, or several workers that have connections of their own to a store: after this time in ms, every one knows
 * that a session has ended, also if it has missed the news, and the run ends later.
 */
const SEVERAL_NODES = { endsWithin: 122_000, end: 180_000 } as const;

/**
 * With one node and several workers: after this time in ms, every worker knows that a session has ended. A worker does not know
 * the newest tokens of another one: if its clock is behind that of the application, these end when they expire.
 */
const SEVERAL_WORKERS = { endsWithin: 7_000, tokensExpireWithin: 20_000 } as const;

const KEEP_ALL: Retention = {
  maxMessages: 1e6,
  maxPrivate: 1e6,
  maxBytes: 1e9,
  maxAgeMs: 1e12,
  keyAgeMs: 86_400_000,
};

/** When a run ends at the latest, in simulated ms. */
export function endOf(options: RunOptions): number {
  return hasOneConnection(options) ? 110_000 : SEVERAL_NODES.end;
}

/** In 4 of 10 runs, a back end is told what happens. If the store loses messages, their events are lost as well. */
export function hasWebhooks({ seed, loses = false, webhooks }: RunOptions): boolean {
  return !loses && (webhooks ?? new SeededRandom(seed, "webhooks").next() < 0.4);
}

/** In 3 of 10 runs, everyone is a user of an application, whose tokens expire. */
export function hasTokens({ seed, tokens }: RunOptions): boolean {
  return tokens ?? new SeededRandom(seed, "tokens").next() < 0.3;
}

/** In 3 of 10 runs, everyone has a room as a visitor. */
export function hasVisitors({ seed, visitors }: RunOptions): boolean {
  return visitors ?? new SeededRandom(seed, "visitors").next() < 0.3;
}

/** Whether there is one node only, whose workers have one store. */
function hasOneConnection(options: RunOptions): boolean {
  const { nodes = 1, store = "sqlite" } = options;
  return nodes === 1 && (store === "sqlite" || workersOf(options) === 1);
}

/** In 3 of 10 runs, the nodes have several workers. */
export function workersOf({ seed, workers }: RunOptions): number {
  if (workers !== undefined) return workers;
  const drawn = new SeededRandom(seed, "workers").next();
  return drawn < 0.7 ? 1 : drawn < 0.9 ? 2 : 3;
}

/** A session that has ended is refused everywhere after this time in ms. */
export function endsWithinOf(options: RunOptions): number {
  if (!hasOneConnection(options)) return SEVERAL_NODES.endsWithin;
  if (workersOf(options) === 1) return 0;
  const { endsWithin, tokensExpireWithin } = SEVERAL_WORKERS;
  return hasTokens(options) ? tokensExpireWithin : endsWithin;
}

/** Keeps everything, or so little that readers who come back late find gaps. */
export function planRetention(random: SeededRandom): Retention {
  if (random.next() < 0.5) return KEEP_ALL;
  return {
    ...KEEP_ALL,
    maxMessages: Math.floor(random.between(5, 40)),
    maxPrivate: Math.floor(random.between(5, 40)),
  };
}

/**
 * In 3 of 10 runs, messages of some channels are removed while readers are away. A stream of NATS keeps them for their keys,
 * so that nobody can tell what is gone.
 */
export function planAges({ seed, store, loses = false }: RunOptions): readonly AgeRule[] {
  const random = new SeededRandom(seed, "ages");
  if (store === "nats" || loses || random.next() < 0.7) return [];
  const age = () => Math.floor(random.between(5_000, 40_000));
  return [
    { channels: "room:tea", maxAgeMs: age() },
    { channels: "direct", maxAgeMs: age() },
    { channels: "notice", maxAgeMs: age() },
    { channels: "room:team-*", maxAgeMs: age() },
  ];
}
