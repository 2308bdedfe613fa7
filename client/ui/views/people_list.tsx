import type { Present } from "../../comet/halley.ts";
import { words } from "../i18n/language.ts";
import type { Chat } from "../state/chat.ts";
import { PersonMark } from "./marks.tsx";

/** Who is in the conversation that is looked at. */
export function PeopleList({ chat }: { readonly chat: Chat }) {
  const present = chat.people.present.value;
  const isSelf = ({ publicToken }: Present) => publicToken === chat.self.publicToken;
  return (
    <aside class="people" aria-label={words.value.people}>
      <header>
        <button
          type="button"
          class="quiet back"
          aria-label={words.value.back}
          onClick={() => chat.pane.value = "conversation"}
        >
          ←
        </button>
        <h2>{words.value.people}</h2>
      </header>
      <ul>
        {present?.map((person) => (
          <li key={person.publicToken}>
            {isSelf(person)
              ? (
                <span class="person">
                  <PersonLine person={person} suffix={words.value.you} />
                </span>
              )
              : (
                <button
                  type="button"
                  class="person"
                  title={words.value.talkTo(person.displayName)}
                  onClick={() => chat.talkTo(person)}
                >
                  <PersonLine person={person} />
                </button>
              )}
          </li>
        ))}
      </ul>
      {present?.every(isSelf) && <p class="empty">{words.value.nobody}</p>}
    </aside>
  );
}

function PersonLine({ person, suffix }: { readonly person: Present; readonly suffix?: string }) {
  return (
    <>
      <PersonMark person={person} />
      <span class="name" dir="auto">{person.displayName}</span>
      {suffix && <span class="hint">{suffix}</span>}
      <span class="presence-dot" data-state={person.state} title={words.value[person.state]} />
      <span class="only-heard">{words.value[person.state]}</span>
    </>
  );
}
