import type { Message } from "../../comet/halley.ts";
import { words } from "../i18n/language.ts";
import { formatShort } from "../i18n/times.ts";
import type { Chat } from "../state/chat.ts";
import type { Conversation } from "../state/conversation.ts";
import { titleOf } from "./conversation_title.ts";
import { PersonMark } from "./marks.tsx";

/** All conversations, by kind. */
export function ConversationList({ chat }: { readonly chat: Chat }) {
  const { rooms, directs, notices } = chat.conversations;
  return (
    <nav class="conversations" aria-label={words.value.conversations}>
      <Section title={words.value.rooms} chat={chat} conversations={rooms.value} />
      <Section title={words.value.directs} chat={chat} conversations={directs.value} />
      <Section title={words.value.notices} chat={chat} conversations={notices.value} />
    </nav>
  );
}

interface SectionProps {
  readonly title: string;
  readonly chat: Chat;
  readonly conversations: readonly Conversation[];
}

function Section({ title, chat, conversations }: SectionProps) {
  if (conversations.length === 0) return null;
  return (
    <section aria-label={title}>
      <h2 aria-hidden="true">{title}</h2>
      <ul>
        {conversations.map((conversation) => (
          <Item key={conversation.channel} chat={chat} conversation={conversation} />
        ))}
      </ul>
    </section>
  );
}

interface ItemProps {
  readonly chat: Chat;
  readonly conversation: Conversation;
}

function Item({ chat, conversation }: ItemProps) {
  const isSelected = chat.conversations.selected.value === conversation;
  const { last, unread } = conversation;
  return (
    <li>
      <button
        type="button"
        class="conversation-item"
        data-channel={conversation.channel}
        aria-current={isSelected ? "true" : undefined}
        onClick={() => chat.select(conversation)}
      >
        <ConversationMark conversation={conversation} />
        <span class="title" dir="auto">{titleOf(conversation)}</span>
        {last.value && <time class="when">{formatShort(last.value.at)}</time>}
        <span class="last" dir="auto">
          {last.value ? summarize(last.value, conversation) : words.value.noMessages}
        </span>
        {unread.value > 0 && (
          <span class="unread">
            <span aria-hidden="true">{unread.value > 99 ? "99+" : unread.value}</span>
            <span class="only-heard">{words.value.unread(unread.value)}</span>
          </span>
        )}
      </button>
    </li>
  );
}

function ConversationMark({ conversation }: { readonly conversation: Conversation }) {
  const { kind, other } = conversation;
  if (other.value) return <PersonMark person={other.value} />;
  return <span class="room-mark" aria-hidden="true">{kind === "room" ? "#" : "✦"}</span>;
}

function summarize(message: Message, conversation: Conversation): string {
  const said = message.text ?? message.title ?? JSON.stringify(message.data);
  if (conversation.isOwn(message)) return `${words.value.you}: ${said}`;
  return conversation.kind === "room" && message.from
    ? `${message.from.displayName}: ${said}`
    : said;
}
