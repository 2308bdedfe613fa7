import { DEFAULT_HOME } from "../../../server/protocol/channel.ts";
import { strings } from "../i18n/chat_strings.ts";
import { roomName } from "../state/address.ts";
import type { Conversation } from "../state/conversation.ts";
import type { PageState } from "../state/page_state.ts";

/** The title of a conversation in the chosen language. */
export function titleOf({ channel, kind, other }: Conversation): string {
  if (channel === DEFAULT_HOME) return strings.value.lobby;
  if (kind === "notices") return strings.value.notices;
  if (kind === "direct") return other.value?.displayName ?? strings.value.unknownUser;
  // Of a visitor's room, its visitor.
  return other.value?.displayName ?? roomName(channel);
}

/** What distinguishes the title from others that look like it. */
export function markOf(page: PageState, { channel, kind, names, other }: Conversation) {
  if (kind === "room" && !other.value) return page.roomNames.markOf(roomName(channel));
  return other.value && names.markOf(other.value);
}
