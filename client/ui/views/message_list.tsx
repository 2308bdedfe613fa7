import { type Signal, useSignal } from "@preact/signals";
import { type RefObject } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";
import { words } from "../i18n/talk.ts";
import type { Conversation } from "../state/conversation.ts";
import { HistoryStart } from "./history_start.tsx";
import { Icon } from "./icons.tsx";
import { GapLine, MessageChunk } from "./message_chunk.tsx";
import { useActiveMessage } from "./active_message.ts";
import { PendingMessages } from "./pending_messages.tsx";
import { ScrollKeeper } from "./scroll_keeper.ts";

interface MessageListProps {
  readonly conversation: Conversation;
  /** What is said where nothing was. */
  readonly nothing?: string | undefined;
}

/** What was said, oldest first. Keeps the newest in sight until one scrolls up. */
export function MessageList({ conversation, nothing }: MessageListProps) {
  const list = useRef<HTMLDivElement>(null);
  const content = useRef<HTMLDivElement>(null);
  const isAtEnd = useSignal(true);
  const keeper = useScrollKeeper({ conversation, list, content, isAtEnd });
  const { current, pointing } = useActiveMessage(list);
  const { history } = conversation;
  const chunks = history.chunks.value;
  const pending = conversation.pending.value;
  const gapAfter = conversation.gapAfter.value;
  const isGapLast = gapAfter !== undefined && gapAfter >= (history.last?.id ?? 0);

  return (
    <div class="message-pane">
      <div
        ref={list}
        class="messages"
        role="log"
        aria-live="polite"
        aria-label={words.value.messages}
        aria-busy={history.loading.value === "yes"}
        tabIndex={0}
        {...pointing}
      >
        <div ref={content} class="messages-content">
          <HistoryStart conversation={conversation} nothing={nothing} />
          {chunks.map((chunk, n) => (
            <MessageChunk
              key={chunk.id}
              conversation={conversation}
              chunk={chunk}
              previous={chunks[n - 1]?.messages.at(-1)}
              current={current}
            />
          ))}
          {isGapLast && <GapLine conversation={conversation} />}
          <PendingMessages conversation={conversation} pending={pending} />
        </div>
      </div>
      {!isAtEnd.value && (
        <ToNewest
          conversation={conversation}
          onGo={() => keeper.current?.goToEnd()}
        />
      )}
    </div>
  );
}

interface ToNewestProps {
  readonly conversation: Conversation;
  readonly onGo: () => void;
}

function ToNewest({ conversation, onGo }: ToNewestProps) {
  const unread = conversation.unread.value;
  return (
    <button type="button" class="to-newest" data-news={unread > 0 || undefined} onClick={onGo}>
      <Icon name="down" /> {unread > 0 ? words.value.newMessages(unread) : words.value.toNewest}
    </button>
  );
}

interface KeptList {
  readonly conversation: Conversation;
  readonly list: RefObject<HTMLDivElement | null>;
  readonly content: RefObject<HTMLDivElement | null>;
  readonly isAtEnd: Signal<boolean>;
}

/** Keeps the place in the list, loads what one scrolls to, and notes what one has seen. */
function useScrollKeeper({ conversation, list, content, isAtEnd }: KeptList) {
  const keeper = useRef<ScrollKeeper>(undefined);
  const { history } = conversation;
  const chunks = history.chunks.value;
  const pending = conversation.pending.value.length;

  const look = () => {
    const kept = keeper.current;
    if (!kept || document.hidden || !list.current?.clientHeight) return;
    isAtEnd.value = kept.isAtEnd;
    if (kept.isNearStart && history.isLoaded.peek()) history.loadOlder();
    if (!history.isLoaded.peek()) return;
    if (kept.isAtEnd) conversation.markRead();
    else if (conversation.unread.peek() > 0) conversation.markRead(kept.lastSeen);
    if (kept.isAtEnd) conversation.settle();
  };
  useLayoutEffect(() => {
    if (!list.current || !content.current) return;
    const kept = keeper.current = new ScrollKeeper(list.current, content.current, look);
    const onVisibility = () => {
      if (!document.hidden) conversation.look();
      look();
    };
    document.addEventListener("visibilitychange", onVisibility);
    return () => {
      document.removeEventListener("visibilitychange", onVisibility);
      kept[Symbol.dispose]();
    };
  }, []);
  useLayoutEffect(() => keeper.current?.restore(), [chunks, pending]);
  useLayoutEffect(() => {
    if (pending > 0) keeper.current?.goToEnd();
  }, [pending]);
  // The line above the news is where one goes on reading.
  useLayoutEffect(() => keeper.current?.show(".new-line"), [
    history.isLoaded.value,
    conversation.newAfter.value,
  ]);
  // What is shown is seen: even who goes on at once has read it.
  useLayoutEffect(look, [chunks, history.isLoaded.value]);
  return keeper;
}
