import { useSignal } from "@preact/signals";
import type { TargetedEvent } from "preact";
import { useEffect } from "preact/hooks";
import { ROOM_NAME_LENGTH } from "../../../server/protocol/limits.ts";
import { strings } from "../i18n/page_strings.ts";
import { parseRoom, roomName } from "../state/address.ts";
import type { PageState } from "../state/page_state.ts";
import { NameMark } from "./person_name.tsx";

/** Time in ms after which the server is asked for what was typed. */
const SEARCH_DELAY = 200;

/** Distance from the end of the list in px at which more rooms are loaded. */
const NEAR_END = 200;

/** Joins a room by its name, and suggests rooms that have people in them. */
export function JoinRoom({ page }: { readonly page: PageState }) {
  const name = useSignal("");
  const isInvalid = useSignal(false);
  const isOpen = useSignal(false);
  const join = (room: string) => {
    isInvalid.value = !page.joinRoom(room);
    if (isInvalid.value) return;
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
    page.refreshActiveRooms();
  };
  const closeOnFocusOut = (event: TargetedEvent<HTMLElement, FocusEvent>) => {
    const { relatedTarget, currentTarget } = event;
    const isInside = relatedTarget instanceof Node && currentTarget.contains(relatedTarget);
    if (!isInside) isOpen.value = false;
  };

  return (
    <form
      class="join-room"
      aria-label={strings.value.joinRoom}
      onSubmit={submit}
      onFocusIn={open}
      onFocusOut={closeOnFocusOut}
      onKeyDown={(event) => event.key === "Escape" && (isOpen.value = false)}
    >
      <input
        name="room"
        aria-label={strings.value.roomName}
        aria-invalid={isInvalid.value}
        placeholder={strings.value.joinRoom}
        autoComplete="off"
        autoCapitalize="none"
        dir="auto"
        maxLength={ROOM_NAME_LENGTH}
        value={name.value}
        onInput={(event) => {
          name.value = event.currentTarget.value;
          isInvalid.value = false;
          open();
        }}
      />
      <button type="submit">{strings.value.join}</button>
      {isInvalid.value && (
        <p class="error-line" role="alert">
          {strings.value.invalidRoomName({ length: ROOM_NAME_LENGTH })}
        </p>
      )}
      {isOpen.value && <ActiveRooms page={page} search={name.value} onJoin={join} />}
    </form>
  );
}

interface ActiveRoomsProps {
  readonly page: PageState;
  /** Only rooms whose names contain this are shown. */
  readonly search: string;
  readonly onJoin: (room: string) => void;
}

function ActiveRooms({ page, search, onJoin }: ActiveRoomsProps) {
  const part = search.trim().replace(/^#/, "").normalize("NFC").toLowerCase();
  const rooms = page.activeRooms.value
    .map(({ channel, present }) => ({ name: roomName(channel), present }))
    .filter(({ name }) => !page.chat.conversations.find(parseRoom(name) ?? ""))
    .filter(({ name }) => name.toLowerCase().includes(part));
  const { activeRooms, noActiveRooms, noActiveRoomMatches: noMatch, moreRooms } = strings.value;
  useEffect(() => {
    const timer = setTimeout(() => page.searchActiveRooms(part), SEARCH_DELAY);
    return () => clearTimeout(timer);
  }, [part, page.hasMoreRooms.value]);
  const loadOn = ({ currentTarget }: TargetedEvent<HTMLElement>) => {
    const { scrollTop, clientHeight, scrollHeight } = currentTarget;
    if (part === "" && scrollHeight - scrollTop - clientHeight < NEAR_END) page.loadMoreRooms();
  };
  return (
    <div class="active-rooms" onScroll={loadOn}>
      <h2 id="active-rooms">{activeRooms}</h2>
      {rooms.length === 0 && <p class="hint">{part ? noMatch : noActiveRooms}</p>}
      <ul aria-labelledby="active-rooms">
        {rooms.map(({ name, present }) => (
          <li key={name}>
            <button type="button" onClick={() => onJoin(name)}>
              <span class="name">
                <span dir="auto"># {name}</span>
                <NameMark mark={page.roomNames.markOf(name)} />
              </span>
              <span class="hint">{strings.value.peopleCount({ count: present })}</span>
            </button>
          </li>
        ))}
      </ul>
      {page.hasMoreRooms.value && part === "" && <p class="hint">{moreRooms}</p>}
    </div>
  );
}
