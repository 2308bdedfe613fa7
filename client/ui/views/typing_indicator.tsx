import { strings } from "../i18n/chat_strings.ts";
import type { Chat } from "../state/chat.ts";
import type { Conversation } from "../state/conversation.ts";

interface TypingIndicatorProps {
  readonly chat: Pick<Chat, "typing">;
  readonly conversation: Conversation;
}

/** More people are not named. */
const MAX_NAMES = 2;

/** Names the people who are typing in a conversation. Not a live region: screen readers would announce it again and again. */
export function TypingIndicator({ chat, conversation }: TypingIndicatorProps) {
  const names = chat.typing.in(conversation.channel).map((person) => person.displayName);
  const { typing, severalTyping } = strings.value;
  return (
    <p class="typing" dir="auto">
      {names.length > 0 && (
        <>
          <span class="typing-dots" aria-hidden="true">
            <i />
            <i />
            <i />
          </span>
          <span>
            {names.length > MAX_NAMES ? severalTyping : typing({ count: names.length, names })}
          </span>
        </>
      )}
    </p>
  );
}
