import { words } from "../i18n/language.ts";
import type { Chat } from "../state/chat.ts";
import type { Conversation } from "../state/conversation.ts";
import { Composer } from "./composer.tsx";
import { ConversationHeader } from "./conversation_header.tsx";
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
            isChosen={chat.pane.peek() === "conversation"}
            onTyping={() => chat.typing.tell(conversation.channel)}
            onEscape={() => chat.pane.value = "list"}
          />
        </>
      )}
    </>
  );
}

interface TypingLineProps {
  readonly chat: Pick<Chat, "typing">;
  readonly conversation: Conversation;
}

/** Who types in that conversation. */
export function TypingLine({ chat, conversation }: TypingLineProps) {
  const names = chat.typing.in(conversation.channel).map((person) => person.displayName);
  return (
    <p class="typing" role="status" dir="auto">
      {names.length > 0 && (
        <>
          <span class="typing-dots" aria-hidden="true">
            <i />
            <i />
            <i />
          </span>
          <span>{words.value.typing(names)}</span>
        </>
      )}
    </p>
  );
}
