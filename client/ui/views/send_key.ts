/** The key code of a keydown event that an input method handles. In Safari `isComposing` is already false then. */
const INPUT_METHOD_KEY_CODE = 229;

/** Whether a key sends what is in a field, and does not break the line. */
export function isSendKey(event: KeyboardEvent): boolean {
  const breaksLine = event.shiftKey || hasScreenKeyboard();
  return event.key === "Enter" && !isOfInputMethod(event) &&
    (!breaksLine || event.ctrlKey || event.metaKey);
}

/** Whether an input method handles a key. */
export function isOfInputMethod({ isComposing, keyCode }: KeyboardEvent): boolean {
  return isComposing || keyCode === INPUT_METHOD_KEY_CODE;
}

/** Whether people type on the screen: its keyboard has no Shift+Enter. */
export function hasScreenKeyboard(): boolean {
  return matchMedia("(pointer: coarse) and (hover: none)").matches;
}
