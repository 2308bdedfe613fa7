import { words } from "../i18n/talk.ts";
import { DEFAULT_HOME as LOBBY } from "../../../server/protocol/channel.ts";
import type { Conversation } from "../state/conversation.ts";

/** What a conversation is called. */
export function titleOf({ channel, kind, other }: Conversation): string {
  if (channel === LOBBY) return words.value.lobby;
  if (kind === "notices") return words.value.notices;
  if (kind === "direct") return other.value?.displayName ?? words.value.unknownPerson;
  return channel.slice(channel.indexOf(":") + 1);
}
