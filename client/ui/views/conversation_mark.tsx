import type { Conversation } from "../state/conversation.ts";
import { PersonMark } from "./marks.tsx";

/** What a conversation is known by at a glance. */
export function ConversationMark({ conversation }: { readonly conversation: Conversation }) {
  const { kind, other, otherToken = "" } = conversation;
  if (kind === "direct") {
    return <PersonMark person={other.value ?? { publicToken: otherToken, displayName: "?" }} />;
  }
  return (
    <span class="room-mark" data-kind={kind} aria-hidden="true">{kind === "room" ? "#" : "✦"}</span>
  );
}
