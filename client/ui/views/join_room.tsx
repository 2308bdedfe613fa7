import { useSignal } from "@preact/signals";
import { words } from "../i18n/language.ts";
import type { Chat } from "../state/chat.ts";

/** Joins a room by its name. */
export function JoinRoom({ chat }: { readonly chat: Chat }) {
  const name = useSignal("");
  const isBad = useSignal(false);
  const submit = (event: Event) => {
    event.preventDefault();
    isBad.value = !chat.joinRoom(name.value);
    if (!isBad.value) name.value = "";
  };
  const write = (value: string) => {
    name.value = value;
    isBad.value = false;
  };

  return (
    <form class="join-room" aria-label={words.value.joinRoom} onSubmit={submit}>
      <input
        name="room"
        aria-label={words.value.roomName}
        aria-invalid={isBad.value}
        placeholder={words.value.joinRoom}
        autoComplete="off"
        autoCapitalize="none"
        dir="auto"
        maxLength={64}
        value={name.value}
        onInput={(event) => write(event.currentTarget.value)}
      />
      <button type="submit">{words.value.join}</button>
      {isBad.value && <p class="error-line" role="alert">{words.value.badRoomName}</p>}
    </form>
  );
}
