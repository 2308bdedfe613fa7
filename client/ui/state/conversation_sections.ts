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
  // A selection sorts nothing.
  const listed = computed(() =>
    byNewest(all.value).filter(({ channel }) => !chat.isReadByPattern(channel))
      .map((one) => [one, sectionOf(one, false), sectionOf(one, countOf(one) > 0)] as const)
  );
  let last: Conversation | undefined;
  /** Whether the selected one was unread. */
  let isKept = false;
  let shown: readonly Section[] = [];
  return computed(() => {
    const chosen = selected.value;
    const unread = shown.find(({ name }) => name === "unread")?.conversations ?? [];
    if (chosen !== last) isKept = unread.some((one) => one === chosen);
    last = chosen;
    const sections = SECTIONS.map((name) => ({
      name,
      conversations: listed.value.flatMap(([one, ifRead, now]) =>
        (one !== chosen ? now : isKept ? sectionOf(one, true) : ifRead) === name ? one : []
      ),
    })).filter(({ conversations }) => conversations.length > 0);
    // The same object if nothing has changed: the list is not rendered again.
    return shown = areSame(shown, sections) ? shown : sections;
  });
}

function sectionOf({ settings, kind }: Conversation, isUnread: boolean): SectionName {
  if (settings.value.pinned) return "pinned";
  if (isUnread) return "unread";
  return kind === "direct" ? "direct" : "rooms";
}

function areSame(some: readonly Section[], others: readonly Section[]): boolean {
  const [items, otherItems] = [some, others].map((sections) =>
    sections.flatMap(({ name, conversations }) => [name, ...conversations])
  );
  return items?.length === otherItems?.length &&
    items?.every((item, index) => item === otherItems?.[index]) === true;
}

/** The number of unread messages of a conversation; none of a muted one. */
export function countOf(conversation: Conversation): number {
  return isMuted(conversation.settings.value) ? 0 : unreadOf(conversation);
}
