/** Whether what is in an element is laid out from right to left. (Not `:dir()`, which Chrome 109 lacks.) */
export function isMirrored(element: Element): boolean {
  return getComputedStyle(element).direction === "rtl";
}

/** 1 for the arrow key that leads to what follows in a row, -1 for the other one, and 0 for other keys. */
export function arrowStep(key: string, element: Element): -1 | 0 | 1 {
  const [next, previous] = isMirrored(element)
    ? ["ArrowLeft", "ArrowRight"]
    : ["ArrowRight", "ArrowLeft"];
  return key === next ? 1 : key === previous ? -1 : 0;
}
