/**
 * Whether the person can be reading: the page is visible, and its window has the focus. On touch screens a visible page
 * is in front, and some browsers give it the focus only when it is touched.
 */
export function hasAttention(): boolean {
  return !document.hidden && (document.hasFocus() || matchMedia("(hover: none)").matches);
}

/** Calls `listener` when the page may have got or lost the person's attention, until it is stopped. */
export function onAttention(listener: () => void): () => void {
  const stop = new AbortController(); // Its `signal` makes it the options of listeners.
  document.addEventListener("visibilitychange", listener, stop);
  addEventListener("focus", listener, stop);
  addEventListener("blur", listener, stop);
  return () => stop.abort();
}
