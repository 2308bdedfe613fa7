import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import type { Present } from "../../comet/halley.ts";
import { formatAgo } from "../i18n/format_time.ts";
import { strings } from "../i18n/page_strings.ts";
import { hasWords } from "../state/name_search.ts";
import type { PageState } from "../state/page_state.ts";
import { Avatar } from "./avatars.tsx";
import { PathIcon } from "./icons.tsx";
import { PAGE_PATHS } from "./page_icons.ts";
import { moveFocus } from "./move_focus.ts";
import { PersonName } from "./person_name.tsx";
import { SearchField } from "./search_field.tsx";

/** A list with more people can be searched. */
const SEARCHED = 12;

/**
 * The people in the selected conversation; a click on one opens a direct conversation. Tab reaches one of them, and arrow keys
 * move between them.
 */
export function PeopleList({ page }: { readonly page: PageState }) {
  const backButton = useRef<HTMLButtonElement>(null);
  const present = page.people.present.value;
  const pane = page.pane.value;
  const search = useSignal("");
  const found = present?.filter(({ displayName }) => hasWords([displayName], search.value));
  const isSelf = ({ publicToken }: Present) => publicToken === page.chat.self.publicToken;
  const reached = useSignal("");
  const others = found?.filter((person) => !isSelf(person)) ?? [];
  const tabStop = others.find(({ publicToken }) => publicToken === reached.value) ?? others[0];
  const close = () => page.pane.value = "conversation";
  useEffect(() => {
    if (pane === "people") backButton.current?.focus();
  }, [pane]);
  return (
    <section
      class="people"
      aria-label={strings.value.people}
      onKeyDown={(event) => {
        if (event.key === "Escape" && pane === "people") close();
        moveFocus(event, event.currentTarget, "button.person");
      }}
    >
      <header>
        <button
          ref={backButton}
          type="button"
          class="quiet back"
          aria-label={strings.value.backToConversation}
          onClick={close}
        >
          <PathIcon path={PAGE_PATHS.back} />
        </button>
        <h2>{strings.value.people}</h2>
      </header>
      {present && present.length > SEARCHED && (
        <SearchField label={strings.value.searchPeople} search={search} />
      )}
      {found?.length === 0 && <p class="hint" role="status">{strings.value.noPersonMatches}</p>}
      <ul>
        {found?.map((person) => (
          <li key={person.publicToken}>
            {isSelf(person)
              ? (
                <span class="person">
                  <PersonLine page={page} person={person} suffix={strings.value.you} />
                </span>
              )
              : (
                <button
                  type="button"
                  class="person"
                  title={strings.value.messagePerson({ name: person.displayName })}
                  tabIndex={person === tabStop ? 0 : -1}
                  onFocus={() => reached.value = person.publicToken}
                  onClick={() => page.openDirect(person)}
                >
                  <PersonLine page={page} person={person} />
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
  readonly page: PageState;
  readonly person: Present;
  readonly suffix?: string;
}

function PersonLine({ page, person, suffix }: PersonLineProps) {
  const { state, lastSeen } = person;
  return (
    <>
      <Avatar person={person} />
      <span class="who">
        <PersonName person={person} names={page.chat.names} />
        {state === "offline" && (
          <small>{strings.value.lastSeen({ ago: formatAgo(lastSeen) })}</small>
        )}
      </span>
      {suffix && <span class="hint">{suffix}</span>}
      {page.people.isUpToDate.value && (
        <>
          <span class="presence-dot" data-state={state} aria-hidden="true" />
          <span class="visually-hidden">{strings.value.presence[state]}</span>
        </>
      )}
    </>
  );
}
