import { useEffect, useRef } from "preact/hooks";
import type { Present } from "../../comet/halley.ts";
import { formatAgo } from "../i18n/format_time.ts";
import { strings } from "../i18n/page_strings.ts";
import type { Chat } from "../state/chat.ts";
import { Avatar } from "./avatars.tsx";
import { Icon } from "./icons.tsx";
import { PersonName } from "./person_name.tsx";

/** The people in the selected conversation; a click on one opens a direct conversation. */
export function PeopleList({ chat }: { readonly chat: Chat }) {
  const backButton = useRef<HTMLButtonElement>(null);
  const present = chat.people.present.value;
  const pane = chat.pane.value;
  const isSelf = ({ publicToken }: Present) => publicToken === chat.self.publicToken;
  const close = () => chat.pane.value = "conversation";
  useEffect(() => {
    if (pane === "people") backButton.current?.focus();
  }, [pane]);
  return (
    <section
      class="people"
      aria-label={strings.value.people}
      onKeyDown={(event) => event.key === "Escape" && pane === "people" && close()}
    >
      <header>
        <button
          ref={backButton}
          type="button"
          class="quiet back"
          aria-label={strings.value.backToConversation}
          onClick={close}
        >
          <Icon name="back" />
        </button>
        <h2>{strings.value.people}</h2>
      </header>
      <ul>
        {present?.map((person) => (
          <li key={person.publicToken}>
            {isSelf(person)
              ? (
                <span class="person">
                  <PersonLine chat={chat} person={person} suffix={strings.value.you} />
                </span>
              )
              : (
                <button
                  type="button"
                  class="person"
                  title={strings.value.messagePerson(person.displayName)}
                  onClick={() => chat.talkTo(person)}
                >
                  <PersonLine chat={chat} person={person} />
                </button>
              )}
          </li>
        ))}
      </ul>
      {present?.every(isSelf) && <p class="empty">{strings.value.noOtherPeople}</p>}
    </section>
  );
}

interface PersonLineProps {
  readonly chat: Chat;
  readonly person: Present;
  readonly suffix?: string;
}

function PersonLine({ chat, person, suffix }: PersonLineProps) {
  const { state, lastSeen } = person;
  return (
    <>
      <Avatar person={person} />
      <span class="who">
        <PersonName person={person} names={chat.names} />
        {state === "offline" && <small>{strings.value.lastSeen(formatAgo(lastSeen))}</small>}
      </span>
      {suffix && <span class="hint">{suffix}</span>}
      {chat.isServerThere.value && (
        <>
          <span class="presence-dot" data-state={state} aria-hidden="true" />
          <span class="visually-hidden">{strings.value.presence[state]}</span>
        </>
      )}
    </>
  );
}
