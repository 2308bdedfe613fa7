import { words } from "../i18n/talk.ts";
import type { Chat } from "../state/chat.ts";
import type { Conversation } from "../state/conversation.ts";

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
