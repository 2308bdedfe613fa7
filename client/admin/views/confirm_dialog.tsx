import type { ComponentChildren } from "preact";
import { useSignal } from "@preact/signals";
import { describeError, strings } from "../i18n/admin_strings.ts";

interface ConfirmDialogProps {
  /** The question. */
  readonly title: string;
  /** What the action does. */
  readonly effect: string;
  readonly action: string;
  /** Whether the action removes something. */
  readonly isDangerous?: boolean;
  /** Whether everything that the action needs is there. */
  readonly isReady?: boolean;
  /** What is asked for besides. */
  readonly children?: ComponentChildren;
  readonly onConfirm: () => Promise<void>;
  /** Called when the action is done, or not wanted. */
  readonly onClose: (isDone: boolean) => void;
}

/** Asks for confirmation before it does something. Stays open with the error if that fails. */
export function ConfirmDialog(
  { title, effect, action, isDangerous = true, isReady = true, children, onConfirm, onClose }:
    ConfirmDialogProps,
) {
  const error = useSignal("");
  const confirm = async () => {
    try {
      await onConfirm();
      onClose(true);
    } catch (cause) {
      error.value = describeError(cause);
    }
  };
  const open = (dialog: HTMLDialogElement | null) => {
    if (dialog !== null && !dialog.open) dialog.showModal();
  };
  return (
    <dialog ref={open} aria-labelledby="confirm-title" onClose={() => onClose(false)}>
      <h2 id="confirm-title" dir="auto">{title}</h2>
      <p>{effect}</p>
      {children}
      {error.value && <p class="error-line" role="alert">{error.value}</p>}
      <div class="buttons">
        <button type="button" class="quiet" onClick={() => onClose(false)}>
          {strings.value.cancel}
        </button>
        <button
          type="button"
          class={isDangerous ? "primary danger" : "primary"}
          disabled={!isReady}
          onClick={confirm}
        >
          {action}
        </button>
      </div>
    </dialog>
  );
}
