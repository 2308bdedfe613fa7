import { useSignal } from "@preact/signals";
import { NAME_LENGTH } from "../../../server/protocol/limits.ts";
import type { Chat } from "../state/chat.ts";
import { closeDialog, Dialog } from "../views/dialog.tsx";
import { describeFailure, strings } from "./account_strings.ts";

interface RenameDialogProps {
  readonly chat: Chat;
  readonly onClose: () => void;
}

/** Changes the display name of a guest. */
export function RenameDialog({ chat, onClose }: RenameDialogProps) {
  const name = useSignal(chat.self.displayName);
  const failure = useSignal("");
  const isBusy = useSignal(false);
  const submit = async (event: SubmitEvent) => {
    event.preventDefault();
    if (isBusy.value) return;
    isBusy.value = true;
    failure.value = "";
    try {
      const { displayName } = await chat.client.rename(name.value);
      chat.self.rename(displayName);
      closeDialog(event);
    } catch (error) {
      failure.value = describeFailure(error);
    }
    isBusy.value = false;
  };
  const { changeName, newName, renameHint, cancel, save } = strings.value;
  return (
    <Dialog title={changeName} onClose={onClose}>
      <form class="fields" onSubmit={submit}>
        <label for="new-name">{newName}</label>
        <input
          id="new-name"
          dir="auto"
          required
          pattern=".*\S.*"
          autofocus
          autoComplete="nickname"
          aria-describedby="new-name-hint"
          maxLength={NAME_LENGTH}
          value={name.value}
          onInput={(event) => name.value = event.currentTarget.value}
        />
        <p id="new-name-hint" class="hint">{renameHint}</p>
        {failure.value && <p class="error-line" role="alert">{failure.value}</p>}
        <div class="buttons">
          <button type="button" class="secondary" onClick={closeDialog}>{cancel}</button>
          <button type="submit" class="primary" aria-busy={isBusy.value}>{save}</button>
        </div>
      </form>
    </Dialog>
  );
}
