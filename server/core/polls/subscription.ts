import { formatChannel } from "../../protocol/channel.ts";
import { inboxOf, type Topic } from "../model/topics.ts";
import type { Poll } from "./polling.ts";
import type { Subscription } from "../presence/presence.ts";
import { channelFor, checkMayRead } from "../model/rights.ts";
import type { Session } from "../sessions/sessions.ts";

/** Where the messages for a session are found. */
export function topicsFor(session: Session, rooms: readonly string[]): readonly Topic[] {
  return [inboxOf(session.publicToken), "notice", ...rooms];
}

/**
 * What a poll's tab reads: the object `last` again, where its last poll said the same. Refuses what the session may not
 * read.
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
    // A session's own direct channels and notices come with its inbox.
    if (channel.kind === "room") rooms.add(formatChannel(channel));
  }
  const topics = topicsFor(session, [...rooms]);
  // A program is present nowhere.
  const channels = session.isApiKey ? [] : [...rooms];
  return { asked: poll.channels, rights: session.rights, channels, topics, state: poll.state };
}

function isSame(subscription: Subscription, poll: Poll): boolean {
  const { asked, state } = subscription;
  return state === poll.state && asked.length === poll.channels.length &&
    asked.every((address, n) => address === poll.channels[n]);
}
