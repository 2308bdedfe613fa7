import type { RefObject } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";
import { formatUnread } from "../i18n/format_unread.ts";
import { hasAttention, onAttention } from "../state/attention.ts";
import { useActiveMessage } from "./active_message.ts";
import type { Conversation } from "../state/conversation.ts";
import { groupChunks } from "../state/timeline.ts";
import { PendingMessages } from "./pending_messages.tsx";
import { HistoryStart } from "./history_start.tsx";
import { Icon } from "./icons.tsx";
import { strings } from "../i18n/chat_strings.ts";
import { type Signal, useSignal } from "@preact/signals";
import { GapLine, MessageChunk } from "./message_chunk.tsx";
import { ScrollAnchor } from "./scroll_anchor.ts";

interface MessageListProps {
  readonly conversation: Conversation;
  /** Shown if there are no messages, instead of the default text. */
  readonly emptyText?: string | undefined;
  readonly place?: ListPlace;
}

/** Where a list starts, and where its button leads, if not to the end: then these return false. */
export interface ListPlace {
  start(anchor: ScrollAnchor, list: HTMLElement): boolean;
  jump(anchor: ScrollAnchor, list: HTMLElement): boolean;
}

/** The messages of a conversation, oldest first. Follows new messages until the user scrolls up. */
export function MessageList({ conversation, emptyText, place }: MessageListProps) {
  const list = useRef<HTMLDivElement>(null);
  const content = useRef<HTMLDivElement>(null);
  const isAtEnd = useSignal(!conversation.place);
  const anchor = useScrollAnchor({ conversation, list, content, isAtEnd, place });
  const visited = conversation.visited.value;
  const jump = () => {
    const { current } = anchor;
    visited?.leave();
    if (current && list.current && (visited || !place?.jump(current, list.current))) {
      current.goToEnd();
    }
  };
  const { activeId, handlers } = useActiveMessage(list);
  const shown = visited ?? conversation;
  const { history } = shown;
  const chunks = history.chunks.value;
  const pending = shown.pending.value;
  const gapAfter = shown.gapAfter.value;
  const groups = groupChunks(chunks, [conversation.newAfter.value, gapAfter]);
  const isGapLast = gapAfter !== undefined && gapAfter >= (history.last?.id ?? 0);

  return (
    <div class="message-pane">
      <div
        ref={list}
        class="messages"
        role="log"
        aria-live="polite"
        aria-label={strings.value.messages}
        aria-busy={history.loading.value === "yes"}
        tabIndex={0}
        {...handlers}
      >
        <div ref={content} class="messages-content">
          <HistoryStart conversation={conversation} emptyText={emptyText} />
          {chunks.map((chunk, index) => (
            <MessageChunk
              key={chunk.id}
              conversation={conversation}
              chunk={chunk}
              groups={groups[index] ?? []}
              first={chunks[index - 1]?.messages.at(-1)?.id ?? -1}
              activeId={activeId}
            />
          ))}
          {isGapLast && <GapLine conversation={conversation} />}
          <PendingMessages
            conversation={conversation}
            pending={pending}
            previous={groups.at(-1)?.at(-1)}
          />
        </div>
      </div>
      {(visited || !isAtEnd.value) && (
        <JumpButton
          conversation={conversation}
          onClick={jump}
        />
      )}
    </div>
  );
}

interface JumpButtonProps {
  readonly conversation: Conversation;
  readonly onClick: () => void;
}

/** Scrolls to the newest message, and shows how many are unread. */
function JumpButton({ conversation, onClick }: JumpButtonProps) {
  const unread = conversation.unread.value;
  const { newMessages, jumpToLatest } = strings.value;
  return (
    <button
      type="button"
      class="jump-to-latest"
      data-unread={unread > 0 || undefined}
      onClick={onClick}
    >
      <Icon name="down" />{" "}
      {unread > 0 ? newMessages({ count: unread, shown: formatUnread(unread) }) : jumpToLatest}
    </button>
  );
}

interface ScrollAnchorOptions {
  readonly conversation: Conversation;
  readonly list: RefObject<HTMLDivElement | null>;
  readonly content: RefObject<HTMLDivElement | null>;
  readonly isAtEnd: Signal<boolean>;
  readonly place: ListPlace | undefined;
}

/** Keeps the scroll position, loads earlier messages near the start, and marks visible messages as read. */
function useScrollAnchor(
  { conversation, list, content, isAtEnd, place }: ScrollAnchorOptions,
) {
  const anchor = useRef<ScrollAnchor>(undefined);
  const isBack = useRef(false);
  const visited = conversation.visited.value;
  const { history } = visited ?? conversation;
  const chunks = history.chunks.value;
  const pending = conversation.pending.value;
  const newest = pending.at(-1)?.key;

  const update = () => {
    const { current } = anchor;
    const shown = conversation.visited.peek() ?? conversation;
    const { history } = shown;
    if (!current || document.hidden || !list.current?.clientHeight) return;
    isAtEnd.value = current.isAtEnd;
    if (!history.isLoaded.peek()) return;
    if (current.isNearStart) history.loadOlder();
    if (current.isAtEnd) shown.trim();
    if (!hasAttention()) return;
    if (current.isAtEnd) shown.markRead();
    else if (conversation.unread.peek() > 0) shown.markRead(current.lastSeen);
  };
  useLayoutEffect(() => {
    if (!list.current || !content.current) return;
    const created = anchor.current = new ScrollAnchor(list.current, content.current, update);
    isBack.current = place?.start(created, list.current) ?? false;
    const stop = onAttention(() => {
      if (hasAttention() && conversation.unread.peek() > 0) conversation.show();
      update();
    });
    return () => {
      stop();
      created[Symbol.dispose]();
    };
  }, []);
  useLayoutEffect(() => anchor.current?.restore(), [chunks, pending.length]);
  // Not when an earlier one has been sent: the person may have scrolled up meanwhile.
  useLayoutEffect(() => {
    if (!newest) return;
    visited?.leave();
    anchor.current?.goToEnd();
  }, [newest]);
  // The user continues to read at the line above the new messages.
  useLayoutEffect(() => {
    // Unless the user comes back to the middle of the conversation, and goes on reading there.
    if (!isBack.current) anchor.current?.show(".new-line");
    isBack.current = false;
  }, [history.isLoaded.value, conversation.newAfter.value]);
  // What is rendered counts as read, even if the user goes to another conversation before the next event.
  useLayoutEffect(update, [chunks, history.isLoaded.value]);
  return anchor;
}
