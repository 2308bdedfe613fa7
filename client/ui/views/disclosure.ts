import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";

/**
 * A button that shows and hides something in a frame around both. It closes on Escape, which returns the focus to the button,
 * and on a click elsewhere. (Not a `popover`, which Chrome 109 lacks.)
 */
export function useDisclosure() {
  const frame = useRef<HTMLDivElement>(null);
  const button = useRef<HTMLButtonElement>(null);
  const isOpen = useSignal(false);
  useEffect(() => {
    if (!isOpen.value) return;
    const closeOutside = ({ target }: Event) => {
      if (!(target instanceof Node) || !frame.current?.contains(target)) isOpen.value = false;
    };
    document.addEventListener("pointerdown", closeOutside);
    return () => document.removeEventListener("pointerdown", closeOutside);
  }, [isOpen.value]);
  const closeOnEscape = (event: KeyboardEvent) => {
    if (event.key !== "Escape" || !isOpen.value) return;
    event.stopPropagation();
    isOpen.value = false;
    button.current?.focus();
  };
  return { frame, button, isOpen, closeOnEscape };
}
