import { type Signal, useSignal } from "@preact/signals";
import type { TargetedEvent } from "preact";
import { useEffect, useRef } from "preact/hooks";
import type { Message } from "../../comet/halley.ts";
import { words } from "../i18n/language.ts";
import { formatShort } from "../i18n/times.ts";
import type { Chat } from "../state/chat.ts";
import { type Conversation, COUNTED } from "../state/conversation.ts";
import { parseReply } from "../state/quotation.ts";
import { ConversationMark } from "./conversation_mark.tsx";
import { titleOf } from "./conversation_title.ts";

/** All conversations, the newest first. One stop for Tab; the arrow keys go from one to the next. */
export function ConversationList({ chat }: { readonly chat: Chat }) {
  const list = useRef<HTMLUListElement>(null);
  const { newestFirst, selected } = chat.conversations;
  const stop = useSignal(selected.value?.channel);
  const pane = chat.pane.value;
  const lastPane = useRef(pane);
  useEffect(() => {
    stop.value = selected.value?.channel;
  }, [selected.value]);
  useEffect(() => {
    // Whoever comes back from a conversation goes on from there.
    if (pane === "list" && lastPane.current !== "list") focusSelected(list.current);
    lastPane.current = pane;
  }, [pane]);

  return (
    <nav class="conversations" aria-label={words.value.conversations}>
      <ul ref={list} onKeyDown={moveFocus}>
        {newestFirst.value.map((conversation) => (
          <Item key={conversation.channel} chat={chat} conversation={conversation} stop={stop} />
        ))}
      </ul>
    </nav>
  );
}

interface ItemProps {
  readonly chat: Chat;
  readonly conversation: Conversation;
  /** The channel of the one that Tab leads to. */
  readonly stop: Signal<string | undefined>;
}

function Item({ chat, conversation, stop }: ItemProps) {
  const { channel, last, unread, other } = conversation;
  const isSelected = chat.conversations.selected.value === conversation;
  const nameMark = other.value && chat.names.markOf(other.value);
  return (
    <li>
      <button
        type="button"
        class="conversation-item"
        data-channel={channel}
        aria-current={isSelected ? "true" : undefined}
        tabIndex={stop.value === channel ? 0 : -1}
        onFocus={() => stop.value = channel}
        onClick={() => chat.select(conversation)}
      >
        <ConversationMark conversation={conversation} />
        <span class="title">
          <span dir="auto">{titleOf(conversation)}</span>
          {nameMark && <span class="name-mark">{nameMark}</span>}
        </span>
        {last.value && <time class="when">{formatShort(last.value.at)}</time>}
        <LastLine conversation={conversation} isSelected={isSelected} />
        {unread.value > 0 && (
          <span class="unread">
            <span aria-hidden="true">{unread.value >= COUNTED ? "99+" : unread.value}</span>
            <span class="only-heard">{words.value.unread(unread.value)}</span>
          </span>
        )}
      </button>
    </li>
  );
}

interface LastLineProps {
  readonly conversation: Conversation;
  readonly isSelected: boolean;
}

function LastLine({ conversation, isSelected }: LastLineProps) {
  const { draft, last } = conversation;
  if (!isSelected && draft.value.trim()) {
    return (
      <span class="last" dir="auto">
        <em>{words.value.draft}:</em> {draft.value.slice(0, 100)}
      </span>
    );
  }
  return (
    <span class="last" dir="auto">
      {last.value ? summarize(last.value, conversation) : words.value.noMessages}
    </span>
  );
}

function summarize(message: Message, conversation: Conversation): string {
  const text = message.text === undefined ? undefined : parseReply(message.text).answer;
  const said = (message.title ?? text ?? JSON.stringify(message.data)).slice(0, 100);
  if (conversation.isOwn(message)) return `${words.value.you}: ${said}`;
  return conversation.kind === "room" && message.from
    ? `${message.from.displayName}: ${said}`
    : said;
}

function focusSelected(list: HTMLElement | null): void {
  list?.querySelector<HTMLElement>("[aria-current]")?.focus();
}

function moveFocus(event: TargetedEvent<HTMLElement, KeyboardEvent>): void {
  const items = [...event.currentTarget.querySelectorAll("button")];
  const now = items.findIndex((item) => item === event.target);
  const places: Record<string, number> = {
    ArrowDown: now + 1,
    ArrowUp: now - 1,
    Home: 0,
    End: items.length - 1,
  };
  const item = items[places[event.key] ?? -1];
  if (!item) return;
  event.preventDefault();
  item.focus();
}
