import { type Signal, useComputed } from "@preact/signals";
import type { Person } from "../../comet/halley.ts";
import { formatShort } from "../i18n/format_time.ts";
import { strings } from "../i18n/page_strings.ts";
import type { Conversation } from "../state/conversation.ts";
import { isMuted } from "../state/conversation_settings.ts";
import type { PageState } from "../state/page_state.ts";
import { unreadOf } from "../state/unread_marks.ts";
import { ConversationAvatar } from "./avatars.tsx";
import { PREVIEW_LENGTH, summarize } from "./conversation_preview.ts";
import { markOf, titleOf } from "./conversation_title.ts";
import { PathIcon } from "./icons.tsx";
import { PAGE_PATHS } from "./page_icons.ts";
import { NameMark } from "./person_name.tsx";
import { MentionCount, UnreadCount } from "./unread_count.tsx";

interface ConversationItemProps {
  readonly page: PageState;
  readonly conversation: Conversation;
  /** The channel of the conversation that Tab reaches. */
  readonly tabStop: Signal<string | undefined>;
}

/** A conversation in the list. Of several hundred, a selection renders only two again. */
export function ConversationItem({ page, conversation, tabStop }: ConversationItemProps) {
  const { channel, last, settings } = conversation;
  const { selected } = page.chat.conversations;
  const isSelected = useComputed(() => selected.value === conversation);
  const isTabStop = useComputed(() => tabStop.value === channel);
  const isQuiet = isMuted(settings.value);
  return (
    <li>
      <button
        type="button"
        class="conversation-item"
        data-channel={channel}
        data-muted={isQuiet || undefined}
        aria-current={isSelected.value ? "true" : undefined}
        tabIndex={isTabStop.value ? 0 : -1}
        onFocus={() => tabStop.value = channel}
        onClick={() => page.select(conversation)}
        onContextMenu={(event) => {
          event.preventDefault();
          const { clientX: x, clientY: y } = event;
          page.menu.value = { conversation, x, y };
        }}
      >
        <ConversationAvatar conversation={conversation} />
        <span class="title">
          <span dir="auto">{titleOf(conversation)}</span>
          <NameMark mark={markOf(page, conversation)} />
          {isQuiet && (
            <span class="muted-mark" role="img" aria-label={strings.value.muted}>
              <PathIcon path={PAGE_PATHS.muted} />
            </span>
          )}
        </span>
        {last.value && <time class="when">{formatShort(last.value.at)}</time>}
        <Preview
          conversation={conversation}
          self={page.chat.self}
          isSelected={isSelected.value}
        />
        <span class="counts">
          {conversation.kind === "room" && (
            <MentionCount count={page.mentions.count(conversation)} />
          )}
          <UnreadCount count={unreadOf(conversation)} />
        </span>
      </button>
    </li>
  );
}

interface PreviewProps {
  readonly conversation: Conversation;
  readonly self: Person;
  readonly isSelected: boolean;
}

/** Why the room is refused, or else the draft, or else the last message. */
function Preview({ conversation, self, isSelected }: PreviewProps) {
  const { draft, last, refused, isForbidden } = conversation;
  const { notReadable, roomLimit, noMessages } = strings.value;
  if (refused.value) {
    return <span class="last" dir="auto">{isForbidden.value ? notReadable : roomLimit}</span>;
  }
  if (!isSelected && draft.text.value.trim()) {
    return (
      <span key="draft" class="last" dir="auto">
        <em>{strings.value.draft}:</em> {draft.text.value.slice(0, PREVIEW_LENGTH)}
      </span>
    );
  }
  return (
    <span class="last" dir="auto">
      {last.value ? summarize(last.value, { self }) : noMessages}
    </span>
  );
}
