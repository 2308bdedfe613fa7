/** What can have the focus inside a message. Ctrl+K leads to its author, too. */
const CONTROLS = "a, button:not(.author)";

/**
 * Lets Tab reach the links and buttons of the message that has the focus, and of no other one. When what has the focus
 * among the messages disappears, its message takes the focus, or else the next message, or the list. A long press
 * focuses a message. Call the result to stop it.
 */
export function manageMessageFocus(root: HTMLElement): () => void {
  const aborter = new AbortController();
  const { signal } = aborter;
  let focused: Element | undefined;
  let message: HTMLElement | undefined;
  const onFocusIn = ({ target }: Event) => {
    focused = target instanceof Element && target.closest(".message-pane") ? target : undefined;
    const next = focused?.closest<HTMLElement>("[data-id]") ?? undefined;
    if (next === message) return;
    setTabIndex(message, -1);
    setTabIndex(next, 0);
    message = next;
  };
  const onFocusOut = ({ relatedTarget }: FocusEvent) => {
    if (relatedTarget) focused = undefined;
    // The user has left it; otherwise it was removed.
    else queueMicrotask(() => focused = focused?.isConnected ? undefined : focused);
  };
  const onLongPress = (event: Event) => {
    const isMouse = event instanceof PointerEvent && event.pointerType === "mouse";
    const pressed = event.target instanceof Element &&
      event.target.closest<HTMLElement>(".message[data-id]");
    if (pressed && !isMouse) pressed.focus();
  };
  const restore = () => {
    if (!focused || focused.isConnected) return;
    focused = undefined;
    if (!root.querySelector(":focus")) replacementOf(message, root)?.focus();
  };
  root.addEventListener("focusin", onFocusIn, { signal });
  // Before the list hides the actions of the message that has lost the focus.
  root.addEventListener("focusout", onFocusOut, { signal, capture: true });
  root.addEventListener("contextmenu", onLongPress, { signal });
  const observer = new MutationObserver(restore);
  observer.observe(root, { childList: true, subtree: true });
  return () => {
    aborter.abort();
    observer.disconnect();
  };
}

function setTabIndex(message: HTMLElement | undefined, tabIndex: number): void {
  for (const control of message?.querySelectorAll<HTMLElement>(CONTROLS) ?? []) {
    control.tabIndex = tabIndex;
  }
}

/** What takes the focus in place of something in this message, if it was in one. */
function replacementOf(
  message: HTMLElement | undefined,
  root: HTMLElement,
): HTMLElement | undefined {
  if (message?.isConnected) return message;
  const id = Number(message?.dataset.id);
  const messages = [...root.querySelectorAll<HTMLElement>(".messages [data-id]")];
  const next = messages.find((one) => Number(one.dataset.id) > id) ?? messages.at(-1);
  const list = root.querySelector<HTMLElement>(".messages") ?? undefined;
  return message ? next ?? list : list;
}
