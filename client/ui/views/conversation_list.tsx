import { type Signal, useComputed, useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { strings } from "../i18n/page_strings.ts";
import type { Conversation } from "../state/conversation.ts";
import { type Section, sectionsOf } from "../state/conversation_sections.ts";
import { isMuted } from "../state/conversation_settings.ts";
import { hasWords } from "../state/name_search.ts";
import type { PageState } from "../state/page_state.ts";
import { ConversationItem } from "./conversation_item.tsx";
import { titleOf } from "./conversation_title.ts";
import { InboxList } from "./inbox_list.tsx";
import { moveFocus } from "./move_focus.ts";
import { SearchField } from "./search_field.tsx";

/**
 * A search, the rooms of the inbox, and all other conversations in sections, in each the newest message first. Tab reaches one
 * of them; arrow keys move between them, and from the search to them.
 */
export function ConversationList({ page }: { readonly page: PageState }) {
  const list = useRef<HTMLElement>(null);
  const search = useSignal("");
  const { chat } = page;
  const { newestFirst, selected } = chat.conversations;
  const tabStop = useSignal(selected.peek()?.channel);
  const sections = useSections(page, search);
  const pane = page.pane.value;
  const lastPane = useRef(pane);
  useEffect(
    () =>
      selected.subscribe((chosen) => tabStop.value = (chosen ?? newestFirst.peek()[0])?.channel),
    [],
  );
  useEffect(() => {
    // Back from a conversation, the focus is where it was before.
    if (pane === "list" && lastPane.current !== "list") focusSelected(list.current);
    lastPane.current = pane;
  }, [pane]);
  const isSearching = search.value.trim() !== "";
  const hasHeadings = sections.value.length > 1;

  return (
    <nav
      ref={list}
      class="conversations"
      aria-label={strings.value.conversations}
      onKeyDown={(event) => moveFocus(event, event.currentTarget, ".conversation-item")}
    >
      <SearchField label={strings.value.search} search={search} />
      <InboxList page={page} tabStop={tabStop} search={search} />
      {sections.value.map((section) => (
        <SectionView
          key={section.name}
          page={page}
          section={section}
          tabStop={tabStop}
          hasHeading={hasHeadings}
        />
      ))}
      {isSearching && sections.value.length === 0 && page.inbox.sections.value.length === 0 && (
        <p class="hint" role="status">{strings.value.noMatches}</p>
      )}
    </nav>
  );
}

/** The conversations outside of the inbox that a search finds. */
function useSections(page: PageState, search: Signal<string>) {
  const { chat } = page;
  const { newestFirst, selected } = chat.conversations;
  /** What was unread when it was selected stays where it is until another one is selected. */
  const kept = useRef<Conversation>(undefined);
  const stood = useRef<ReadonlySet<Conversation>>(new Set());
  return useComputed(() => {
    const chosen = selected.value;
    if (kept.current !== chosen) {
      kept.current = chosen && stood.current.has(chosen) ? chosen : undefined;
    }
    const isUnread = (one: Conversation) =>
      one === kept.current ||
      one !== chosen && one.unread.value > 0 && !isMuted(one.settings.value);
    const listed = newestFirst.value.filter((one) =>
      !chat.isReadByPattern(one.channel) && hasWords([titleOf(one)], search.value)
    );
    const sections = sectionsOf(listed, isUnread);
    stood.current = new Set(sections.find(({ name }) => name === "unread")?.conversations);
    return sections;
  });
}

interface SectionViewProps {
  readonly page: PageState;
  readonly section: Section;
  readonly tabStop: Signal<string | undefined>;
  readonly hasHeading: boolean;
}

function SectionView({ page, section, tabStop, hasHeading }: SectionViewProps) {
  const { name, conversations } = section;
  const title = strings.value.sections[name];
  return (
    <section aria-label={title}>
      {hasHeading && (
        <h2>
          {title} <span class="count">{conversations.length}</span>
        </h2>
      )}
      <ul>
        {conversations.map((conversation) => (
          <ConversationItem
            key={conversation.channel}
            page={page}
            conversation={conversation}
            tabStop={tabStop}
          />
        ))}
      </ul>
    </section>
  );
}

function focusSelected(list: HTMLElement | null): void {
  list?.querySelector<HTMLElement>("[aria-current]")?.focus();
}
