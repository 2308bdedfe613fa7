import type { AdminOverview } from "../../../server/protocol/admin_replies.ts";

/** The server as it was at one moment; counters as rates (per second) since the moment before. */
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

/** What can be drawn. */
export type Figure = Exclude<keyof Sample, "at">;

/** What is known of one node. */
export interface NodeHistory {
  readonly overview: AdminOverview;
  /** The newest last. */
  readonly samples: readonly Sample[];
  /** When it answered last, by the clock of this page: Unix time in ms. */
  readonly heard: number;
}

/** So many moments are kept: five minutes of them, where there is one node. */
const KEPT = 150;

/** A node that was not heard of for so long (ms) is not shown any more. */
const FORGOTTEN = 20_000;

/**
 * What is known of each node, with what one of them has answered at `heard`. Behind a proxy any node may answer: each
 * is measured by itself. One that has started anew is another node.
 */
export function withOverview(
  nodes: ReadonlyMap<string, NodeHistory>,
  overview: AdminOverview,
  heard: number,
): ReadonlyMap<string, NodeHistory> {
  const { overview: before, samples = [] } = nodes.get(overview.node) ?? {};
  const history = {
    overview,
    heard,
    samples: [...samples, sampleOf(before, overview)].slice(-KEPT),
  };
  const others = [...nodes].filter(([node, other]) =>
    node !== overview.node && other.heard > heard - FORGOTTEN
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
