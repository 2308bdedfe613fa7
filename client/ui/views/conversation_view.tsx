import { strings } from "../i18n/page_strings.ts";
import type { Chat } from "../state/chat.ts";
import type { Conversation } from "../state/conversation.ts";
import { Composer } from "./composer.tsx";
import { ConversationHeader } from "./conversation_header.tsx";
import { MessageList } from "./message_list.tsx";
import { TypingIndicator } from "./typing_indicator.tsx";

interface ConversationViewProps {
  readonly chat: Chat;
  readonly conversation: Conversation;
}

/** One conversation: its header, its messages, and the composer. */
export function ConversationView({ chat, conversation }: ConversationViewProps) {
  const isNotices = conversation.kind === "notices";
  return (
    <>
      <ConversationHeader chat={chat} conversation={conversation} />
      <MessageList
        conversation={conversation}
        emptyText={isNotices ? strings.value.noNotices : undefined}
      />
      {!isNotices && (
        <>
          <TypingIndicator chat={chat} conversation={conversation} />
          <Composer
            conversation={conversation}
            autoFocus={chat.pane.peek() === "conversation"}
            onTyping={() => chat.typing.tell(conversation.channel)}
            onEscape={() => chat.pane.value = "list"}
          />
        </>
      )}
    </>
  );
}
