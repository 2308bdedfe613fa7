import type { Signal } from "../../protocol/signal.ts";
/** An index key of the log: readers find their messages by topic. */
export type Topic = string;

/** The topics of the messages in a channel: the channel itself, and the inbox of each session that it belongs to. */
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

/** Whether the messages of a channel are for single sessions: direct messages, and notices to one session. */
export function isPrivate(address: string): boolean {
  return topicsOf(address).length > 1;
}

/** The topic of all messages for one session alone. */
export function inboxOf(publicToken: string): Topic {
  return `inbox:${publicToken}`;
}

/** The topics of all messages for a session that reads these rooms. */
export function topicsFor(publicToken: string, rooms: readonly string[]): readonly Topic[] {
  return [inboxOf(publicToken), "notice", ...rooms];
}

/**
 * The topics of a signal. Read markers in rooms and closed conversations concern only the session itself, as does any signal
 * that is its `own`.
 */
export function topicsOfSignal({ type, channel, from }: Signal, own = false): readonly Topic[] {
  const isOwn = own || type === "closed" || type === "read" && !channel.startsWith("direct:");
  return isOwn ? [inboxOf(from.publicToken)] : topicsOf(channel);
}

/** Whether a signal is also meant for the other tabs of its own session. */
export function isForOwnTabs({ type }: Signal): boolean {
  return type === "read" || type === "closed";
}
