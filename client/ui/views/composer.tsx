import { useSignal } from "@preact/signals";
import type { ComponentChildren, TargetedKeyboardEvent } from "preact";
import { useEffect, useLayoutEffect, useRef } from "preact/hooks";
import { strings } from "../i18n/chat_strings.ts";
import type { Conversation } from "../state/conversation.ts";
import { composerTools } from "./composer_tools.ts";
import { Icon } from "./icons.tsx";
import { messageTools } from "./message_item.tsx";
import { hasScreenKeyboard, isOfInputMethod, isSendKey } from "./send_key.ts";

/** Texts without any of these look empty. `DI` are the characters that are invisible by default, U+2800 is blank. */
const VISIBLE = /[^\p{C}\p{Z}\p{M}\p{DI}\u2800]/u;

interface ComposerProps {
  readonly conversation: Conversation;
  /** Maximum size of a text in bytes of UTF-8. */
  readonly maxBytes: number;
  readonly onTyping: () => void;
  /** Shown while there is no text; by default, what the field is for. */
  readonly placeholder: string | false | undefined;
  /** Whether it takes the focus when it appears; on touch screens it never does, since the keyboard would open. */
  readonly autoFocus?: boolean;
  /** What stands before the button. */
  readonly children?: ComponentChildren;
  /** Called on Escape if it is no reply. */
  readonly onEscape?: () => void;
}

/**
 * The field for a new message, which takes none if this person may not write here. Enter sends, and Shift+Enter breaks the line; a keyboard on the screen has no such keys, so
 * there Enter breaks the line, and the button sends. Ctrl+Enter and Cmd+Enter send everywhere.
 */
export function Composer(
  { conversation, maxBytes, onTyping, placeholder, autoFocus = true, children, onEscape }:
    ComposerProps,
) {
  const field = useRef<HTMLTextAreaElement>(null);
  const isOutboxFull = useSignal(false);
  const { draft } = conversation;
  const answers = draft.answers.value;
  const written = draft.text.value;
  const text = written.trim();
  const isTooLong = new TextEncoder().encode(text).length > maxBytes;
  const isReadOnly = conversation.history.isReadOnly.value;
  const hasContent = VISIBLE.test(text) || composerTools.hasMore?.(conversation);
  const canSend = hasContent && !isTooLong && !isReadOnly;
  const { message, readOnly, tooLong, outboxFull } = strings.value;
  // A layout effect, so that no key is lost that is typed right after the conversation was selected.
  useLayoutEffect(() => {
    if (autoFocus && matchMedia("(pointer: fine)").matches) field.current?.focus();
  }, []);
  useLayoutEffect(() => {
    if (answers) field.current?.focus();
  }, [answers]);
  useEffect(() => fitHeight(field.current), [written]);

  const send = () => {
    if (!canSend) return;
    isOutboxFull.value = !(composerTools.send?.(text, conversation) ?? conversation.send(text));
    field.current?.focus();
  };
  const onKeyDown = (event: TargetedKeyboardEvent<HTMLTextAreaElement>) => {
    if (isOfInputMethod(event)) return;
    if (event.key === "Escape" && answers) draft.replyTo(undefined);
    else if (event.key === "Escape") onEscape?.();
    if (!written && !answers) messageTools.onKey?.(event, conversation);
    if (!isSendKey(event)) return;
    event.preventDefault();
    send();
  };
  const onInput = (input: string) => {
    draft.write(input);
    isOutboxFull.value = false;
    if (input.trim()) onTyping();
  };
  const cancelReply = () => {
    draft.replyTo(undefined);
    field.current?.focus();
  };

  return (
    <form
      class="composer"
      onSubmit={(event) => {
        event.preventDefault();
        send();
      }}
    >
      {answers && messageTools.draft?.(answers, conversation, cancelReply)}
      <textarea
        ref={field}
        rows={1}
        dir="auto"
        enterkeyhint={hasScreenKeyboard() ? "enter" : "send"}
        aria-label={message}
        aria-invalid={isTooLong}
        placeholder={isReadOnly ? readOnly : placeholder || message}
        readOnly={isReadOnly}
        value={isReadOnly ? "" : written}
        onInput={(event) => onInput(event.currentTarget.value)}
        onKeyDown={onKeyDown}
      />
      {children}
      <button
        type="submit"
        class="primary send"
        aria-label={strings.value.send}
        title={hasScreenKeyboard() ? strings.value.sendKeyOnTouch : strings.value.sendKey}
        disabled={!canSend}
      >
        <Icon name="send" />
      </button>
      {isTooLong && <p class="error-line" role="alert">{tooLong}</p>}
      {isOutboxFull.value && <p class="error-line" role="alert">{outboxFull}</p>}
    </form>
  );
}

/** Makes the field as high as its text, in browsers without `field-sizing`; the style sheet sets the maximum. */
function fitHeight(field: HTMLTextAreaElement | null): void {
  if (!field || CSS.supports("field-sizing", "content")) return;
  field.style.height = "auto";
  field.style.height = `${field.scrollHeight}px`;
}
