import { signal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import type * as emojiModule from "../emoji/emoji.ts";
import { language } from "../i18n/language.ts";

type EmojiPart = typeof emojiModule;

/** The picker and the search, which are loaded when somebody wants an emoji. */
const part = signal<EmojiPart | undefined>(undefined);

/** The page sets it. Without it there is no picker. */
export const emojiLoader: {
  load?: () => Promise<EmojiPart>;
  /** Where the names of the emoji in the chosen language are. */
  url?: () => string;
} = {};

interface EmojiPickerProps {
  readonly onPick: (emoji: string) => void;
  /** Called on Escape, and when the user goes elsewhere. */
  readonly onClose: () => void;
}

/** Lets the user search and pick an emoji. */
export function EmojiPicker({ onPick, onClose }: EmojiPickerProps) {
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => {
    loadEmojiPart().then((loaded) => loaded ?? onClose());
    const onPointerDown = ({ target }: Event) => {
      if (target instanceof Node && !box.current?.contains(target)) onClose();
    };
    document.addEventListener("pointerdown", onPointerDown);
    return () => document.removeEventListener("pointerdown", onPointerDown);
  }, []);
  const onFocusOut = ({ relatedTarget }: FocusEvent) => {
    if (relatedTarget instanceof Node && !box.current?.contains(relatedTarget)) onClose();
  };
  const Grid = part.value?.EmojiGrid;
  return (
    <div ref={box} class="emoji-picker" onFocusOut={onFocusOut}>
      {Grid && (
        <Grid
          key={language.value}
          url={emojiLoader.url?.() ?? ""}
          onPick={onPick}
          onClose={onClose}
        />
      )}
    </div>
  );
}

/** The emoji whose names begin with a text. */
export async function findEmoji(text: string) {
  const loaded = await loadEmojiPart();
  return await loaded?.findEmoji(text, emojiLoader.url?.() ?? "") ?? [];
}

async function loadEmojiPart(): Promise<EmojiPart | undefined> {
  try {
    return part.value ??= await emojiLoader.load?.();
  } catch {
    return undefined; // The network is down, or the server has a new version of the page.
  }
}
