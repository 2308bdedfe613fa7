import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import type { Person } from "../../comet/halley.ts";
import { strings as pageStrings } from "../i18n/page_strings.ts";
import type { PageState } from "../state/page_state.ts";
import { Avatar, ConversationAvatar } from "../views/avatars.tsx";
import { markOf, titleOf } from "../views/conversation_title.ts";
import { Dialog } from "../views/dialog.tsx";
import { PathIcon } from "../views/icons.tsx";
import { PAGE_PATHS } from "../views/page_icons.ts";
import { NameMark } from "../views/person_name.tsx";
import { UnreadCount } from "../views/unread_count.tsx";
import { type Destination, destinationsFor, goTo } from "./destinations.ts";
import { strings } from "./finding_strings.ts";

const LIST = "destinations";

interface SwitcherProps {
  readonly page: PageState;
  readonly onClose: () => void;
  /** Opens the search for messages. */
  readonly onSearch: (words: string) => void;
}

/** Time in ms after which the server is asked for what was typed. */
const SEARCH_DELAY = 200;

/** Leads to a conversation, a person or a room by what is typed, or to messages with these words. */
export function Switcher({ page, onClose, onSearch }: SwitcherProps) {
  const search = useSignal(page.typedAhead);
  const active = useSignal(0);
  const people = useSignal<readonly Person[]>(page.people.present.peek() ?? []);
  /** Whether people and rooms were asked for, and whether Enter waits for the answer. */
  const isLoaded = useSignal(false);
  const isWaiting = useSignal(false);
  const list = useRef<HTMLUListElement>(null);
  const chosen = useRef<Destination>(undefined);
  useEffect(() => {
    const loading = [page.refreshActiveRooms(), addPeople(page).then((all) => people.value = all)];
    Promise.all(loading).then(() => isLoaded.value = true);
  }, []);
  const typed = search.value.trim().replace(/^#/, "");
  useEffect(() => {
    const timer = setTimeout(() => page.searchActiveRooms(typed), SEARCH_DELAY);
    return () => clearTimeout(timer);
  }, [typed, page.hasMoreRooms.value]);
  const found = destinationsFor({ page, people: people.value, search: search.value, titleOf });
  const index = Math.min(active.value, found.length - 1);
  useEffect(() => list.current?.children[index]?.scrollIntoView({ block: "nearest" }), [index]);

  const choose = (destination: Destination | undefined) => {
    if (!destination) return;
    chosen.current = destination;
    list.current?.closest("dialog")?.close();
  };
  const isDue = isLoaded.value && isWaiting.value;
  useEffect(() => {
    if (isDue) choose(found[index]);
  }, [isDue]);
  // After the dialog has returned the focus: the composer takes it then.
  const close = () => {
    onClose();
    const { current } = chosen;
    if (current?.kind === "search") onSearch(current.name);
    else if (current) goTo(page, current);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.isComposing) return;
    const steps: Record<string, number> = { ArrowDown: 1, ArrowUp: -1 };
    const step = steps[event.key];
    if (step !== undefined) active.value = (index + step + found.length) % found.length;
    // The person or the room that is meant may be on its way.
    else if (event.key === "Enter" && isLastChoice(found[index], index)) isWaiting.value = true;
    else if (event.key === "Enter") choose(found[index]);
    else return;
    event.preventDefault();
  };
  const { goTo: title, placeholder, nothing } = strings.value;
  return (
    <Dialog title={title} onClose={close}>
      <div class="switcher">
        <input
          role="combobox"
          class="search"
          aria-label={title}
          aria-expanded="true"
          aria-controls={LIST}
          aria-autocomplete="list"
          aria-activedescendant={found.length > 0 ? idOf(index) : undefined}
          placeholder={placeholder}
          autoComplete="off"
          autoCapitalize="none"
          spellcheck={false}
          dir="auto"
          autofocus
          value={search.value}
          onInput={({ currentTarget }) => {
            search.value = currentTarget.value;
            active.value = 0;
            isWaiting.value = false;
          }}
          onKeyDown={onKeyDown}
        />
        {found.length === 0 && <p class="hint" role="status">{nothing}</p>}
        <ul ref={list} id={LIST} role="listbox" aria-label={title}>
          {found.map((destination, n) => (
            <li
              key={keyOf(destination)}
              id={idOf(n)}
              role="option"
              aria-selected={n === index}
              onPointerMove={() => active.value = n}
              onClick={() => choose(destination)}
            >
              <Option page={page} destination={destination} />
            </li>
          ))}
        </ul>
      </div>
    </Dialog>
  );
}

interface OptionProps {
  readonly page: PageState;
  readonly destination: Destination;
}

function Option({ page, destination }: OptionProps) {
  const { message, room, join, searchFor } = strings.value;
  const { kind, name } = destination;
  switch (kind) {
    case "conversation": {
      const { conversation } = destination;
      return (
        <>
          <ConversationAvatar conversation={conversation} />
          <Title name={name} mark={markOf(page, conversation)} />
          <UnreadCount count={conversation.unread.value} />
        </>
      );
    }
    case "person": {
      const { person } = destination;
      return (
        <>
          <Avatar person={person} />
          <Title name={name} mark={page.chat.names.markOf(person)} />
          <span class="hint">{message}</span>
        </>
      );
    }
    case "search":
      return (
        <>
          <span class="room-avatar" aria-hidden="true">
            <PathIcon path={PAGE_PATHS.search} />
          </span>
          <Title name={searchFor({ words: name })} mark={undefined} />
        </>
      );
    default:
      return (
        <>
          <span class="room-avatar" data-kind="room" aria-hidden="true">#</span>
          <Title
            name={kind === "join" ? join({ name }) : name}
            mark={page.roomNames.markOf(name)}
          />
          {kind === "room" && (
            <span class="hint">
              {pageStrings.value.peopleCount({ count: destination.present })}
            </span>
          )}
          {kind === "visitor" && <span class="hint">{room}</span>}
        </>
      );
  }
}

function Title({ name, mark }: { readonly name: string; readonly mark: string | undefined }) {
  return (
    <span class="title">
      <span dir="auto">{name}</span>
      <NameMark mark={mark} />
    </span>
  );
}

/** Whether a destination is only chosen when everything else is known. */
function isLastChoice(destination: Destination | undefined, index: number): boolean {
  const { kind } = destination ?? {};
  return kind === "join" || kind === "search" && index === 0;
}

function idOf(n: number): string {
  return `${LIST}-${n}`;
}

function keyOf(destination: Destination): string {
  const { kind, name } = destination;
  if (kind === "conversation") return destination.conversation.channel;
  return kind === "person" ? destination.person.publicToken : `${kind} ${name}`;
}

/** The authors and the people in the selected conversation, and those in the home room. */
async function addPeople({ people, chat }: PageState): Promise<readonly Person[]> {
  const { home } = chat.settings.peek();
  const reply = home && await chat.client.presence(home).catch(() => undefined);
  const chunks = chat.conversations.selected.peek()?.history.chunks.peek() ?? [];
  const authors = chunks.flatMap(({ messages }) => messages).flatMap(({ from }) => from ?? []);
  const present = [...people.present.peek() ?? [], ...(reply ? reply.present : [])];
  // Of an author, the newest name.
  const all = new Map([...authors, ...present].map((person) => [person.publicToken, person]));
  for (const person of all.values()) chat.names.add(person);
  return [...all.values()];
}
