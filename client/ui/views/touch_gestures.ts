import { isMirrored } from "./arrow_keys.ts";

/** Time in ms after which a touch is a long press. */
const LONG_PRESS = 500;

/** How far (px) a finger moves before it scrolls or swipes. */
const SLOP = 10;

/** How far (px) a swipe goes before it counts, and at most. */
const SWIPE = { counts: 56, max: 72 } as const;

export interface TouchGestures {
  readonly onLongPress: (id: number) => void;
  /** Whether this message can be swiped. */
  readonly canSwipe: (id: number) => boolean;
  readonly onSwipe: (id: number) => void;
}

interface Touch {
  readonly message: HTMLElement;
  readonly id: number;
  readonly x: number;
  readonly y: number;
  readonly timer: ReturnType<typeof setTimeout>;
  isSwipe: boolean;
}

/**
 * Recognizes long presses of messages, and swipes to the start of their lines. While a message is swiped, `--swipe` is how
 * far it has come, and `data-swipe` says whether that counts. A vertical movement scrolls, which ends the touch. Call the
 * result to stop it.
 */
export function watchGestures({ onLongPress, canSwipe, onSwipe }: TouchGestures): () => void {
  const aborter = new AbortController();
  let touch: Touch | undefined;
  const end = () => {
    if (!touch) return;
    clearTimeout(touch.timer);
    delete touch.message.dataset.swipe;
    touch.message.style.removeProperty("--swipe");
    touch = undefined;
  };
  // The finger may be lifted over what a long press has opened.
  let isHeld = false;
  const press = () => {
    const id = touch?.id;
    end();
    isHeld = id !== undefined;
    if (id !== undefined) onLongPress(id);
  };
  const ignoreClick = (event: Event) => {
    if (!isHeld) return;
    isHeld = false;
    event.preventDefault();
    event.stopPropagation();
  };
  const start = ({ target, pointerType, isPrimary, clientX: x, clientY: y }: PointerEvent) => {
    end();
    isHeld = false;
    const message = target instanceof Element && isPrimary && pointerType !== "mouse"
      ? target.closest<HTMLElement>(".messages .message[data-id]")
      : null;
    // A link has a menu of the browser.
    if (!message || !(target instanceof Element) || target.closest("a, button, textarea")) return;
    const timer = setTimeout(press, LONG_PRESS);
    touch = { message, id: Number(message.dataset.id), x, y, timer, isSwipe: false };
  };
  const move = ({ clientX, clientY }: PointerEvent) => {
    if (!touch) return;
    const isRightToLeft = isMirrored(touch.message);
    const distance = isRightToLeft ? clientX - touch.x : touch.x - clientX;
    const isBeyond = Math.hypot(clientX - touch.x, clientY - touch.y) > SLOP;
    if (!touch.isSwipe) {
      if (!isBeyond) return;
      clearTimeout(touch.timer);
      touch.isSwipe = distance > 2 * Math.abs(clientY - touch.y) && canSwipe(touch.id);
      if (!touch.isSwipe) return end();
    }
    const { message } = touch;
    message.dataset.swipe = distance < SWIPE.counts ? "begun" : "counts";
    message.style.setProperty("--swipe", `${Math.min(SWIPE.max, Math.max(0, distance))}px`);
  };
  const finish = () => {
    const id = touch?.message.dataset.swipe === "counts" ? touch.id : undefined;
    end();
    if (id !== undefined) onSwipe(id);
  };
  const onContextMenu = (event: Event) => {
    if (!touch) return;
    // Otherwise the browser would select a word, and show its own menu.
    event.preventDefault();
    press();
  };
  const options = { signal: aborter.signal };
  document.addEventListener("pointerdown", start, options);
  document.addEventListener("pointermove", move, options);
  document.addEventListener("pointerup", finish, options);
  document.addEventListener("pointercancel", end, options);
  document.addEventListener("contextmenu", onContextMenu, options);
  document.addEventListener("keydown", () => isHeld = false, { ...options, capture: true });
  document.addEventListener("click", ignoreClick, { ...options, capture: true });
  return () => {
    end();
    aborter.abort();
  };
}
