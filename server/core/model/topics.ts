import type { Signal } from "../../protocol/signal.ts";
/** An index key under which a message is filed, so that a reader finds it. */
export type Topic = string;

/** The topics that a message of this channel is filed under: the channel itself and each inbox that it belongs to. */
export function topicsOf(address: string): readonly Topic[] {
  const [kind, first, second] = address.split(":");
  if (kind === "direct" && first !== undefined && second !== undefined) {
    return first === second
      ? [address, inboxOf(first)]
      : [address, inboxOf(first), inboxOf(second)];
  }
  if (kind === "notice" && first !== undefined) return [address, inboxOf(first)];
  return [address];
}

/** The topic of all that is meant for one session alone. */
export function inboxOf(publicToken: string): Topic {
  return `inbox:${publicToken}`;
}

/** Where those find a signal whom it concerns: what was read in a room or closed concerns that session alone. */
export function topicsOfSignal({ type, channel, from }: Signal): readonly Topic[] {
  const isOwn = type === "closed" || type === "read" && !channel.startsWith("direct:");
  return isOwn ? [inboxOf(from.publicToken)] : topicsOf(channel);
}

/** Whether a signal concerns the session's own other tabs too. */
export function isForOwnTabs({ type }: Signal): boolean {
  return type === "read" || type === "closed";
}
