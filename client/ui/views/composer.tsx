import { useSignal } from "@preact/signals";
import { useEffect, useLayoutEffect, useRef } from "preact/hooks";
import { words } from "../i18n/talk.ts";
import type { Conversation } from "../state/conversation.ts";
import { formatReply, type Quotation } from "../state/quotation.ts";
import { titleOf } from "./conversation_title.ts";
import { Icon } from "./icons.tsx";

/** The server's bound for one text, in UTF-8. */
const LARGEST_TEXT = 8 * 1024;
/** What a keydown says that belongs to an input method, where isComposing is missing or too late (Safari). */
const COMPOSING = 229;

interface ComposerProps {
  readonly conversation: Conversation;
  readonly onTyping: () => void;
  /** Whether to begin here, where no keyboard would come up on the screen for that. */
  readonly isChosen?: boolean;
  /** Called on Escape. */
  readonly onEscape?: () => void;
}

/** Where one writes: Enter sends, Shift+Enter breaks the line. */
export function Composer({ conversation, onTyping, isChosen = true, onEscape }: ComposerProps) {
  const field = useRef<HTMLTextAreaElement>(null);
  const isFull = useSignal(false);
  const draft = conversation.draft.value;
  const quotation = conversation.quotation.value;
  const answer = draft.trim();
  const isTooLong = lengthOf(formatReply({ quotation, answer })) > LARGEST_TEXT;
  // At once, so that no key is lost of what is typed right after choosing the conversation.
  useLayoutEffect(() => {
    if (isChosen && matchMedia("(pointer: fine)").matches) field.current?.focus();
  }, []);
  useLayoutEffect(() => {
    if (quotation) field.current?.focus();
  }, [quotation]);
  useEffect(() => fitHeight(field.current), [draft]);

  const send = () => {
    if (!answer || isTooLong) return;
    isFull.value = !conversation.send(answer);
    field.current?.focus();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.isComposing || event.keyCode === COMPOSING) return;
    if (event.key === "Escape" && quotation) conversation.quotation.value = undefined;
    else if (event.key === "Escape") onEscape?.();
    if (event.key !== "Enter" || event.shiftKey) return;
    event.preventDefault();
    send();
  };
  const write = (text: string) => {
    conversation.write(text);
    isFull.value = false;
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
      {quotation && (
        <QuotationChip
          quotation={quotation}
          onRemove={() => {
            conversation.quotation.value = undefined;
            field.current?.focus();
          }}
        />
      )}
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
        onKeyDown={onKeyDown}
      />
      <button
        type="submit"
        class="primary send"
        aria-label={words.value.send}
        disabled={!answer || isTooLong}
      >
        <Icon name="send" />
      </button>
      {isTooLong && <p class="error-line" role="alert">{words.value.tooLong}</p>}
      {isFull.value && <p class="error-line" role="alert">{words.value.outboxFull}</p>}
    </form>
  );
}

interface QuotationChipProps {
  readonly quotation: Quotation;
  readonly onRemove: () => void;
}

function QuotationChip({ quotation, onRemove }: QuotationChipProps) {
  return (
    <div class="quotation-chip">
      <Icon name="reply" />
      <p>
        <strong dir="auto">{words.value.answerTo(quotation.author)}</strong>
        <span dir="auto">{quotation.text}</span>
      </p>
      <button type="button" class="quiet" aria-label={words.value.noAnswer} onClick={onRemove}>
        <Icon name="close" />
      </button>
    </div>
  );
}

/** In UTF-8. */
function lengthOf(text: string): number {
  return text.length * 3 <= LARGEST_TEXT ? text.length : new TextEncoder().encode(text).length;
}

/** As high as the text, up to the bound that the style sheet sets. */
function fitHeight(field: HTMLTextAreaElement | null): void {
  if (!field || CSS.supports("field-sizing", "content")) return;
  field.style.height = "auto";
  field.style.height = `${field.scrollHeight}px`;
}
