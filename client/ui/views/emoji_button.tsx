import { useSignal } from "@preact/signals";
import { useRef } from "preact/hooks";
import { strings } from "../i18n/page_strings.ts";
import type { Draft } from "../state/draft.ts";
import { type CompletionSource, replaceText } from "./completion.tsx";
import { EmojiPicker, findEmoji } from "./emoji_picker.tsx";
import { PathIcon } from "./icons.tsx";
import { PAGE_PATHS } from "./page_icons.ts";

/** Completes `:name` by an emoji. */
export const EMOJI_SOURCE: CompletionSource = {
  pattern: /(?<![\p{L}\p{N}:/])(:[\p{L}\p{N}_+-]{2,30})$/u,
  get label() {
    return strings.value.emoji;
  },
  find: async (word) =>
    (await findEmoji(word.slice(1))).map(({ emoji, label, names }) => ({
      key: emoji,
      text: emoji,
      view: (
        <>
          <span aria-hidden="true">{emoji}</span> {label} <span class="hint">:{names[0]}:</span>
        </>
      ),
    })),
};

/** Opens the emoji picker above the composer. */
export function EmojiButton({ draft }: { readonly draft: Draft }) {
  const button = useRef<HTMLButtonElement>(null);
  const isOpen = useSignal(false);
  const field = () => button.current?.form?.querySelector("textarea") ?? undefined;
  const onPick = (emoji: string) => {
    isOpen.value = false;
    const textarea = field();
    if (!textarea) return;
    const { selectionStart: start, selectionEnd: end } = textarea;
    replaceText(textarea, draft, { start, end, text: emoji });
  };
  const onClose = () => {
    // What takes the focus instead keeps it.
    if (button.current?.parentElement?.querySelector(".emoji-picker :focus")) field()?.focus();
    isOpen.value = false;
  };
  return (
    <>
      <button
        ref={button}
        type="button"
        class="quiet emoji-button"
        aria-label={strings.value.emoji}
        title={strings.value.emoji}
        aria-expanded={isOpen.value}
        // Otherwise the picker would close before the click, and open again.
        onPointerDown={(event) => isOpen.value && event.stopPropagation()}
        onClick={() => isOpen.value ? onClose() : isOpen.value = true}
      >
        <PathIcon path={PAGE_PATHS.smile} />
      </button>
      {isOpen.value && <EmojiPicker onPick={onPick} onClose={onClose} />}
    </>
  );
}
