import { DEFAULT_HOME } from "../../../server/protocol/channel.ts";
import { strings } from "../i18n/page_strings.ts";
import { ownTitle, roomName } from "../state/address.ts";
import type { Conversation } from "../state/conversation.ts";
import type { PageState } from "../state/page_state.ts";

/** The title of a conversation in the chosen language. */
export function titleOf({ channel, kind, self, other, otherHasEnded }: Conversation): string {
  const { lobby, notices, unknownUser } = strings.value;
  if (channel === DEFAULT_HOME) return lobby;
  if (kind === "notices") return notices;
  // Of a visitor's room, its visitor.
  if (other.value) return other.value.displayName;
  return kind === "direct" || otherHasEnded.value
    ? unknownUser
    : ownTitle(channel, self.publicToken) || roomName(channel);
}

/** What distinguishes the title from others that look like it. */
export function markOf(page: PageState, { channel, kind, names, other }: Conversation) {
  if (kind === "room" && !other.value) return page.roomNames.markOf(roomName(channel));
  return other.value && names.markOf(other.value);
}
