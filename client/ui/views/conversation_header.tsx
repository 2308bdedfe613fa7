import { words } from "../i18n/language.ts";
import { formatAgo } from "../i18n/times.ts";
import type { Chat } from "../state/chat.ts";
import { type Conversation, COUNTED } from "../state/conversation.ts";
import { ConversationMark } from "./conversation_mark.tsx";
import { titleOf } from "./conversation_title.ts";
import { Icon } from "./icons.tsx";

interface ConversationProps {
  readonly chat: Chat;
  readonly conversation: Conversation;
}

/** What a conversation is, who is there, and the ways out of it. */
export function ConversationHeader({ chat, conversation }: ConversationProps) {
  const title = titleOf(conversation);
  const nameMark = conversation.other.value && chat.names.markOf(conversation.other.value);
  return (
    <header class="conversation-header">
      <BackButton chat={chat} conversation={conversation} />
      <ConversationMark conversation={conversation} />
      <div class="heading">
        <h2 title={title}>
          <span dir="auto">{title}</span>
          {nameMark && <span class="name-mark">{nameMark}</span>}
        </h2>
        <Subscription chat={chat} conversation={conversation} />
      </div>
      <LeaveButton chat={chat} conversation={conversation} />
      {conversation.kind !== "notices" && <ShowPeople chat={chat} />}
    </header>
  );
}

function ShowPeople({ chat }: { readonly chat: Chat }) {
  const count = chat.isServerThere.value && chat.people.present.value?.length;
  return (
    <button
      type="button"
      class="quiet show-people"
      aria-label={count ? `${words.value.showPeople}: ${count}` : words.value.showPeople}
      onClick={() => chat.pane.value = "people"}
    >
      <Icon name="people" /> {count}
    </button>
  );
}

function BackButton({ chat, conversation }: ConversationProps) {
  const elsewhere = chat.unread.value - conversation.unread.value;
  return (
    <button
      type="button"
      class="quiet back"
      aria-label={elsewhere > 0 ? words.value.backWithUnread(elsewhere) : words.value.back}
      onClick={() => chat.pane.value = "list"}
    >
      <Icon name="back" />
      {elsewhere > 0 && <span class="unread">{elsewhere >= COUNTED ? "99+" : elsewhere}</span>}
    </button>
  );
}

/** Who is there, as far as that is known now. */
function Subscription({ chat, conversation }: ConversationProps) {
  const { kind, otherToken, otherHasEnded } = conversation;
  if (kind === "notices") return null;
  const present = chat.people.present.value;
  const other = chat.people.find(otherToken);
  const isGone = otherHasEnded.value || kind === "direct" && present && !other;
  if (isGone) return <p class="subscription">{words.value.hasEnded}</p>;
  if (!chat.isServerThere.value || !present) return <p class="subscription">&nbsp;</p>;
  if (kind === "room") return <p class="subscription">{words.value.peopleHere(present.length)}</p>;
  if (!other) return null;
  return (
    <p class="subscription">
      <span class="presence-dot" data-state={other.state} aria-hidden="true" />
      {other.state === "offline"
        ? words.value.lastSeen(formatAgo(other.lastSeen))
        : words.value[other.state]}
    </p>
  );
}

function LeaveButton({ chat, conversation }: ConversationProps) {
  if (chat.conversations.isHome(conversation)) return null;
  const isRoom = conversation.kind === "room";
  return (
    <button type="button" class="quiet" onClick={() => chat.leave(conversation)}>
      {isRoom ? words.value.leaveRoom : words.value.closeConversation}
    </button>
  );
}
