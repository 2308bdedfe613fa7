// In this order the modules of the bundle compress best.
import { useMemo } from "preact/hooks";
import { strings } from "../i18n/page_strings.ts";
import { titleOf } from "./conversation_title.ts";
import { ConversationHeader } from "./conversation_header.tsx";
import { useConversationPlace } from "./conversation_place.ts";
import { MessageTouch } from "./message_touch.tsx";
import { MessageList } from "./message_list.tsx";
import { Completion } from "./completion.tsx";
import { EMOJI_SOURCE, EmojiButton } from "./emoji_button.tsx";
import { mentionSource } from "./mention_completion.tsx";
import { Composer } from "./composer.tsx";
import { FileButton, FileTray } from "./files.tsx";
import { RefusedRoom } from "./refused_room.tsx";
import { formatOnKey } from "./text_marks.ts";
import { TypingIndicator } from "./typing_indicator.tsx";
import type { PageState } from "../state/page_state.ts";
import type { Conversation } from "../state/conversation.ts";
import { InboxBar } from "./inbox_bar.tsx";

interface ConversationViewProps {
  readonly page: PageState;
  readonly conversation: Conversation;
}

/** Maximum width in pixels of a window in which the composer has no room for the title of the conversation. */
const NARROW = 400;

/** One conversation: its header, its messages, and the composer. */
export function ConversationView({ page, conversation }: ConversationViewProps) {
  const { chat, pane } = page;
  const { kind, otherHasEnded, refused } = conversation;
  const { noNotices, erased, composerPlaceholder } = strings.value;
  const place = useConversationPlace(page, conversation);
  const completions = useMemo(() => [mentionSource(page, conversation), EMOJI_SOURCE], [
    page,
    conversation,
  ]);
  const isNotices = kind === "notices";
  const isErased = kind === "room" && otherHasEnded.value;
  return (
    <>
      <ConversationHeader page={page} conversation={conversation} />
      {chat.isReadByPattern(conversation.channel) && (
        <InboxBar page={page} conversation={conversation} />
      )}
      <MessageList
        conversation={conversation}
        place={place}
        emptyText={isNotices ? noNotices : isErased ? erased : undefined}
      />
      <MessageTouch conversation={conversation} />
      {refused.value && <RefusedRoom chat={chat} conversation={conversation} />}
      {!isNotices && !isErased && !refused.value && (
        <>
          <TypingIndicator chat={chat} conversation={conversation} />
          <div class="writing" onKeyDown={formatOnKey}>
            <FileTray chat={chat} conversation={conversation} />
            <Completion draft={conversation.draft} sources={completions} />
            <Composer
              conversation={conversation}
              placeholder={innerWidth > NARROW &&
                composerPlaceholder({ title: titleOf(conversation) })}
              autoFocus={pane.peek() === "conversation"}
              maxBytes={chat.settings.value.textBytes}
              onTyping={() => chat.typing.send(conversation.channel)}
              onEscape={() => pane.value = "list"}
            >
              {chat.settings.value.fileBytes && (
                <FileButton page={page} conversation={conversation} />
              )}
              <EmojiButton draft={conversation.draft} />
            </Composer>
          </div>
        </>
      )}
    </>
  );
}
