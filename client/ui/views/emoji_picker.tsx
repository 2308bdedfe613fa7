import { useEffect, useRef } from "preact/hooks";
import type * as emojiModule from "../emoji/emoji.ts";
import { language } from "../i18n/language.ts";
import { PagePart } from "./page_part.ts";
import { isOfInputMethod } from "./send_key.ts";

/** The picker of emoji, and the search for them. */
export const emoji = new PagePart<typeof emojiModule>("emoji");

/** Where the names of the emoji in the chosen language are. The page sets it. */
export const emojiNames: { url?: () => string } = {};

interface EmojiPickerProps {
  readonly onPick: (emoji: string) => void;
  /** Called on Escape, and when the user goes elsewhere. */
  readonly onClose: () => void;
}

/** Lets the user search and pick an emoji. */
export function EmojiPicker({ onPick, onClose }: EmojiPickerProps) {
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => {
    emoji.load().then((loaded) => loaded ?? onClose());
    const onPointerDown = ({ target }: Event) => {
      if (target instanceof Node && !box.current?.contains(target)) onClose();
    };
    // Before what else Escape does, wherever the focus is.
    const onKeyDown = (event: KeyboardEvent) => {
      if (event.key !== "Escape" || isOfInputMethod(event)) return;
      event.preventDefault();
      event.stopPropagation();
      onClose();
    };
    const listening = new AbortController();
    const { signal } = listening;
    document.addEventListener("pointerdown", onPointerDown, { signal });
    document.addEventListener("keydown", onKeyDown, { signal, capture: true });
    return () => listening.abort();
  }, []);
  const onFocusOut = ({ relatedTarget }: FocusEvent) => {
    if (relatedTarget instanceof Node && !box.current?.contains(relatedTarget)) onClose();
  };
  const Grid = emoji.value?.EmojiGrid;
  return (
    <div ref={box} class="emoji-picker" onFocusOut={onFocusOut}>
      {Grid && (
        <Grid
          key={language.value}
          url={emojiNames.url?.() ?? ""}
          onPick={onPick}
          onClose={onClose}
        />
      )}
    </div>
  );
}

/** The emoji whose names begin with a text. */
export async function findEmoji(text: string) {
  const loaded = await emoji.load();
  return await loaded?.findEmoji(text, emojiNames.url?.() ?? "") ?? [];
}
