import { strings } from "../i18n/page_strings.ts";
import type { Chat } from "../state/chat.ts";
import { closeDialog, Dialog } from "./dialog.tsx";
import { countUnsentChanges } from "./message_editing.tsx";

/** How a person signs out: with a `url`, the application does it there. */
export interface SignOut {
  readonly url?: string | undefined;
  readonly onClick: () => void;
}

interface SignOutProps {
  readonly chat: Chat;
  readonly signOut: SignOut;
}

/** Signs out. `onAsk` opens the question, unless nothing is lost: the application can sign its users in again. */
export function SignOutButton(
  { chat, signOut: { url, onClick }, onAsk }: SignOutProps & { readonly onAsk: () => void },
) {
  const { messages, drafts, changes } = countUnsent(chat);
  const isLossy = messages + drafts + changes > 0;
  const ask = (event: Event) => {
    event.preventDefault();
    onAsk();
  };
  const label = strings.value.signOut;
  if (!url) return <button type="button" class="sign-out" onClick={ask}>{label}</button>;
  return (
    <a class="sign-out" href={url} target="_top" onClick={isLossy ? ask : onClick}>
      {label}
    </a>
  );
}

/** Says what is lost by signing out. */
export function SignOutDialog(
  { chat, signOut: { url, onClick }, onClose }: SignOutProps & { readonly onClose: () => void },
) {
  const { messages, drafts, changes } = countUnsent(chat);
  const { signOut: label, stay, signOutAs, guestLoses, unsentLost } = strings.value;
  const { unsentMessages, unsentDrafts, unsentChanges } = strings.value;
  const counts = [
    messages > 0 ? unsentMessages({ count: messages }) : [],
    drafts > 0 ? unsentDrafts({ count: drafts }) : [],
    changes > 0 ? unsentChanges({ count: changes }) : [],
  ].flat();
  return (
    <Dialog title={signOutAs({ name: chat.self.displayName })} onClose={onClose}>
      {!url && <p>{guestLoses}</p>}
      {counts.length > 0 && <p class="notice-line">{unsentLost({ counts })}</p>}
      <div class="buttons">
        <button type="button" class="secondary" autofocus onClick={closeDialog}>{stay}</button>
        {url
          ? <a class="primary danger" href={url} target="_top" onClick={onClick}>{label}</a>
          : <button type="button" class="primary danger" onClick={onClick}>{label}</button>}
      </div>
    </Dialog>
  );
}

function countUnsent(chat: Chat) {
  const { outbox, conversations } = chat;
  return {
    messages: outbox.pending.value.length,
    drafts: conversations.all.value.filter(({ draft }) => draft.text.value.trim()).length,
    changes: countUnsentChanges(chat),
  };
}
