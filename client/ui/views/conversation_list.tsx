import { type Signal, useSignal } from "@preact/signals";
import type { TargetedEvent } from "preact";
import { useEffect, useRef } from "preact/hooks";
import type { Person } from "../../comet/halley.ts";
import { formatShort } from "../i18n/format_time.ts";
import { strings } from "../i18n/page_strings.ts";
import type { PageState } from "../state/page_state.ts";
import type { Conversation } from "../state/conversation.ts";
import { ConversationAvatar } from "./avatars.tsx";
import { PREVIEW_LENGTH, summarize } from "./conversation_preview.ts";
import { markOf, titleOf } from "./conversation_title.ts";
import { InboxList } from "./inbox_list.tsx";
import { NameMark } from "./person_name.tsx";
import { UnreadCount } from "./unread_count.tsx";

/**
 * All conversations, the newest message first, below the rooms of the inbox. Tab reaches one of them; arrow keys move
 * between them.
 */
export function ConversationList({ page }: { readonly page: PageState }) {
  const list = useRef<HTMLElement>(null);
  const { chat } = page;
  const { newestFirst, selected } = chat.conversations;
  const start = selected.value ?? newestFirst.value[0];
  const tabStop = useSignal(start?.channel);
  const pane = page.pane.value;
  const lastPane = useRef(pane);
  useEffect(() => {
    tabStop.value = start?.channel;
  }, [selected.value]);
  useEffect(() => {
    // Back from a conversation, the focus is where it was before.
    if (pane === "list" && lastPane.current !== "list") focusSelected(list.current);
    lastPane.current = pane;
  }, [pane]);

  return (
    <nav
      ref={list}
      class="conversations"
      aria-label={strings.value.conversations}
      onKeyDown={moveFocus}
    >
      <InboxList page={page} tabStop={tabStop} />
      <ul>
        {newestFirst.value.filter(({ channel }) => !chat.isReadByPattern(channel)).map((
          conversation,
        ) => (
          <ConversationItem
            key={conversation.channel}
            page={page}
            conversation={conversation}
            tabStop={tabStop}
          />
        ))}
      </ul>
    </nav>
  );
}

interface ConversationItemProps {
  readonly page: PageState;
  readonly conversation: Conversation;
  /** The channel of the conversation that Tab reaches. */
  readonly tabStop: Signal<string | undefined>;
}

function ConversationItem({ page, conversation, tabStop }: ConversationItemProps) {
  const { channel, last, unread } = conversation;
  const isSelected = page.chat.conversations.selected.value === conversation;
  return (
    <li>
      <button
        type="button"
        class="conversation-item"
        data-channel={channel}
        aria-current={isSelected ? "true" : undefined}
        tabIndex={tabStop.value === channel ? 0 : -1}
        onFocus={() => tabStop.value = channel}
        onClick={() => page.select(conversation)}
      >
        <ConversationAvatar conversation={conversation} />
        <span class="title">
          <span dir="auto">{titleOf(conversation)}</span>
          <NameMark mark={markOf(page, conversation)} />
        </span>
        {last.value && <time class="when">{formatShort(last.value.at)}</time>}
        <Preview conversation={conversation} self={page.chat.self} isSelected={isSelected} />
        <UnreadCount count={unread.value} />
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

function focusSelected(list: HTMLElement | null): void {
  list?.querySelector<HTMLElement>("[aria-current]")?.focus();
}

function moveFocus(event: TargetedEvent<HTMLElement, KeyboardEvent>): void {
  const all = event.currentTarget.querySelectorAll<HTMLElement>(".conversation-item");
  // Those of a folded list have no parent of that kind.
  const items = [...all].filter((item) => item.offsetParent !== null);
  const index = items.findIndex((item) => item === event.target);
  const indexes: Record<string, number> = {
    ArrowDown: index + 1,
    ArrowUp: index - 1,
    Home: 0,
    End: items.length - 1,
  };
  const item = items[indexes[event.key] ?? -1];
  if (!item) return;
  event.preventDefault();
  item.focus();
}
