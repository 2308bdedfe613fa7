import type { TargetedEvent } from "preact";
import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { strings } from "../../ui/i18n/chat_strings.ts";
import { hasAttention, onAttention } from "../../ui/state/attention.ts";
import { newestFirst } from "../../ui/state/chunks.ts";
import type { Conversation } from "../../ui/state/conversation.ts";
import { MessageItem } from "../../ui/views/message_item.tsx";

/**
 * The notices that are unread when the panel is opened or that arrive later, above the room. They are read when the
 * visitor can see them, and stay until they are dismissed or the panel is closed.
 */
export function NoticeCards({ conversation }: { readonly conversation: Conversation | undefined }) {
  /** The notices after this one are shown; undefined until it is known which are unread. */
  const after = useSignal<number>();
  const isLoaded = conversation?.history.isLoaded.value;
  const last = conversation?.last.value?.id;
  useEffect(() => {
    if (!isLoaded) return;
    after.value ??= conversation?.readUpTo.peek();
    const read = () => {
      if (hasAttention()) conversation?.markRead();
    };
    read();
    return onAttention(read);
  }, [isLoaded, last]);
  if (!conversation) return null;
  const start = after.value ?? Infinity;
  const notices = [...newestFirst(conversation.history.chunks.value)].filter(({ id }) =>
    id > start
  );
  if (notices.length === 0) return null;
  const dismiss = ({ currentTarget }: TargetedEvent<HTMLElement>) => {
    // The button disappears with the focus, and keys would not reach the panel any more.
    currentTarget.closest<HTMLElement>(".panel")?.focus();
    after.value = last;
  };
  return (
    <section class="notice-line notice-cards" role="status">
      {notices.map((notice) => (
        <div key={notice.id}>
          {notice.as && <strong dir="auto">{notice.as.displayName}</strong>}
          <MessageItem
            conversation={conversation}
            message={notice}
            delivery={undefined}
            isActive={false}
          />
        </div>
      ))}
      <button type="button" class="quiet" onClick={dismiss}>
        {strings.value.dismissGap}
      </button>
    </section>
  );
}
