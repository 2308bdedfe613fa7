import type { AdminOverview } from "../../../server/protocol/admin_replies.ts";

/** A node's metrics at one time. Counters are rates per second since the sample before. */
export interface Sample {
  readonly at: number;
  readonly parked: number;
  readonly present: number;
  readonly memory: number;
  readonly messages: number;
  readonly deliveries: number;
  readonly polls: number;
  readonly refusals: number;
}

/** The name of a metric in a sample. */
export type Metric = Exclude<keyof Sample, "at">;

/** The last overview of a node, and its samples. */
export interface NodeHistory {
  readonly overview: AdminOverview;
  /** Oldest first. */
  readonly samples: readonly Sample[];
  /** When the node last answered, by this page's clock: Unix time in ms. */
  readonly answeredAt: number;
}

/** Maximum number of samples: five minutes, if there is one node. */
const MAX_SAMPLES = 150;

/** A node counts as silent when it has not answered for this time in ms. */
const SILENCE = 20_000;

/** A silent node disappears from the page after this time in ms. */
const NODE_TIMEOUT = 600_000;

/** When a node answered last, if it has not answered for a while. */
export function silentSince(
  { answeredAt }: NodeHistory,
  now: number,
): number | undefined {
  return now - answeredAt >= SILENCE ? answeredAt : undefined;
}

/**
 * Adds an overview that arrived at `answeredAt` to the history of its node. Behind a load balancer any node may answer,
 * so each has its own samples; a restarted node has a new name.
 */
export function addOverview(
  nodes: ReadonlyMap<string, NodeHistory>,
  overview: AdminOverview,
  answeredAt: number,
): ReadonlyMap<string, NodeHistory> {
  const { overview: before, samples = [] } = nodes.get(overview.node) ?? {};
  const history = {
    overview,
    answeredAt,
    samples: [...samples, sampleOf(before, overview)].slice(-MAX_SAMPLES),
  };
  const others = [...nodes].filter(([node, other]) =>
    node !== overview.node && other.answeredAt > answeredAt - NODE_TIMEOUT
  );
  const all: [string, NodeHistory][] = [...others, [overview.node, history]];
  return new Map(all.sort(([one], [other]) => one < other ? -1 : 1));
}

function sampleOf(before: AdminOverview | undefined, overview: AdminOverview): Sample {
  const { now: at, parked, present, memoryBytes: memory, counts } = overview;
  const seconds = before === undefined ? 0 : (at - before.now) / 1_000;
  const rate = (name: keyof AdminOverview["counts"]) =>
    before === undefined || seconds <= 0 ? 0 : (counts[name] - before.counts[name]) / seconds;
  return {
    at,
    parked,
    present,
    memory,
    messages: rate("messages"),
    deliveries: rate("deliveries"),
    polls: rate("polls"),
    refusals: rate("refusals"),
  };
}
