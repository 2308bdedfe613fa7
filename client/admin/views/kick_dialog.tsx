import { useSignal } from "@preact/signals";
import type { LiveSession } from "../../../server/protocol/admin_replies.ts";
import { words } from "../i18n/admin_words.ts";
import type { AdminState } from "../state/admin_state.ts";
import { detailOf } from "./detail_of.ts";

interface KickDialogProps {
  readonly desk: AdminState;
  readonly session: LiveSession;
  /** Told whether the session was ended. */
  readonly onEnd: (isDone: boolean) => void;
}

/** Asks whether somebody is really to be kicked. */
export function KickDialog({ desk, session, onEnd }: KickDialogProps) {
  const failure = useSignal("");
  const kick = async () => {
    try {
      await desk.kick(session);
      onEnd(true);
    } catch (error) {
      failure.value = detailOf(error);
    }
  };
  const open = (dialog: HTMLDialogElement | null) => {
    if (dialog !== null && !dialog.open) dialog.showModal();
  };
  return (
    <dialog ref={open} aria-labelledby="kick-title" onClose={() => onEnd(false)}>
      <h2 id="kick-title" dir="auto">{words.value.kickSure(session.displayName)}</h2>
      <p>{words.value.kickMeans}</p>
      {failure.value && <p class="error-line" role="alert">{failure.value}</p>}
      <div class="buttons">
        <button type="button" class="quiet" onClick={() => onEnd(false)}>
          {words.value.cancel}
        </button>
        <button type="button" class="primary alarm" onClick={kick}>{words.value.kick}</button>
      </div>
    </dialog>
  );
}
