/**
 * Moves the focus between the items of a list, which match `selector`, by ArrowUp, ArrowDown, Home and End; from the first
 * one up to the field above the list.
 */
export function moveFocus(event: KeyboardEvent, list: HTMLElement, selector: string): void {
  if (event.altKey || event.ctrlKey || event.metaKey) return;
  // Those of a folded list have no parent of that kind.
  const items = [...list.querySelectorAll<HTMLElement>(selector)]
    .filter((item) => item.offsetParent !== null);
  const index = items.findIndex((item) => item === event.target);
  const targets: Record<string, HTMLElement | null | undefined> = {
    ArrowDown: items[index + 1],
    ArrowUp: index === 0 ? list.querySelector("input") : items[index - 1],
    Home: items[0],
    End: items.at(-1),
  };
  const item = targets[event.key];
  if (!item) return;
  event.preventDefault();
  item.focus();
}
