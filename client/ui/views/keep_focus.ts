/** The parts of the page, one of which keeps the focus. */
const PARTS = "dialog, .sidebar, .conversation, .search-panel, .people";

/** Buttons that belong together, such as those that replace each other. */
const GROUP = "[role='group']";

/** Where the focus goes, in this order. The keyboard of a touch screen must not open because of it. */
const PLACES = [
  ...(matchMedia("(pointer: fine)").matches ? [".composer textarea:not(:read-only)"] : []),
  ".hit[tabindex='0']",
  ".messages",
  "[tabindex='0'], button:not([tabindex]), a[href]",
  "input",
];

/**
 * When what has the focus is removed, hidden or disabled, and nothing else takes the focus, something in the same group or
 * part of the page does, or else in the part that is shown. Whoever clicks on the background loses it.
 */
export function keepFocus(root: Element): void {
  let last: Element | undefined;
  let around: readonly (Element | null | undefined)[] = [];
  const onFocusIn = ({ target }: Event) => {
    last = target instanceof Element ? target : undefined;
    around = [last?.closest(GROUP), last?.closest(PARTS)];
  };
  // When it is removed, this comes before.
  const onFocusOut = () =>
    queueMicrotask(() => {
      if (document.activeElement === document.body && isUsable(last)) last = undefined;
    });
  const check = () => {
    if (!last || isUsable(document.activeElement)) return;
    const places = [...around.filter(isUsable), root].map(placeIn);
    places.find((place) => place)?.focus({ preventScroll: true });
  };
  root.addEventListener("focusin", onFocusIn);
  root.addEventListener("focusout", onFocusOut);
  // After what the views do when they have been drawn.
  const observer = new MutationObserver((changes) => {
    const isSuspect = changes.some(({ type }) => type === "attributes") || !last?.isConnected;
    if (last && isSuspect) requestAnimationFrame(() => setTimeout(check));
  });
  observer.observe(root, {
    childList: true,
    subtree: true,
    attributeFilter: ["data-pane", "hidden", "disabled"],
  });
}

function placeIn(part: Element): HTMLElement | undefined {
  for (const selector of PLACES) {
    const found = [...part.querySelectorAll<HTMLElement>(selector)].find(isUsable);
    if (found) return found;
  }
}

function isUsable(element: Element | null | undefined): element is Element {
  return element instanceof Element && element !== document.body && !element.matches(":disabled") &&
    element.getClientRects().length > 0;
}
