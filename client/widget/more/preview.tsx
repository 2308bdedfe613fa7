import { useSignal } from "@preact/signals";
import { strings as chatStrings } from "../../ui/i18n/chat_strings.ts";
import type { Chat } from "../../ui/state/chat.ts";
import { byNewest } from "../../ui/state/by_newest.ts";
import { isContact } from "../../ui/state/contact.ts";
import { withoutMarks } from "../../ui/views/marks.ts";
import { Icon } from "../../ui/views/icons.tsx";
import { strings } from "./more_strings.ts";

interface PreviewProps {
  readonly chat: Chat;
  readonly onOpen: () => void;
  /** Called when it disappears while it has the focus. */
  readonly onFocusLost: () => void;
}

/** The newest unread message beside the button, while the chat is closed. */
export function Preview({ chat, onOpen, onFocusLost }: PreviewProps) {
  const dismissed = useSignal(0);
  const unread = byNewest(chat.conversations.all.value).find(({ unread }) => unread.value > 0);
  const message = unread?.last.value;
  if (!unread || !message || unread.isOwn(message) || message.id <= dismissed.value) return null;
  const { id, from, as, title, text, data, files } = message;
  const names = files?.map(({ name }) => name).join(", ");
  return (
    <div class="preview" part="preview">
      <button type="button" onClick={onOpen}>
        <strong dir="auto">
          {(from ?? as)?.displayName ?? title ?? chatStrings.value.notices}
        </strong>
        <span dir="auto">{withoutMarks(text ?? (isContact(data) ? data.text : names ?? "…"))}</span>
      </button>
      <button
        type="button"
        class="quiet close"
        aria-label={strings.value.dismiss}
        onClick={() => {
          onFocusLost();
          dismissed.value = id;
        }}
      >
        <Icon name="close" />
      </button>
    </div>
  );
}
