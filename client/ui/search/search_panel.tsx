import { useComputed, useSignal } from "@preact/signals";
import { useEffect, useLayoutEffect, useMemo, useRef } from "preact/hooks";
import type { SearchHit } from "../../comet/halley.ts";
import { strings as pageStrings } from "../i18n/page_strings.ts";
import type { PageState, SearchWish } from "../state/page_state.ts";
import type { Reached } from "../state/visit.ts";
import { Icon } from "../views/icons.tsx";
import { titleOf } from "../views/conversation_title.ts";
import { moveFocus } from "../views/move_focus.ts";
import { MessageSearch } from "./message_search.ts";
import { openMessage } from "./open_message.ts";
import { Hit } from "./search_hit.tsx";
import { SearchLimits } from "./search_limits.tsx";
import { SearchState } from "./search_state.tsx";
import { strings } from "./search_strings.ts";

interface SearchPanelProps {
  readonly page: PageState;
  /** What somebody wants to search for. Another object moves the focus to the field. */
  readonly wish: SearchWish;
  readonly onClose: () => void;
}

/** Finds messages by their words, in the selected conversation or everywhere, and leads to them. */
export function SearchPanel({ page, wish, onClose }: SearchPanelProps) {
  const field = useRef<HTMLInputElement>(null);
  const search = useSearch(page);
  const { selected } = page.chat.conversations;
  const title = selected.value && titleOf(selected.value);
  // At once: what is typed goes to the field from now on.
  useLayoutEffect(() => {
    if (wish.words) search.words.value = wish.words;
    if (wish.isEverywhere || !selected.peek()) search.isEverywhere.value = true;
    field.current?.focus();
    // What was typed while this was being loaded goes on.
    if (!wish.words) field.current?.select();
  }, [wish]);
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === "Escape" && !event.isComposing) onClose();
    const list = event.currentTarget;
    const isInList = event.target instanceof Element && event.target.matches(".hit, .search");
    if (isInList && list instanceof HTMLElement) moveFocus(event, list, ".hit");
  };
  const { close, placeholder } = strings.value;
  const { searchMessages } = pageStrings.value;
  return (
    <section class="search-panel" role="search" aria-label={searchMessages} onKeyDown={onKeyDown}>
      <header>
        <h2>{searchMessages}</h2>
        <button type="button" class="quiet" aria-label={close} onClick={onClose}>
          <Icon name="close" />
        </button>
      </header>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          search.searchNow();
        }}
      >
        <input
          ref={field}
          type="search"
          class="search"
          aria-label={searchMessages}
          placeholder={placeholder}
          autoComplete="off"
          enterKeyHint="search"
          dir="auto"
          value={search.words.value}
          onInput={({ currentTarget, isComposing }) => {
            if (!isComposing) {
              search.words.value = currentTarget.value;
            }
          }}
          onCompositionEnd={({ currentTarget }) =>
            search.words.value = currentTarget.value}
        />
        <Scope search={search} title={title} />
        <SearchLimits page={page} search={search} />
      </form>
      <div
        class="hits"
        tabIndex={-1}
        aria-busy={search.status.value === "searching"}
        onClick={keepFocus}
      >
        <SearchState search={search} title={title} />
        <Hits page={page} search={search} />
      </div>
    </section>
  );
}

/** Buttons that continue the search go away meanwhile: the last result gets the focus, or the place of the results. */
function keepFocus({ target, currentTarget }: MouseEvent): void {
  if (!(target instanceof Element && currentTarget instanceof HTMLElement)) return;
  if (!target.matches("button.secondary")) return;
  const last = [...currentTarget.querySelectorAll<HTMLElement>(".hit")].at(-1);
  (last ?? currentTarget).focus();
}

/** The search of this panel. It ends with the panel. */
function useSearch(page: PageState): MessageSearch {
  const { client, conversations, names } = page.chat;
  const here = useComputed(() => conversations.selected.value?.history.channels ?? []);
  const search = useMemo(() =>
    new MessageSearch({
      client,
      here,
      onPage: (messages) => {
        for (const { from } of messages) if (from) names.add(from);
      },
    }), [page]);
  useEffect(() => () => search[Symbol.dispose](), [search]);
  return search;
}

interface ScopeProps {
  readonly search: MessageSearch;
  readonly title: string | undefined;
}

/** Whether the selected conversation is searched, or everything. */
function Scope({ search: { isEverywhere }, title }: ScopeProps) {
  if (title === undefined) return null;
  const { where, here, everywhere } = strings.value;
  return (
    <fieldset class="scope">
      <legend class="visually-hidden">{where}</legend>
      {[false, true].map((isAll) => (
        <label key={isAll}>
          <input
            type="radio"
            name="search-scope"
            checked={isEverywhere.value === isAll}
            onChange={() => isEverywhere.value = isAll}
          />{" "}
          <span dir="auto">{isAll ? everywhere : here({ title })}</span>
        </label>
      ))}
    </fieldset>
  );
}

interface HitsProps {
  readonly page: PageState;
  readonly search: MessageSearch;
}

function Hits({ page, search }: HitsProps) {
  const tabStop = useSignal<number>();
  const opened = useSignal<number>();
  const outcome = useSignal<Reached>("shown");
  const { hits, hasMore, status, isEverywhere } = search;
  const all = hits.value;
  const stop = all.some(({ message }) => message.id === tabStop.value)
    ? tabStop.value
    : all[0]?.message.id;
  const open = async ({ message }: SearchHit) => {
    opened.value = message.id;
    outcome.value = "shown";
    outcome.value = await openMessage(page, message);
  };
  const { more, messageGone } = strings.value;
  const { loadFailed } = pageStrings.value;
  return (
    <>
      {outcome.value !== "shown" && (
        <p class="error-line" role="alert">
          {outcome.value === "gone" ? messageGone : loadFailed}
        </p>
      )}
      <ul>
        {all.map((hit) => (
          <Hit
            key={hit.message.id}
            page={page}
            hit={hit}
            hasTitle={isEverywhere.value}
            isOpened={hit.message.id === opened.value}
            isTabStop={hit.message.id === stop}
            onFocus={() => tabStop.value = hit.message.id}
            onOpen={() => open(hit)}
          />
        ))}
      </ul>
      {all.length > 0 && hasMore.value && (
        <button
          type="button"
          class="secondary"
          disabled={status.value === "searching"}
          onClick={() => search.loadMore()}
        >
          {more}
        </button>
      )}
    </>
  );
}
