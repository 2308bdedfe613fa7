import { useSignal } from "@preact/signals";
import type { TargetedEvent } from "preact";
import { words } from "../i18n/language.ts";
import { parseRoomName } from "../state/address.ts";
import type { Chat } from "../state/chat.ts";

/** Joins a room by its name, or one of those in which somebody is. */
export function JoinRoom({ chat }: { readonly chat: Chat }) {
  const name = useSignal("");
  const isBad = useSignal(false);
  const isOpen = useSignal(false);
  const join = (room: string) => {
    isBad.value = !chat.joinRoom(room);
    if (isBad.value) return;
    name.value = "";
    isOpen.value = false;
  };
  const submit = (event: Event) => {
    event.preventDefault();
    join(name.value);
  };
  const open = () => {
    if (isOpen.value) return;
    isOpen.value = true;
    chat.activeRooms.refresh();
  };
  const closeWhenLeft = (event: TargetedEvent<HTMLElement, FocusEvent>) => {
    const goal = event.relatedTarget;
    if (!(goal instanceof Node && event.currentTarget.contains(goal))) isOpen.value = false;
  };

  return (
    <form
      class="join-room"
      aria-label={words.value.joinRoom}
      onSubmit={submit}
      onFocusIn={open}
      onFocusOut={closeWhenLeft}
      onKeyDown={(event) => event.key === "Escape" && (isOpen.value = false)}
    >
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
        onInput={(event) => {
          name.value = event.currentTarget.value;
          isBad.value = false;
          open();
        }}
      />
      <button type="submit">{words.value.join}</button>
      {isBad.value && <p class="error-line" role="alert">{words.value.badRoomName}</p>}
      {isOpen.value && <RoomChoice chat={chat} typed={name.value} onJoin={join} />}
    </form>
  );
}

interface RoomChoiceProps {
  readonly chat: Chat;
  /** What the names must contain. */
  readonly typed: string;
  readonly onJoin: (room: string) => void;
}

function RoomChoice({ chat, typed, onJoin }: RoomChoiceProps) {
  const part = typed.trim().replace(/^#/, "").normalize("NFC").toLowerCase();
  const rooms = chat.activeRooms.list.value
    .map(({ channel, present }) => ({ name: channel.slice(channel.indexOf(":") + 1), present }))
    .filter(({ name }) => !chat.conversations.find(parseRoomName(name) ?? ""))
    .filter(({ name }) => name.toLowerCase().includes(part));
  return (
    <div class="room-choice">
      <h2 id="active-rooms">{words.value.activeRooms}</h2>
      {rooms.length === 0 && <p class="hint">{words.value.noActiveRooms}</p>}
      <ul aria-labelledby="active-rooms">
        {rooms.map(({ name, present }) => (
          <li key={name}>
            <button type="button" onClick={() => onJoin(name)}>
              <span class="name" dir="auto"># {name}</span>
              <span class="hint">{words.value.peopleHere(present)}</span>
            </button>
          </li>
        ))}
      </ul>
    </div>
  );
}
