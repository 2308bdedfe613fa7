import type { Signal } from "@preact/signals";
import { strings } from "../i18n/page_strings.ts";
import type { Chat } from "../state/chat.ts";
import { account } from "./account_part.ts";
import { closeDialog, Dialog } from "./dialog.tsx";
import { type SignOut, SignOutDialog } from "./sign_out.tsx";

/** The dialogs that the settings menu opens. */
export type PageDialog = "sign-out" | "rename" | "move";

interface PageDialogsProps {
  readonly chat: Chat;
  readonly signOut: SignOut | undefined;
  readonly opened: Signal<PageDialog | undefined>;
}

/** Opens a dialog, after what it needs was loaded: until then the focus stays where it returns to. */
export async function openPageDialog(
  opened: PageDialogsProps["opened"],
  dialog: PageDialog,
): Promise<void> {
  if (dialog !== "sign-out") await account.load();
  opened.value = dialog;
}

/** The dialog that is open. */
export function PageDialogs({ chat, signOut, opened }: PageDialogsProps) {
  const onClose = () => opened.value = undefined;
  switch (opened.value) {
    case "sign-out":
      return signOut ? <SignOutDialog chat={chat} signOut={signOut} onClose={onClose} /> : null;
    case "rename":
    case "move": {
      if (!account.value) return <FailureDialog onClose={onClose} />;
      const { RenameDialog, MoveDialog } = account.value;
      const Shown = opened.value === "rename" ? RenameDialog : MoveDialog;
      return <Shown chat={chat} onClose={onClose} />;
    }
    default:
      return null;
  }
}

/** Shown if a part of the page could not be loaded. */
export function FailureDialog({ onClose }: { readonly onClose: () => void }) {
  const { connection, serverUnreachable, dismissGap } = strings.value;
  return (
    <Dialog title={connection} onClose={onClose}>
      <p class="error-line" role="alert">{serverUnreachable}</p>
      <div class="buttons">
        <button type="button" class="secondary" onClick={closeDialog}>{dismissGap}</button>
      </div>
    </Dialog>
  );
}
