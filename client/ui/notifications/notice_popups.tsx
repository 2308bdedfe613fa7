import { useEffect, useRef } from "preact/hooks";
import type { Message } from "../../comet/halley.ts";
import { words } from "../i18n/language.ts";
import type { Popups } from "./popups.ts";

/** So many are shown; older ones are counted. */
const SHOWN = 3;

interface NoticePopupsProps {
  readonly popups: Popups;
  /** Somebody wants to see all notices. */
  readonly onOpen: () => void;
}

/** The newest notices, in a corner of the page. They wait while one is reading. */
export function NoticePopups({ popups, onOpen }: NoticePopupsProps) {
  const stack = useRef<HTMLElement>(null);
  const cameFrom = useRef<HTMLElement>(undefined);
  useEffect(() => holdWhileHidden(popups), [popups]);
  const all = popups.all.value;
  const older = all.length - SHOWN;

  const noteFocus = ({ relatedTarget }: FocusEvent) => {
    popups.pause("focus");
    if (relatedTarget instanceof HTMLElement && !stack.current?.contains(relatedTarget)) {
      cameFrom.current = relatedTarget;
    }
  };
  const noteBlur = ({ relatedTarget }: FocusEvent) => {
    if (relatedTarget instanceof Node && stack.current?.contains(relatedTarget)) return;
    popups.resume("focus");
  };
  const dismiss = (notice: Message) => {
    const next = [...stack.current?.querySelectorAll<HTMLElement>(".popup-dismiss") ?? []]
      .findLast((button) => button.dataset.id !== String(notice.id));
    // What had the focus is going; but a click of the mouse shall not bring it here.
    if (stack.current?.contains(document.activeElement)) (next ?? cameFrom.current)?.focus();
    popups.dismiss(notice);
  };

  return (
    <section
      ref={stack}
      class="notice-popups"
      aria-label={words.value.newNotices}
      aria-live="polite"
      onPointerEnter={() => popups.pause("pointer")}
      onPointerLeave={() => popups.resume("pointer")}
      onFocusIn={noteFocus}
      onFocusOut={noteBlur}
    >
      {older > 0 && (
        <button type="button" class="popup-older" onClick={onOpen}>
          {words.value.moreNotices(older)}
        </button>
      )}
      {all.slice(-SHOWN).map((notice) => (
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

function Popup({ notice: { id, title, text, data }, onOpen, onDismiss }: PopupProps) {
  const dismissOnEscape = (event: KeyboardEvent) => {
    if (event.key === "Escape") onDismiss();
  };
  return (
    <article class="popup" onKeyDown={dismissOnEscape}>
      <button type="button" class="popup-open" onClick={onOpen}>
        <strong dir="auto">{title ?? words.value.system}</strong>
        <span dir="auto">{text ?? JSON.stringify(data)}</span>
      </button>
      <button
        type="button"
        class="popup-dismiss"
        data-id={id}
        aria-label={words.value.dismiss}
        onClick={onDismiss}
      >
        ✕
      </button>
    </article>
  );
}

/** Nobody reads what is on a page that is not seen. */
function holdWhileHidden(popups: Popups): () => void {
  const note = () => document.hidden ? popups.pause("hidden") : popups.resume("hidden");
  note();
  document.addEventListener("visibilitychange", note);
  return () => document.removeEventListener("visibilitychange", note);
}
