import { useEffect, useRef } from "preact/hooks";
import type { Present } from "../../comet/halley.ts";
import { words } from "../i18n/language.ts";
import { formatAgo } from "../i18n/times.ts";
import type { Chat } from "../state/chat.ts";
import { Icon } from "./icons.tsx";
import { PersonMark } from "./marks.tsx";
import { PersonName } from "./person_name.tsx";

/** Who is in the conversation that is looked at. */
export function PeopleList({ chat }: { readonly chat: Chat }) {
  const back = useRef<HTMLButtonElement>(null);
  const present = chat.people.present.value;
  const pane = chat.pane.value;
  const isSelf = ({ publicToken }: Present) => publicToken === chat.self.publicToken;
  const close = () => chat.pane.value = "conversation";
  useEffect(() => {
    if (pane === "people") back.current?.focus();
  }, [pane]);
  return (
    <section
      class="people"
      aria-label={words.value.people}
      onKeyDown={(event) => event.key === "Escape" && pane === "people" && close()}
    >
      <header>
        <button
          ref={back}
          type="button"
          class="quiet back"
          aria-label={words.value.backToConversation}
          onClick={close}
        >
          <Icon name="back" />
        </button>
        <h2>{words.value.people}</h2>
      </header>
      <ul>
        {present?.map((person) => (
          <li key={person.publicToken}>
            {isSelf(person)
              ? (
                <span class="person">
                  <PersonLine chat={chat} person={person} suffix={words.value.you} />
                </span>
              )
              : (
                <button
                  type="button"
                  class="person"
                  title={words.value.talkTo(person.displayName)}
                  onClick={() => chat.talkTo(person)}
                >
                  <PersonLine chat={chat} person={person} />
                </button>
              )}
          </li>
        ))}
      </ul>
      {present?.every(isSelf) && <p class="empty">{words.value.nobody}</p>}
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
  const isKnown = chat.isServerThere.value;
  return (
    <>
      <PersonMark person={person} />
      <span class="who">
        <PersonName person={person} names={chat.names} />
        {state === "offline" && <small>{words.value.lastSeen(formatAgo(lastSeen))}</small>}
      </span>
      {suffix && <span class="hint">{suffix}</span>}
      {isKnown && (
        <>
          <span class="presence-dot" data-state={state} aria-hidden="true" />
          <span class="only-heard">{words.value[state]}</span>
        </>
      )}
    </>
  );
}
