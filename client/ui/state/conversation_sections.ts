import { computed, type ReadonlySignal } from "@preact/signals";
import { byNewest } from "./by_newest.ts";
import type { Chat } from "./chat.ts";
import type { Conversation } from "./conversation.ts";
import { isMuted } from "./conversation_settings.ts";
import { unreadOf } from "./unread_marks.ts";

/** The parts of the list of conversations, in their order. */
const SECTIONS = ["pinned", "unread", "direct", "rooms"] as const;

export type SectionName = typeof SECTIONS[number];

export interface Section {
  readonly name: SectionName;
  readonly conversations: readonly Conversation[];
}

/**
 * The conversations outside of the inbox in sections, in each the newest message first. What was unread when it was selected
 * stays there until another one is selected: it would move away under the mouse.
 */
export function sectionsOf(chat: Chat): ReadonlySignal<readonly Section[]> {
  const { all, selected } = chat.conversations;
  let last: Conversation | undefined;
  /** Whether the selected one was unread. */
  let isKept = false;
  let unread: readonly Conversation[] = [];
  return computed(() => {
    const chosen = selected.value;
    if (chosen !== last) isKept = unread.some((one) => one === chosen);
    last = chosen;
    const isUnread = (one: Conversation) => one === chosen ? isKept : countOf(one) > 0;
    const listed = byNewest(all.value).filter(({ channel }) => !chat.isReadByPattern(channel))
      .map((one) => [sectionOf(one, isUnread(one)), one] as const);
    const sections = SECTIONS.map((name) => ({
      name,
      conversations: listed.filter(([section]) => section === name).map(([, one]) => one),
    }));
    unread = sections[1]?.conversations ?? [];
    return sections.filter(({ conversations }) => conversations.length > 0);
  });
}

function sectionOf({ settings, kind }: Conversation, isUnread: boolean): SectionName {
  if (settings.value.pinned) return "pinned";
  if (isUnread) return "unread";
  return kind === "direct" ? "direct" : "rooms";
}

/** The number of unread messages of a conversation; none of a muted one. */
export function countOf(conversation: Conversation): number {
  return isMuted(conversation.settings.value) ? 0 : unreadOf(conversation);
}
