import { type Signal, useComputed } from "@preact/signals";
import { useId } from "preact/hooks";
import { strings } from "../i18n/page_strings.ts";
import { countOf, type Section } from "../state/conversation_sections.ts";
import type { PageState } from "../state/page_state.ts";
import { foldedSections, foldSection } from "../state/settings.ts";
import { ConversationItem } from "./conversation_item.tsx";
import { Icon } from "./icons.tsx";
import { UnreadCount } from "./unread_count.tsx";

interface ConversationSectionProps {
  readonly page: PageState;
  readonly section: Section;
  /** The channel of the conversation that Tab reaches, or `heading:` and the name of the section whose heading it reaches. */
  readonly tabStop: Signal<string | undefined>;
  /** Without a heading, it cannot be folded. */
  readonly hasHeading: boolean;
  /** Whether all is shown, as what a search has found. */
  readonly isUnfolded: boolean;
}

/** A part of the list of conversations. Its heading folds it; it then shows how many messages are unread in it. */
export function ConversationSection(
  { page, section, tabStop, hasHeading, isUnfolded }: ConversationSectionProps,
) {
  const { name, conversations } = section;
  const listId = useId();
  const title = strings.value.sections[name];
  const isFolded = hasHeading && !isUnfolded && foldedSections.value.includes(name);
  const own = `heading:${name}`;
  const isTabStop = useComputed(() => tabStop.value === own).value ||
    isFolded && conversations.some(({ channel }) => channel === tabStop.value);
  return (
    <section aria-label={title}>
      {hasHeading && (
        <h2>
          <button
            type="button"
            class="section-heading"
            aria-expanded={!isFolded}
            aria-controls={listId}
            tabIndex={isTabStop ? 0 : -1}
            onFocus={() => tabStop.value = own}
            onClick={() => foldSection(name, !isFolded)}
          >
            <Icon name="down" /> {title} <span class="count">{conversations.length}</span>
            {isFolded && (
              <UnreadCount count={conversations.reduce((sum, one) => sum + countOf(one), 0)} />
            )}
          </button>
        </h2>
      )}
      {hasHeading && name === "unread" && !isFolded && (
        <button
          type="button"
          class="quiet mark-read"
          aria-label={strings.value.markAllRead}
          title={`${strings.value.markAllRead} (Shift+Esc)`}
          tabIndex={-1}
          onClick={() => page.markAllRead()}
        >
          <Icon name="delivered" />
        </button>
      )}
      <ul id={listId} hidden={isFolded}>
        {!isFolded && conversations.map((conversation) => (
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
