import { useEffect, useLayoutEffect, useRef } from "preact/hooks";
import { words } from "../i18n/language.ts";
import type { Conversation } from "../state/conversation.ts";
import { titleOf } from "./conversation_title.ts";

/** The server's bound for one text, in UTF-8. */
const LARGEST_TEXT = 8 * 1024;
/** What a keydown says that belongs to an input method, where isComposing is missing or too late (Safari). */
const COMPOSING = 229;

interface ComposerProps {
  readonly conversation: Conversation;
  readonly onTyping: () => void;
}

/** Where one writes: Enter sends, Shift+Enter breaks the line. */
export function Composer({ conversation, onTyping }: ComposerProps) {
  const field = useRef<HTMLTextAreaElement>(null);
  const draft = conversation.draft.value;
  const isTooLong = new TextEncoder().encode(draft).length > LARGEST_TEXT;
  // At once, so that no key is lost of what is typed right after choosing the conversation.
  useLayoutEffect(() => {
    if (matchMedia("(pointer: fine)").matches) field.current?.focus();
  }, []);
  useEffect(() => fitHeight(field.current), [draft]);

  const send = () => {
    const text = draft.trim();
    if (!text || isTooLong) return;
    conversation.draft.value = "";
    conversation.outbox.send(text);
    field.current?.focus();
  };
  const sendOnEnter = (event: KeyboardEvent) => {
    if (event.key !== "Enter" || event.shiftKey) return;
    if (event.isComposing || event.keyCode === COMPOSING) return;
    event.preventDefault();
    send();
  };
  const write = (text: string) => {
    conversation.draft.value = text;
    if (text.trim()) onTyping();
  };

  return (
    <form
      class="composer"
      onSubmit={(event) => {
        event.preventDefault();
        send();
      }}
    >
      <textarea
        ref={field}
        rows={1}
        dir="auto"
        enterkeyhint="send"
        aria-label={words.value.message}
        aria-invalid={isTooLong}
        placeholder={words.value.writeTo(titleOf(conversation))}
        value={draft}
        onInput={(event) => write(event.currentTarget.value)}
        onKeyDown={sendOnEnter}
      />
      <button type="submit" class="primary" disabled={!draft.trim() || isTooLong}>
        {words.value.send}
      </button>
      {isTooLong && <p class="error-line" role="alert">{words.value.tooLong}</p>}
    </form>
  );
}

/** As high as the text, up to the bound that the style sheet sets. */
function fitHeight(field: HTMLTextAreaElement | null): void {
  if (!field || CSS.supports("field-sizing", "content")) return;
  field.style.height = "auto";
  field.style.height = `${field.scrollHeight}px`;
}
