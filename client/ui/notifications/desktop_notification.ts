import type { Message } from "../../comet/halley.ts";
import { strings } from "../i18n/page_strings.ts";
import { conversationOf } from "../state/address.ts";
import { textOf } from "../state/contact.ts";
import type { PageState } from "../state/page_state.ts";
import { withoutMarks } from "../views/marks.ts";
import { notifying, permission, wantsDesktop } from "../state/settings.ts";
import { PAGE_PREFIX } from "../storage/stored_value.ts";

/** Operating systems cut off long texts too. */
const MAX_TEXT_LENGTH = 240;

/** Shows a message on the desktop if the user has turned that on; a click opens the message's conversation. */
export function showDesktopNotification(message: Message, page: PageState): void {
  if (!wantsDesktop.value || permission.value !== "granted") return;
  const title = titleOf(message);
  const options = {
    body: withoutMarks(textOf(message)).slice(0, MAX_TEXT_LENGTH),
    icon: "icon.svg",
    // Other tabs show the same message: with the same tag the browser shows it once.
    tag: `${PAGE_PREFIX}-${message.id}`,
    silent: true,
  };
  if (notifying.show) return notifying.show(message, title, options);
  try {
    const notification = new Notification(title, options);
    notification.onclick = () => {
      notification.close();
      focus();
      const address = conversationOf(message.channel);
      const conversation = page.chat.conversations.find(address);
      if (conversation) page.select(conversation);
      else page.go(address);
    };
  } catch {
    // On Android, where the constructor throws, permission was granted before: the settings do not ask for it.
    permission.value = "missing";
  }
}

function titleOf({ title, from }: Message): string {
  return title ?? from?.displayName ?? strings.value.system;
}
