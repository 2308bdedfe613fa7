import { useEffect, useRef } from "preact/hooks";
import type { Message } from "../../comet/halley.ts";
import { strings } from "../i18n/page_strings.ts";
import { hasAttention, onAttention } from "../state/attention.ts";
import { withoutMarks } from "../views/marks.ts";
import { textOf } from "../state/contact.ts";
import type { Popups } from "./popups.ts";

/** Maximum number of characters that a popup shows; the style sheet cuts it off after some lines. */
const MAX_LENGTH = 500;

interface NoticePopupsProps {
  readonly popups: Popups;
  readonly onOpen: () => void;
}

/** The newest notice as a card below the header. It stays while the mouse or the focus is on it. Older ones are counted. */
export function NoticePopups({ popups, onOpen }: NoticePopupsProps) {
  const stack = useRef<HTMLElement>(null);
  /** The element that had the focus before it moved to a popup. */
  const focusedBefore = useRef<HTMLElement>(undefined);
  useEffect(() => pauseWhileAway(popups), [popups]);
  const all = popups.all.value;
  const newest = all.at(-1);

  const onFocusIn = ({ relatedTarget }: FocusEvent) => {
    popups.pause("focus");
    if (relatedTarget instanceof HTMLElement && !stack.current?.contains(relatedTarget)) {
      focusedBefore.current = relatedTarget;
    }
  };
  const onFocusOut = ({ relatedTarget }: FocusEvent) => {
    if (relatedTarget instanceof Node && stack.current?.contains(relatedTarget)) return;
    popups.resume("focus");
  };
  const dismiss = (notice: Message) => {
    // The focused button disappears with the last one. Without the check, a mouse click would move the focus into the popups.
    const isLast = all.length === 1;
    if (isLast && stack.current?.contains(document.activeElement)) focusedBefore.current?.focus();
    popups.dismiss(notice);
  };

  return (
    <section
      ref={stack}
      class="notice-popups"
      aria-label={strings.value.newNotices}
      aria-live="polite"
      onPointerEnter={() => popups.pause("pointer")}
      onPointerLeave={() => popups.resume("pointer")}
      onFocusIn={onFocusIn}
      onFocusOut={onFocusOut}
    >
      {newest && (
        // Without a key: the focus stays on its button when the next one takes its place.
        <Popup notice={newest} onOpen={onOpen} onDismiss={() => dismiss(newest)} />
      )}
      {all.length > 1 && (
        <button type="button" class="popup-older" onClick={onOpen}>
          {strings.value.moreNotices({ count: all.length - 1 })}
        </button>
      )}
    </section>
  );
}

interface PopupProps {
  readonly notice: Message;
  readonly onOpen: () => void;
  readonly onDismiss: () => void;
}

function Popup({ notice, onOpen, onDismiss }: PopupProps) {
  const { as, title } = notice;
  const dismissOnEscape = (event: KeyboardEvent) => {
    if (event.key === "Escape") onDismiss();
  };
  return (
    <article class="popup" onKeyDown={dismissOnEscape}>
      <button type="button" class="popup-open" onClick={onOpen}>
        <strong dir="auto">{title ?? as?.displayName ?? strings.value.system}</strong>
        <span dir="auto">{withoutMarks(textOf(notice)).slice(0, MAX_LENGTH)}</span>
      </button>
      <button
        type="button"
        class="popup-dismiss"
        aria-label={strings.value.dismiss}
        onClick={onDismiss}
      >
        ✕
      </button>
    </article>
  );
}

/** Keeps popups that arrive while the user is elsewhere until they have been seen. */
function pauseWhileAway(popups: Popups): () => void {
  const update = () => hasAttention() ? popups.resume("away") : popups.pause("away");
  update();
  return onAttention(update);
}
