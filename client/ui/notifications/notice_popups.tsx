import { useEffect, useRef } from "preact/hooks";
import type { Message } from "../../comet/halley.ts";
import { strings } from "../i18n/page_strings.ts";
import { hasAttention, onAttention } from "../state/attention.ts";
import { textOf } from "../state/contact.ts";
import type { Popups } from "./popups.ts";

/** Maximum number of popups that are visible; older ones are counted. */
const MAX_VISIBLE = 3;

/** Maximum number of characters that a popup shows; the style sheet cuts it off after some lines. */
const MAX_LENGTH = 500;

interface NoticePopupsProps {
  readonly popups: Popups;
  readonly onOpen: () => void;
}

/** The newest notices, in a corner of the page. They stay while the mouse or the focus is on them. */
export function NoticePopups({ popups, onOpen }: NoticePopupsProps) {
  const stack = useRef<HTMLElement>(null);
  /** The element that had the focus before it moved to a popup. */
  const focusedBefore = useRef<HTMLElement>(undefined);
  useEffect(() => pauseWhileAway(popups), [popups]);
  const all = popups.all.value;
  const olderCount = all.length - MAX_VISIBLE;

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
    const next = [...stack.current?.querySelectorAll<HTMLElement>(".popup-dismiss") ?? []]
      .findLast((button) => button.dataset.id !== String(notice.id));
    // The focused button disappears. Without the check, a mouse click would move the focus into the popups.
    if (stack.current?.contains(document.activeElement)) (next ?? focusedBefore.current)?.focus();
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
      {olderCount > 0 && (
        <button type="button" class="popup-older" onClick={onOpen}>
          {strings.value.moreNotices(olderCount)}
        </button>
      )}
      {all.slice(-MAX_VISIBLE).map((notice) => (
        <Popup
          key={notice.id}
          notice={notice}
          onOpen={onOpen}
          onDismiss={() => dismiss(notice)}
        />
      ))}
    </section>
  );
}

interface PopupProps {
  readonly notice: Message;
  readonly onOpen: () => void;
  readonly onDismiss: () => void;
}

function Popup({ notice, onOpen, onDismiss }: PopupProps) {
  const { id, as, title } = notice;
  const dismissOnEscape = (event: KeyboardEvent) => {
    if (event.key === "Escape") onDismiss();
  };
  return (
    <article class="popup" onKeyDown={dismissOnEscape}>
      <button type="button" class="popup-open" onClick={onOpen}>
        <strong dir="auto">{title ?? as?.displayName ?? strings.value.system}</strong>
        <span dir="auto">{textOf(notice).slice(0, MAX_LENGTH)}</span>
      </button>
      <button
        type="button"
        class="popup-dismiss"
        data-id={id}
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
