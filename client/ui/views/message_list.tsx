import { batch, useSignal } from "@preact/signals";
import { useEffect, useLayoutEffect, useRef } from "preact/hooks";
import { words } from "../i18n/language.ts";
import type { Conversation } from "../state/conversation.ts";
import { groupMessages } from "../state/timeline.ts";
import { MessageGroup } from "./message_group.tsx";
import { PendingMessages } from "./pending_messages.tsx";
import { ScrollKeeper } from "./scroll_keeper.ts";

/** What was said, oldest first. Keeps the newest in sight until one scrolls up. */
export function MessageList({ conversation }: { readonly conversation: Conversation }) {
  const list = useRef<HTMLDivElement>(null);
  const keeper = useRef<ScrollKeeper>(undefined);
  const seen = useSignal(0);
  const isAtEnd = useSignal(true);
  const messages = conversation.messages.value;
  const pending = conversation.outbox.pending.value;
  const newest = messages.at(-1)?.id ?? 0;
  const unseen = messages.filter((message) => message.id > seen.value).length;

  const noteSeen = () => {
    if (!isAtEnd.peek() || document.hidden) return;
    batch(() => {
      seen.value = conversation.last.peek()?.id ?? 0;
      conversation.markRead();
    });
  };
  useLayoutEffect(() => {
    if (!list.current) return;
    const onScroll = () => {
      isAtEnd.value = keeper.current?.isAtEnd ?? true;
      if (keeper.current?.isNearStart) conversation.loadOlder();
      noteSeen();
    };
    const kept = keeper.current = new ScrollKeeper(list.current, onScroll);
    document.addEventListener("visibilitychange", noteSeen);
    return () => {
      document.removeEventListener("visibilitychange", noteSeen);
      kept[Symbol.dispose]();
    };
  }, []);
  useLayoutEffect(() => keeper.current?.restore(messages[0]?.id), [messages, pending]);
  useLayoutEffect(() => {
    if (pending.length > 0) keeper.current?.goToEnd();
  }, [pending.length]);
  useEffect(noteSeen, [newest]);

  return (
    <div class="message-pane">
      <div
        ref={list}
        class="messages"
        role="log"
        aria-live="polite"
        aria-label={words.value.messages}
        aria-busy={conversation.loading.value === "yes"}
        tabIndex={0}
      >
        <Start conversation={conversation} />
        {groupMessages(messages).map((group) => (
          <MessageGroup
            key={group.id}
            group={group}
            isOwn={conversation.isOwn(group.messages[0])}
          />
        ))}
        {conversation.hasGap.value && <Gap onSeen={() => conversation.hasGap.value = false} />}
        <PendingMessages outbox={conversation.outbox} pending={pending} />
      </div>
      {!isAtEnd.value && (
        <button
          type="button"
          class="to-newest"
          onClick={() => keeper.current?.goToEnd()}
        >
          ↓ {unseen > 0 ? words.value.newMessages(unseen) : words.value.toNewest}
        </button>
      )}
    </div>
  );
}

function Gap({ onSeen }: { readonly onSeen: () => void }) {
  return (
    <p class="gap">
      {words.value.gap}
      <button type="button" class="quiet" onClick={onSeen}>{words.value.gapSeen}</button>
    </p>
  );
}

function Start({ conversation }: { readonly conversation: Conversation }) {
  const { loading, hasMore, messages } = conversation;
  if (loading.value === "yes") return <p class="start">{words.value.loading}</p>;
  if (loading.value === "failed" || hasMore.value) {
    return (
      <p class="start">
        {loading.value === "failed" && <span>{words.value.loadFailed}</span>}
        <button type="button" class="quiet" onClick={() => conversation.loadOlder()}>
          {words.value.loadOlder}
        </button>
      </p>
    );
  }
  if (messages.value.length > 0) return <p class="start">{words.value.beginning}</p>;
  const isNotices = conversation.kind === "notices";
  return <p class="empty">{isNotices ? words.value.noNotices : words.value.nothingSaid}</p>;
}
