import { formatChannel } from "../../protocol/channel.ts";
import { channelFor, checkMayRead } from "../model/rights.ts";
import type { Session } from "../model/session.ts";
import { inboxOf, type Topic } from "../model/topics.ts";
import type { Subscription } from "../presence/presence_entry.ts";
import type { Poll } from "./poll.ts";

/** The topics of all messages for a session that reads these rooms. */
export function topicsFor(session: Session, rooms: readonly string[]): readonly Topic[] {
  return [inboxOf(session.publicToken), "notice", ...rooms];
}

/**
 * The subscription of a poll. Returns `last`, the one of the tab's last poll, if that asked for the same. Rejects channels
 * that the session may not read.
 */
export function subscriptionFor(
  session: Session,
  poll: Poll,
  last: Subscription | undefined,
): Subscription {
  if (last !== undefined && last.rights === session.rights && isSame(last, poll)) return last;
  const rooms = new Set<string>();
  for (const address of poll.channels) {
    const channel = channelFor(session.publicToken, address);
    checkMayRead(session, channel);
    // Direct channels and notices come through the session's inbox.
    if (channel.kind === "room") rooms.add(formatChannel(channel));
  }
  const topics = topicsFor(session, [...rooms]);
  const channels = session.isApiKey ? [] : [...rooms];
  const { rights } = session;
  return { requested: poll.channels, rights, channels, topics, state: poll.state };
}

function isSame({ requested, state }: Subscription, poll: Poll): boolean {
  return state === poll.state && requested.length === poll.channels.length &&
    requested.every((address, n) => address === poll.channels[n]);
}
