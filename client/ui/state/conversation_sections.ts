import type { Conversation } from "./conversation.ts";

/** The parts of the list of conversations, in their order. */
export const SECTIONS = ["pinned", "unread", "direct", "rooms"] as const;

export type SectionName = typeof SECTIONS[number];

export interface Section {
  readonly name: SectionName;
  readonly conversations: readonly Conversation[];
}

/**
 * Divides conversations, which stay in their order. `isUnread` says which ones stand among the unread ones: that must not
 * change while a person looks at one, or it would move away under the mouse.
 */
export function sectionsOf(
  conversations: readonly Conversation[],
  isUnread: (conversation: Conversation) => boolean,
): readonly Section[] {
  return SECTIONS
    .map((name) => ({
      name,
      conversations: conversations.filter((one) => sectionOf(one, isUnread) === name),
    }))
    .filter((section) => section.conversations.length > 0);
}

function sectionOf(
  conversation: Conversation,
  isUnread: (conversation: Conversation) => boolean,
): SectionName {
  if (conversation.settings.value.pinned) return "pinned";
  if (isUnread(conversation)) return "unread";
  return conversation.kind === "direct" ? "direct" : "rooms";
}
