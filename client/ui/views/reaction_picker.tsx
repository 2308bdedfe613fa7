import { strings } from "../i18n/tools_strings.ts";
import { Dialog } from "./dialog.tsx";
import { EmojiPicker } from "./emoji_picker.tsx";

interface ReactionPickerProps {
  readonly onPick: (emoji: string) => void;
  readonly onClose: () => void;
}

/** Lets the user react with any emoji. In a dialog, because the list of messages would cut it off. */
export function ReactionPicker({ onPick, onClose }: ReactionPickerProps) {
  const isSheet = matchMedia("(pointer: coarse)").matches;
  return (
    <Dialog title={strings.value.react} isSheet={isSheet} onClose={onClose}>
      <EmojiPicker onPick={onPick} onClose={onClose} />
    </Dialog>
  );
}
