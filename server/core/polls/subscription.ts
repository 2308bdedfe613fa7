import type { LogPage } from "../log/log_reader.ts";
import { formatChannel } from "../../protocol/channel.ts";
import type { Message } from "../../protocol/message.ts";
import type { RefusedChannel } from "../../protocol/replies.ts";
import { isBelow, isMeantAsPattern } from "../../protocol/room_pattern.ts";
import { isNoticeChannel, topicsFor } from "../model/message.ts";
import { channelFor, mayRead, mayReadPattern, patternFor } from "../model/rights.ts";
import type { Session } from "../model/session.ts";
import type { ChannelPresence } from "../presence/channel_presence.ts";
import type { Subscription } from "../presence/presence_entry.ts";
import type { Poll } from "./poll.ts";

/** Up to this number of channels, a list is as fast as a set, and takes less memory. */
export const FEW_CHANNELS = 16;

const NONE: readonly RefusedChannel[] = [];

/**
 * The subscription of a poll. Channels that the session may not read, and rooms for which `isFull`, are left out and
 * listed in `refused`. Rejects invalid channels.
 */
export function subscriptionFor(
  session: Session,
  poll: Poll,
  isFull: ChannelPresence["isFull"],
): Subscription {
  const rooms = new Set<string>();
  const refused: RefusedChannel[] = [];
  for (const address of poll.channels) {
    const room = roomOf(session, address);
    if (room === undefined) refused.push({ channel: address, code: "not_allowed" });
    // Direct channels and notices come through the session's inbox.
    else if (room.startsWith("room:")) {
      if (isFull(session, room, { added: rooms.size, connection: poll.connection })) {
        refused.push({ channel: address, code: "too_many_rooms" });
      } else rooms.add(room);
    }
  }
  // There is one for each tab: usually, the rooms are the list that its poll has.
  const isSame = poll.channels.length === rooms.size &&
    poll.channels.every((one) => rooms.has(one));
  const read = isSame ? poll.channels : [...rooms];
  const channels = session.isApiKey ? [] : read;
  return {
    requested: poll.channels,
    rights: session.rights,
    channels,
    channelSet: channels.length > FEW_CHANNELS ? rooms : undefined,
    notices: poll.notices ?? true,
    topics: topicsFor(session.publicToken, withoutRepetition(read), poll.notices),
    refused: refused.length === 0 ? NONE : refused,
    state: poll.state,
  };
}

/** The channel or pattern of an address; `undefined` if the session may not read it. */
function roomOf(session: Session, address: string): string | undefined {
  if (isMeantAsPattern(address)) {
    const pattern = patternFor(address);
    return mayReadPattern(session.rights, pattern) ? pattern : undefined;
  }
  const channel = channelFor(session.publicToken, address);
  return mayRead(session, channel) ? formatChannel(channel) : undefined;
}

/** Rooms and patterns without those that are below one of the patterns: no message has two of these topics. */
function withoutRepetition(rooms: readonly string[]): readonly string[] {
  const patterns = rooms.filter(isMeantAsPattern);
  if (patterns.length === 0) return rooms;
  return rooms.filter((room) =>
    !patterns.some((pattern) => pattern !== room && isBelow(pattern, room))
  );
}

/** What a reader gets of a page of its topics: the same page, or one without the notices in its inbox. */
export function shownPage(page: LogPage, { notices }: Subscription): LogPage {
  if (notices) return page;
  const isShown = ({ channel }: Pick<Message, "channel">) => !isNoticeChannel(channel);
  if (page.messages.every(isShown) && page.changes.every(isShown)) return page;
  const [messages, changes] = [page.messages.filter(isShown), page.changes.filter(isShown)];
  return { ...page, messages, changes };
}

/** Whether the subscription of the tab's last poll is that of this one, too. */
export function isStillValid(last: Subscription, session: Session, poll: Poll): boolean {
  const { requested, notices, rights, state, refused } = last;
  if (rights !== session.rights || notices !== (poll.notices ?? true)) return false;
  // There may be room by now.
  if (refused.length > 0 && refused.some(({ code }) => code === "too_many_rooms")) return false;
  return state === poll.state && requested.length === poll.channels.length &&
    requested.every((address, n) => address === poll.channels[n]);
}
