import { choosePerson, mentionable, mentionsIn } from "../state/mentions.ts";
import { mentionParts } from "../state/mention_text.ts";
import type { PageState } from "../state/page_state.ts";
import { markUnread } from "../state/unread_marks.ts";
import { strings } from "../i18n/page_strings.ts";
import type { ComposerTools } from "./composer_tools.ts";
import { PathIcon } from "./icons.tsx";
import type { MessageTools } from "./message_item.tsx";
import { PAGE_PATHS } from "./page_icons.ts";

/** Finds whom a text mentions. */
export function mentionTools(page: PageState): ComposerTools {
  return {
    references: (text, conversation, before) => {
      const people = mentionable(conversation, page.people.present.peek());
      const mentions = mentionsIn(text, conversation, people, before);
      return mentions.length > 0 ? { mentions } : {};
    },
    restore: (mentions, conversation) => {
      for (const person of mentionable(conversation, page.people.present.peek())) {
        if (mentions.includes(person.publicToken)) choosePerson(conversation.draft, person);
      }
    },
  };
}

/**
 * Shows the names of mentioned people in texts, and which messages are meant for this person. Names of authors lead to them, and
 * messages can be marked as unread.
 */
export function pageTools(page: PageState): MessageTools {
  return {
    openAuthor: (author) => page.openDirect(author),
    author: (author, name) => (
      <button
        type="button"
        class="author"
        tabIndex={-1}
        onClick={() => page.openDirect(author)}
      >
        {name}
      </button>
    ),
    // The list of the inbox has the counts of the server.
    pageActions: (message, conversation) =>
      !page.chat.isReadByPattern(conversation.channel) && (
        <button
          type="button"
          class="mark-unread"
          onClick={() => markUnread(conversation, message)}
        >
          <PathIcon path={PAGE_PATHS.unread} /> {strings.value.markUnread}
        </button>
      ),
    isMention: (message, conversation) => page.mentions.isMention(message, conversation),
    spans: ({ channel, mentions }) =>
      mentions &&
      ((text) => <MentionedNames page={page} channel={channel} text={text} mentions={mentions} />),
  };
}

interface MentionedNamesProps {
  readonly page: PageState;
  readonly channel: string;
  readonly text: string;
  readonly mentions: readonly string[];
}

/** A text with the names of the people whom its message mentions, as far as this page knows them. */
function MentionedNames({ page, channel, text, mentions }: MentionedNamesProps) {
  const { self, conversations } = page.chat;
  const conversation = conversations.find(channel);
  const others = conversation ? mentionable(conversation, page.people.present.value) : [];
  const people = new Map(
    [...others, self].filter(({ publicToken }) => mentions.includes(publicToken))
      .map((person) => [person.displayName, person]),
  );
  return mentionParts(text, [...people.keys()]).map((part, index) => {
    const person = people.get(part.name ?? "");
    const isSelf = person?.publicToken === self.publicToken;
    return person
      ? (
        <span key={index} class="mention" data-self={isSelf || undefined} dir="auto">
          {part.text}
        </span>
      )
      : part.text;
  });
}
