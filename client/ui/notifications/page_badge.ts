import { effect } from "@preact/signals";
import { formatUnread } from "../i18n/format_unread.ts";
import type { PageState } from "../state/page_state.ts";
import { notifying } from "../state/settings.ts";
import { titleOf } from "../views/conversation_title.ts";

/**
 * Shows the selected conversation and the number of unread messages for this person in the page's title and
 * icons, until it is stopped.
 */
export function showPageBadge({ chat, unreadForSelf: all }: PageState): () => void {
  const stop = effect(() => {
    const { selected } = chat.conversations;
    const unread = all.value;
    const count = unread > 0 ? formatUnread(unread) : "";
    const title = selected.value ? `${titleOf(selected.value)} · Halley` : "Halley";
    document.title = count ? `(${count}) ${title}` : title;
    notifying.icon.value?.(count);
    setAppBadge(unread);
  });
  return () => {
    stop();
    document.title = "Halley";
    notifying.icon.peek()?.("");
    setAppBadge(0);
  };
}

/** Sets the number on the icon of the installed app, if the page is installed. */
function setAppBadge(unread: number): void {
  if (!("setAppBadge" in navigator)) return;
  // Rejects if the page is not installed.
  navigator.setAppBadge(unread).catch(() => {});
}
