import type { AdminOverview } from "../../../server/wire.ts";

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

/** So many moments are kept: five minutes of them. */
const KEPT = 150;

/** The samples with one more, the oldest dropped beyond what is kept. A server that has started anew begins anew. */
export function withSample(
  samples: readonly Sample[],
  before: AdminOverview | undefined,
  now: AdminOverview,
): readonly Sample[] {
  const isSame = before?.node === now.node && before.startedAt === now.startedAt;
  const kept = isSame ? samples : [];
  return [...kept, sampleOf(isSame ? before : undefined, now)].slice(-KEPT);
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
