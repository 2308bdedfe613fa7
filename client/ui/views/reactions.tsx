import { useSignal } from "@preact/signals";
import type { ComponentType } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";
import type { Message, Reaction } from "../../comet/halley.ts";
import { language } from "../i18n/language.ts";
import { strings } from "../i18n/tools_strings.ts";
import type { Conversation } from "../state/conversation.ts";
import { PathIcon } from "./icons.tsx";
import { PAGE_PATHS } from "./page_icons.ts";
import { arrowStep } from "./arrow_keys.ts";

/** The reactions that are offered at once. */
const COMMON = ["👍", "❤️", "😂", "🎉", "😮", "🙏"] as const;

/** Number of people who are named; the others are counted. */
const MAX_NAMES = 10;

interface PickerProps {
  readonly onPick: (emoji: string) => void;
  readonly onClose: () => void;
}

/** The page sets it. Without it, only the common reactions are offered. */
export const reactionPicker: { Picker?: ComponentType<PickerProps> } = {};

interface ReactionProps {
  readonly conversation: Conversation;
  /** As it is shown, with the reactions that are not confirmed. */
  readonly message: Message;
  /** Adds a reaction of this person, or takes it back. */
  readonly onReact: (emoji: string, on: boolean) => void;
}

/** Whether this person can react to a message. */
export function canReact({ kind, history }: Conversation): boolean {
  return kind !== "notices" && !history.isReadOnly.value;
}

/** The reactions to a message, each with its number. A click adds one's own or takes it back. */
export function Reactions({ conversation, message, onReact }: ReactionProps) {
  const { reactions = [] } = message;
  if (reactions.length === 0) return null;
  const isDisabled = !canReact(conversation);
  return (
    <div class="reactions" role="group" aria-label={strings.value.reactions}>
      {reactions.map((reaction) => {
        const { emoji, by } = reaction;
        const isOwn = by.includes(conversation.self.publicToken);
        const names = namesOf(reaction, conversation);
        return (
          <button
            key={emoji}
            type="button"
            tabIndex={-1}
            disabled={isDisabled}
            aria-pressed={isOwn}
            aria-label={`${emoji} ${by.length}: ${names}`}
            title={names}
            onClick={() => onReact(emoji, !isOwn)}
          >
            <span aria-hidden="true">{emoji}</span> {by.length}
          </button>
        );
      })}
    </div>
  );
}

/** The button that offers the common reactions. */
export function ReactAction({ conversation, message, onReact }: ReactionProps) {
  const isOpen = useSignal(false);
  const isPicking = useSignal(false);
  const button = useRef<HTMLButtonElement>(null);
  const choice = useRef<HTMLSpanElement>(null);
  useLayoutEffect(() => {
    if (isOpen.value) choice.current?.querySelector("button")?.focus();
  }, [isOpen.value]);
  const close = () => {
    isOpen.value = isPicking.value = false;
    button.current?.focus();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const { currentTarget, key } = event;
    if (key === "Escape") {
      event.stopPropagation();
      return close();
    }
    if (!(currentTarget instanceof HTMLElement)) return;
    const step = arrowStep(key, currentTarget);
    if (step === 0) return;
    const buttons = [...currentTarget.querySelectorAll("button")];
    const index = buttons.findIndex((one) => one === document.activeElement);
    buttons.at((index + step) % buttons.length)?.focus();
  };
  const own = (emoji: string) =>
    message.reactions?.find((one) => one.emoji === emoji)?.by
      .includes(conversation.self.publicToken) ?? false;
  const toggle = (emoji: string) => {
    onReact(emoji, !own(emoji));
    close();
  };
  const { react, reactionNames, moreEmoji } = strings.value;
  const { Picker } = reactionPicker;
  return (
    <span class="react">
      <button
        ref={button}
        type="button"
        aria-expanded={isOpen.value}
        onClick={() => isOpen.value = !isOpen.value}
      >
        <PathIcon path={PAGE_PATHS.smile} /> {react}
      </button>
      {isOpen.value && (
        <span
          ref={choice}
          class="reaction-choice"
          role="group"
          aria-label={react}
          onKeyDown={onKeyDown}
        >
          {COMMON.map((emoji) => (
            <button
              key={emoji}
              type="button"
              aria-pressed={own(emoji)}
              aria-label={reactionNames[emoji]}
              title={reactionNames[emoji]}
              onClick={() => toggle(emoji)}
            >
              {emoji}
            </button>
          ))}
          {Picker && (
            <button
              type="button"
              aria-haspopup="dialog"
              aria-label={moreEmoji}
              title={moreEmoji}
              onClick={() => isPicking.value = true}
            >
              +
            </button>
          )}
        </span>
      )}
      {Picker && isPicking.value && <Picker onPick={toggle} onClose={close} />}
    </span>
  );
}

/** Who has reacted: the names that this page knows, and the number of the others. */
function namesOf({ by }: Reaction, { self, names }: Conversation): string {
  const { youReacted, others, peopleCount } = strings.value;
  const known = by.flatMap((token) =>
    token === self.publicToken ? youReacted : names.all.get(token) ?? []
  ).slice(0, MAX_NAMES);
  const rest = by.length - known.length;
  if (known.length === 0) return peopleCount({ count: rest });
  const list = new Intl.ListFormat(language.value);
  return list.format(rest > 0 ? [...known, others({ count: rest })] : known);
}
