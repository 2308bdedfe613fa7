import type { Signal } from "@preact/signals";
import { useId } from "preact/hooks";
import { strings as pageStrings } from "../i18n/page_strings.ts";
import { compareNames } from "../state/name_search.ts";
import type { PageState } from "../state/page_state.ts";
import type { MessageSearch } from "./message_search.ts";
import { strings } from "./search_strings.ts";

/** Maximum number of people among whom an author is chosen. */
const PEOPLE = 1_000;

interface SearchLimitsProps {
  readonly page: PageState;
  readonly search: MessageSearch;
}

/** Limits a search to an author, and to days. */
export function SearchLimits({ page, search }: SearchLimitsProps) {
  const { author, firstDay, lastDay, hits } = search;
  const id = useId();
  const count = [author, firstDay, lastDay].filter(({ value }) => value !== "").length;
  const { self, names } = page.chat;
  const { limits, from, anyone, since, until } = strings.value;
  hits.value; // Their authors are known by now.
  const others = [...names.all].filter(([publicToken]) => publicToken !== self.publicToken)
    .map(([publicToken, displayName]) => ({ publicToken, displayName }))
    .sort((one, other) => compareNames(one.displayName, other.displayName)).slice(0, PEOPLE);
  return (
    <details class="limits">
      <summary>{limits} {count > 0 && <span class="unread">{count}</span>}</summary>
      <div class="limit">
        <label for={id}>{from}</label>
        <select
          id={id}
          dir="auto"
          value={author.value}
          onChange={({ currentTarget }) => author.value = currentTarget.value}
        >
          <option value="">{anyone}</option>
          <option value={self.publicToken}>{pageStrings.value.you}</option>
          {others.map((person) => (
            <option key={person.publicToken} value={person.publicToken}>
              {[person.displayName, names.markOf(person)].join(" ")}
            </option>
          ))}
        </select>
      </div>
      <DayField label={since} day={firstDay} />
      <DayField label={until} day={lastDay} />
    </details>
  );
}

interface DayFieldProps {
  readonly label: string;
  readonly day: Signal<string>;
  readonly isRequired?: boolean;
}

/** A field for a date, of which a search includes the whole day. */
export function DayField({ label, day, isRequired = false }: DayFieldProps) {
  const id = useId();
  return (
    <div class="limit">
      <label for={id}>{label}</label>
      <input
        id={id}
        type="date"
        required={isRequired}
        value={day.value}
        onInput={({ currentTarget }) => day.value = currentTarget.value}
      />
    </div>
  );
}
