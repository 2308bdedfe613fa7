import type { ComponentChildren } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";

interface DialogProps {
  readonly title: string;
  readonly children: ComponentChildren;
  /** Whether it is at the bottom of the screen, and closed by a tap beside it. */
  readonly isSheet?: boolean;
  /** Called when it was closed: by Escape, or by {@linkcode closeDialog}. */
  readonly onClose: () => void;
}

/** A modal dialog. The browser keeps the focus inside, and returns it when the dialog is closed. */
export function Dialog({ title, children, isSheet = false, onClose }: DialogProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  useLayoutEffect(() => dialog.current?.showModal(), []);
  return (
    <dialog
      ref={dialog}
      class={isSheet ? "dialog sheet" : "dialog"}
      aria-label={title}
      onClose={onClose}
      onKeyDown={(event) => event.stopPropagation()}
      onClick={(event) => isSheet && event.target === dialog.current && closeDialog(event)}
    >
      <h2 dir="auto">{title}</h2>
      {children}
    </dialog>
  );
}

/** Closes the dialog in which an event has happened. */
export function closeDialog({ target }: Event): void {
  if (target instanceof Element) target.closest("dialog")?.close();
}
