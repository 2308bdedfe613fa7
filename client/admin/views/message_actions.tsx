import { useSignal } from "@preact/signals";
import type { MessageTrace } from "../../../server/protocol/admin_replies.ts";
import { strings } from "../i18n/admin_strings.ts";
import type { AdminState } from "../state/admin_state.ts";
import { ConfirmDialog } from "./confirm_dialog.tsx";

interface MessageActionsProps {
  readonly admin: AdminState;
  readonly message: MessageTrace["message"];
}

/** Edits the message in a dialog, or deletes it after a confirmation. */
export function MessageActions({ admin, message }: MessageActionsProps) {
  const dialog = useSignal<"edit" | "delete">();
  const done = useSignal<"edit" | "delete">();
  const text = useSignal("");
  const { id } = message;
  const edit = async () => {
    text.value = await admin.textOf(message);
    dialog.value = "edit";
  };
  const onClose = (isDone: boolean) => {
    if (isDone) done.value = dialog.value;
    dialog.value = undefined;
  };
  const { deleted, confirmDelete, deleteEffect, deleteMessage } = strings.value;
  const { edited, confirmEdit, editEffect, editMessage, noticeText } = strings.value;
  if (done.value === "delete") return <p>{deleted(id)}</p>;
  return (
    <div class="message-actions">
      {done.value === "edit" && <p>{edited(id)}</p>}
      <button type="button" class="quiet" onClick={edit}>{editMessage}…</button>
      <button type="button" class="quiet danger" onClick={() => dialog.value = "delete"}>
        {deleteMessage}…
      </button>
      {dialog.value === "edit" && (
        <ConfirmDialog
          title={confirmEdit(id)}
          effect={editEffect}
          action={editMessage}
          isDangerous={false}
          onConfirm={() => admin.editMessage(id, text.value)}
          onClose={onClose}
        >
          <textarea
            aria-label={noticeText}
            dir="auto"
            rows={5}
            value={text.value}
            onInput={(event) => text.value = event.currentTarget.value}
          />
        </ConfirmDialog>
      )}
      {dialog.value === "delete" && (
        <ConfirmDialog
          title={confirmDelete(id)}
          effect={deleteEffect}
          action={deleteMessage}
          onConfirm={() => admin.deleteMessage(id)}
          onClose={onClose}
        />
      )}
    </div>
  );
}
