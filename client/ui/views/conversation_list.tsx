import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { strings } from "../i18n/page_strings.ts";
import { byNewest } from "../state/by_newest.ts";
import type { Section } from "../state/conversation_sections.ts";
import { hasWords } from "../state/name_search.ts";
import type { PageState } from "../state/page_state.ts";
import { ConversationSection } from "./conversation_section.tsx";
import { titleOf } from "./conversation_title.ts";
import { InboxList } from "./inbox_list.tsx";
import { moveFocus } from "./move_focus.ts";
import { SearchField } from "./search_field.tsx";

/** What arrow keys move between. */
const ITEMS = ".conversation-item, .section-heading, .mark-read";

/**
 * A search, the rooms of the inbox, and all other conversations in sections, in each the newest message first. Tab reaches one
 * of them; arrow keys move between them, and from the search to them.
 */
export function ConversationList({ page }: { readonly page: PageState }) {
  const list = useRef<HTMLElement>(null);
  const search = useSignal("");
  const { chat } = page;
  const { all, selected } = chat.conversations;
  const tabStop = useSignal(selected.peek()?.channel);
  const sections = found(page.sections.value, search.value);
  const pane = page.pane.value;
  const lastPane = useRef(pane);
  useEffect(
    () =>
      selected.subscribe((chosen) => {
        tabStop.value = (chosen ?? byNewest(all.peek())[0])?.channel;
        search.value = "";
        // When the list has been rendered.
        requestAnimationFrame(() => selectedIn(list.current)?.scrollIntoView({ block: "nearest" }));
      }),
    [],
  );
  useEffect(() => {
    // Back from a conversation, the focus is where it was before.
    if (pane === "list" && lastPane.current !== "list") selectedIn(list.current)?.focus();
    lastPane.current = pane;
  }, [pane]);
  const isSearching = search.value.trim() !== "";
  const hasHeadings = sections.length > 1;

  return (
    <nav
      ref={list}
      class="conversations"
      aria-label={strings.value.conversations}
      onKeyDown={(event) => moveFocus(event, event.currentTarget, ITEMS)}
    >
      <SearchField label={strings.value.search} search={search} />
      <InboxList page={page} tabStop={tabStop} search={search} />
      {sections.map((section) => (
        <ConversationSection
          key={section.name}
          page={page}
          section={section}
          tabStop={tabStop}
          hasHeading={hasHeadings}
          isUnfolded={isSearching}
        />
      ))}
      {isSearching && sections.length === 0 && page.inbox.sections.value.length === 0 && (
        <p class="hint" role="status">{strings.value.noMatches}</p>
      )}
    </nav>
  );
}

/** Keeps what a search finds. */
function found(sections: readonly Section[], search: string): readonly Section[] {
  if (search.trim() === "") return sections;
  return sections.map(({ name, conversations }) => ({
    name,
    conversations: conversations.filter((one) => hasWords([titleOf(one)], search)),
  })).filter(({ conversations }) => conversations.length > 0);
}

/** The selected conversation, or the heading of the section that it is folded into. */
function selectedIn(list: HTMLElement | null): HTMLElement | null | undefined {
  return list?.querySelector<HTMLElement>("[aria-current]") ??
    list?.querySelector<HTMLElement>(".section-heading[tabindex='0']");
}
