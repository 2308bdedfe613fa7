/** The marks of the keys that format a text. */
const MARKS: Readonly<Record<string, string>> = { b: "**", i: "_" };

/** Those together with Shift. */
const SHIFT_MARKS: Readonly<Record<string, string>> = { x: "~~" };

/** Formats the selection in a field by Ctrl+B, Ctrl+I and Ctrl+Shift+X, or takes its format away. */
export function formatOnKey(event: KeyboardEvent): void {
  const { key, altKey, ctrlKey, metaKey, shiftKey, isComposing, target: field } = event;
  const mark = (shiftKey ? SHIFT_MARKS : MARKS)[key.toLowerCase()];
  if (!mark || altKey || ctrlKey === metaKey || isComposing) return;
  if (!(field instanceof HTMLTextAreaElement) || field.readOnly) return;
  event.preventDefault();
  toggleMark(field, mark);
}

function toggleMark(field: HTMLTextAreaElement, mark: string): void {
  const { value, selectionStart, selectionEnd } = field;
  const selected = value.slice(selectionStart, selectionEnd);
  // Marks have an effect only next to words, and a double click selects the space behind one.
  const text = selected.trim();
  const start = selectionStart + (text ? selected.indexOf(text) : 0);
  const end = start + text.length;
  const { length } = mark;
  const isMarked = value.slice(0, start).endsWith(mark) && value.startsWith(mark, end);
  if (isMarked) replace(field, { start: start - length, end: end + length, text });
  else replace(field, { start, end, text: mark + text + mark });
  const shift = isMarked ? -length : length;
  field.setSelectionRange(start + shift, end + shift);
}

interface Replacement {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/** Replaces a part of the text so that the browser can undo it; the field gets an `input` event. */
function replace(field: HTMLTextAreaElement, { start, end, text }: Replacement): void {
  field.setSelectionRange(start, end);
  if (text) document.execCommand("insertText", false, text);
  else document.execCommand("delete");
}
