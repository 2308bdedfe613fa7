import { formatUnread } from "../i18n/format_unread.ts";
import { strings } from "../i18n/page_strings.ts";

/** The number of unread messages that mention this person, if there are any. */
export function MentionCount({ count }: { readonly count: number }) {
  return count === 0 ? null : (
    <span class="mention-count">
      <span aria-hidden="true">@{count > 1 ? formatUnread(count) : ""}</span>
      <span class="visually-hidden">
        {strings.value.mentionCount({ count, shown: formatUnread(count) })}
      </span>
    </span>
  );
}

/** The number of unread messages, if there are any. */
export function UnreadCount({ count }: { readonly count: number }) {
  return count === 0 ? null : (
    <span class="unread">
      <span aria-hidden="true">{formatUnread(count)}</span>
      <span class="visually-hidden">
        {strings.value.unread({ count, shown: formatUnread(count) })}
      </span>
    </span>
  );
}
