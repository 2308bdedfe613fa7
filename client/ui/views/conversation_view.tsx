import { strings } from "../i18n/page_strings.ts";
import type { PageState } from "../state/page_state.ts";
import type { Conversation } from "../state/conversation.ts";
import { Composer } from "./composer.tsx";
import { ConversationHeader } from "./conversation_header.tsx";
import { InboxBar } from "./inbox_bar.tsx";
import { MessageList } from "./message_list.tsx";
import { RefusedRoom } from "./refused_room.tsx";
import { TypingIndicator } from "./typing_indicator.tsx";

interface ConversationViewProps {
  readonly page: PageState;
  readonly conversation: Conversation;
}

/** One conversation: its header, its messages, and the composer. */
export function ConversationView({ page, conversation }: ConversationViewProps) {
  const { chat, pane } = page;
  const isNotices = conversation.kind === "notices";
  return (
    <>
      <ConversationHeader page={page} conversation={conversation} />
      {chat.isReadByPattern(conversation.channel) && (
        <InboxBar page={page} conversation={conversation} />
      )}
      <MessageList
        conversation={conversation}
        emptyText={isNotices ? strings.value.noNotices : undefined}
      />
      {conversation.refused.value && <RefusedRoom chat={chat} conversation={conversation} />}
      {!isNotices && !conversation.refused.value && (
        <>
          <TypingIndicator chat={chat} conversation={conversation} />
          <Composer
            conversation={conversation}
            autoFocus={pane.peek() === "conversation"}
            maxBytes={chat.settings.value.textBytes}
            onTyping={() => chat.typing.send(conversation.channel)}
            onEscape={() => pane.value = "list"}
          />
        </>
      )}
    </>
  );
}
