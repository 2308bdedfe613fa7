import { useSignal } from "@preact/signals";
import { useLayoutEffect, useRef } from "preact/hooks";
import { strings as chatStrings } from "../../ui/i18n/chat_strings.ts";
import type { Chat } from "../../ui/state/chat.ts";
import { countUnsentChanges } from "../../ui/views/message_editing.tsx";
import { strings } from "./more_strings.ts";
import { hasUnsentFiles } from "./unsent_files.ts";

interface SignOutProps {
  readonly chat: Chat;
  readonly onSignOut: () => void;
}

/** Signs out, and asks first if something is unsent. */
export function SignOut({ chat, onSignOut }: SignOutProps) {
  const isAsking = useSignal(false);
  const wasAsking = useRef(false);
  const button = useRef<HTMLButtonElement>(null);
  useLayoutEffect(() => {
    // On the choice that loses nothing, or back on the button.
    if (isAsking.value || wasAsking.current) button.current?.focus();
    wasAsking.current = isAsking.value;
  }, [isAsking.value]);
  const { signOut } = chatStrings.value;
  if (!isAsking.value) {
    const onClick = () => hasUnsent(chat) ? isAsking.value = true : onSignOut();
    return <button ref={button} type="button" class="quiet" onClick={onClick}>{signOut}</button>;
  }
  const { unsent, stay } = strings.value;
  const stays = () => isAsking.value = false;
  return (
    <span
      class="question"
      role="alertdialog"
      aria-label={unsent}
      onKeyDown={(event) => {
        if (event.key !== "Escape") return;
        event.stopPropagation();
        stays();
      }}
    >
      <span>{unsent}</span>
      <button type="button" class="quiet" onClick={onSignOut}>{signOut}</button>
      <button ref={button} type="button" class="quiet" onClick={stays}>{stay}</button>
    </span>
  );
}

function hasUnsent(chat: Chat): boolean {
  return chat.outbox.pending.peek().length > 0 || countUnsentChanges(chat) > 0 ||
    hasUnsentFiles(chat) ||
    chat.conversations.all.peek().some(({ draft }) => draft.text.peek().trim() !== "");
}
