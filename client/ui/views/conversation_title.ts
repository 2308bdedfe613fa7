import { strings } from "../i18n/chat_strings.ts";
import type { Conversation } from "../state/conversation.ts";

/** The room whose name is translated. */
const LOBBY = "room:lobby";

/** The title of a conversation in the chosen language. */
export function titleOf({ channel, kind, other }: Conversation): string {
  if (channel === LOBBY) return strings.value.lobby;
  if (kind === "notices") return strings.value.notices;
  if (kind === "direct") return other.value?.displayName ?? strings.value.unknownUser;
  return channel.slice(channel.indexOf(":") + 1);
}
