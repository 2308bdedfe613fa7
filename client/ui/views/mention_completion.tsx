import { strings } from "../i18n/page_strings.ts";
import type { Conversation } from "../state/conversation.ts";
import { beginsWith, TYPED_NAME } from "../state/mention_text.ts";
import { choosePerson, mentionable } from "../state/mentions.ts";
import type { PageState } from "../state/page_state.ts";
import { Avatar } from "./avatars.tsx";
import type { CompletionSource } from "./completion.tsx";
import { PersonName } from "./person_name.tsx";

/** Maximum number of people that are offered. */
const MAX_OFFERED = 8;

/** Completes `@` by the people whose names begin with what is typed after it. */
export function mentionSource(page: PageState, conversation: Conversation): CompletionSource {
  return {
    pattern: TYPED_NAME,
    get label() {
      return strings.value.mentionSomebody;
    },
    find: (word) => {
      const typed = word.slice(1);
      const people = mentionable(conversation, page.people.present.peek())
        .filter(({ displayName }) => beginsWith(displayName, typed));
      // The name is complete.
      if (people.length === 1 && people[0]?.displayName === typed) return [];
      return people.slice(0, MAX_OFFERED).map((person) => ({
        key: person.publicToken,
        text: `@${person.displayName} `,
        view: (
          <>
            <Avatar person={person} />
            <PersonName person={person} names={conversation.names} />
          </>
        ),
        onPick: () => choosePerson(conversation.draft, person),
      }));
    },
  };
}
