import type { Kind, Topic } from "../model/message.ts";
import type { Retention } from "../model/store.ts";

/** The size of some messages; of their JSON in UTF-8, in bytes. */
export interface Size {
  readonly messages: number;
  readonly bytes: number;
}

/** An owner of messages (`ownerOf`) and the size of these. */
export interface OwnerSize extends Size {
  readonly owner: Topic;
}

/** By how much messages exceed their bounds. */
export interface Excess {
  readonly unit: keyof Size;
  readonly amount: number;
}

/** How much an owner must give up, in the unit of the excess. */
export interface Cut {
  readonly owner: Topic;
  readonly amount: number;
}

/**
 * Maximum number of topics whose trimmed marks a log remembers, those that were trimmed last. Beyond it, every topic counts
 * as trimmed up to the highest mark that was forgotten.
 */
export const MAX_MARKS = 100_000;

/** Maximum size of all entries of a kind. */
export function boundsOf({ maxMessages, maxPrivate, maxBytes }: Retention, kind: Kind): Size {
  return { messages: kind === "private" ? maxPrivate : maxMessages, bytes: maxBytes };
}

/** By how much `size` exceeds `bounds`: in messages, or else in bytes; `undefined` if it does not. */
export function excessOf(size: Size, bounds: Size): Excess | undefined {
  for (const unit of ["messages", "bytes"] as const) {
    const amount = size[unit] - bounds[unit];
    if (amount > 0) return { unit, amount };
  }
  return undefined;
}

/**
 * Shares out an excess among the largest owners, so that afterwards none of them is larger than the others: whoever floods
 * pays for it. Reads `owners`, the largest first, only as far as needed, and cuts at most `limit` of them.
 */
export function shareOut(
  owners: Iterable<OwnerSize>,
  { unit, amount }: Excess,
  limit: number,
): readonly Cut[] {
  const cut: OwnerSize[] = [];
  let sum = 0;
  let smallest = 0;
  for (const owner of owners) {
    const size = owner[unit];
    if (cut.length > 0 && size * cut.length <= sum - amount) break;
    cut.push(owner);
    sum += size;
    smallest = size;
    if (cut.length >= Math.min(amount, limit)) break;
  }
  // Where the limit ended the loop, there are more owners of about the size of the last one.
  const level = Math.max((sum - amount) / cut.length, cut.length === limit ? smallest - 1 : 0);
  let left = amount;
  return cut.flatMap(({ owner, [unit]: size }) => {
    const share = Math.min(Math.ceil(size - level), left);
    left -= share;
    return share > 0 ? [{ owner, amount: share }] : [];
  });
}

/**
 * How many of the oldest messages were sent before `time`, given their times in the order of their ids. Those from after
 * `now` were sent while the clock was ahead: they are older than the ones that follow them.
 */
export function countSentBefore(
  time: number,
  { times, now }: { times: readonly number[]; now: number },
): number {
  const young = times.findIndex((at) => at >= time && at <= now);
  const older = young < 0 ? times : times.slice(0, young);
  return older.findLastIndex((at) => at < time) + 1;
}
