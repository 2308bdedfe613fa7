import { useEffect } from "preact/hooks";
import { words } from "../i18n/language.ts";
import { LOBBY } from "../state/address.ts";
import type { Chat } from "../state/chat.ts";
import type { Conversation } from "../state/conversation.ts";
import { Composer } from "./composer.tsx";
import { titleOf } from "./conversation_title.ts";
import { MessageList } from "./message_list.tsx";

interface ConversationProps {
  readonly chat: Chat;
  readonly conversation: Conversation;
}

/** One conversation: what it is, what was said, and what one says. */
export function ConversationView({ chat, conversation }: ConversationProps) {
  return (
    <>
      <ConversationHeader chat={chat} conversation={conversation} />
      <MessageList conversation={conversation} />
      {conversation.kind !== "notices" && (
        <>
          <TypingLine chat={chat} conversation={conversation} />
          <Composer
            conversation={conversation}
            onTyping={() => chat.typing.tell(conversation.channel)}
          />
        </>
      )}
    </>
  );
}

function ConversationHeader({ chat, conversation }: ConversationProps) {
  const title = titleOf(conversation);
  useEffect(() => {
    document.title = `${title} · Halley`;
    return () => document.title = "Halley";
  }, [title]);
  return (
    <header class="conversation-header">
      <button
        type="button"
        class="quiet back"
        aria-label={words.value.back}
        onClick={() => chat.pane.value = "list"}
      >
        ←
      </button>
      <h2 dir="auto" title={title}>{title}</h2>
      <LeaveButton chat={chat} conversation={conversation} />
      {conversation.kind !== "notices" && (
        <button
          type="button"
          class="quiet show-people"
          aria-label={words.value.showPeople}
          onClick={() => chat.pane.value = "people"}
        >
          <span class="presence-dot" data-state="active" aria-hidden="true" />
          {chat.people.present.value?.length ?? "–"}
        </button>
      )}
    </header>
  );
}

function LeaveButton({ chat, conversation }: ConversationProps) {
  if (conversation.channel === LOBBY || conversation.kind === "notices") return null;
  const isRoom = conversation.kind === "room";
  return (
    <button type="button" class="quiet" onClick={() => chat.leave(conversation)}>
      {isRoom ? words.value.leaveRoom : words.value.closeConversation}
    </button>
  );
}

function TypingLine({ chat, conversation }: ConversationProps) {
  const names = chat.typing.in(conversation.channel).map((person) => person.displayName);
  return (
    <p class="typing" role="status" dir="auto">
      {names.length > 0 && (
        <>
          <span class="typing-dots" aria-hidden="true" />
          {words.value.typing(names)}
        </>
      )}
    </p>
  );
}
