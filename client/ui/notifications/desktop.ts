import type { Message } from "../../comet/halley.ts";
import { words } from "../i18n/language.ts";
import { conversationOf } from "../state/address.ts";
import type { Chat } from "../state/chat.ts";
import { permission, wantsDesktop } from "../state/settings.ts";

/** Longer texts are cut off, as systems do too. */
const LONGEST = 240;

/** Shows a message on the desktop, where that was chosen and is permitted; a click on it leads there. */
export function showOnDesktop(message: Message, chat: Chat): void {
  if (!wantsDesktop.value || permission.value !== "granted") return;
  try {
    const shown = new Notification(titleOf(message), {
      body: (message.text ?? JSON.stringify(message.data)).slice(0, LONGEST),
      icon: "/icon.svg",
      // Other tabs of this browser show it too, and it shall be there once.
      tag: `halley-${message.id}`,
      silent: true,
    });
    shown.onclick = () => {
      shown.close();
      focus();
      const conversation = chat.conversations.find(conversationOf(message.channel));
      if (conversation) chat.select(conversation);
    };
  } catch {
    // Some phones let only a service worker show them.
  }
}

function titleOf({ title, from }: Message): string {
  return title ?? from?.displayName ?? words.value.system;
}
