import { words } from "../i18n/language.ts";
import type { Chat } from "../state/chat.ts";
import type { Conversation } from "../state/conversation.ts";
import { Composer } from "./composer.tsx";
import { ConversationHeader } from "./conversation_header.tsx";
import { MessageList } from "./message_list.tsx";
import { TypingLine } from "./typing_line.tsx";

interface ConversationProps {
  readonly chat: Chat;
  readonly conversation: Conversation;
}

/** One conversation: what it is, what was said, and what one says. */
export function ConversationView({ chat, conversation }: ConversationProps) {
  const isNotices = conversation.kind === "notices";
  return (
    <>
      <ConversationHeader chat={chat} conversation={conversation} />
      <MessageList
        conversation={conversation}
        nothing={isNotices ? words.value.noNotices : undefined}
      />
      {!isNotices && (
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
