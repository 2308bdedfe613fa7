/**
 * Whether the person can be reading: the page is visible, and its window has the focus. On touch screens a visible page
 * is in front, and some browsers give it the focus only when it is touched.
 */
export function hasAttention(): boolean {
  return !document.hidden && (document.hasFocus() || matchMedia("(hover: none)").matches);
}

/** Calls `listener` when the page may have got or lost the person's attention, until it is stopped. */
export function onAttention(listener: () => void): () => void {
  document.addEventListener("visibilitychange", listener);
  addEventListener("focus", listener);
  addEventListener("blur", listener);
  return () => {
    document.removeEventListener("visibilitychange", listener);
    removeEventListener("focus", listener);
    removeEventListener("blur", listener);
  };
}
