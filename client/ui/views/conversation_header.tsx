import { formatAgo } from "../i18n/format_time.ts";
import { formatUnread } from "../i18n/format_unread.ts";
import { strings } from "../i18n/page_strings.ts";
import { countOf } from "../state/conversation_sections.ts";
import type { PageState } from "../state/page_state.ts";
import type { Conversation } from "../state/conversation.ts";
import { ConversationAvatar } from "./avatars.tsx";
import { ConversationMenu } from "./conversation_menu.tsx";
import { markOf, titleOf } from "./conversation_title.ts";
import { PathIcon } from "./icons.tsx";
import { PAGE_PATHS } from "./page_icons.ts";
import { NameMark } from "./person_name.tsx";
import { openSearch } from "./shortcuts.tsx";

interface ConversationProps {
  readonly page: PageState;
  readonly conversation: Conversation;
}

/** Title and presence of a conversation, with the buttons that leave it or show its people. */
export function ConversationHeader({ page, conversation }: ConversationProps) {
  const title = titleOf(conversation);
  return (
    <header class="conversation-header">
      <BackButton page={page} conversation={conversation} />
      <ConversationAvatar conversation={conversation} />
      <div class="heading">
        <h2 title={title}>
          <span dir="auto">{title}</span>
          <NameMark mark={markOf(page, conversation)} />
        </h2>
        <PresenceLine page={page} conversation={conversation} />
      </div>
      <button
        type="button"
        class="quiet show-search"
        aria-label={strings.value.searchMessages}
        aria-expanded={page.search.value !== undefined}
        onClick={() => openSearch(page)}
      >
        <PathIcon path={PAGE_PATHS.search} />
      </button>
      <ConversationMenu page={page} conversation={conversation} />
      {conversation.kind !== "notices" && <PeopleButton page={page} />}
    </header>
  );
}

function PeopleButton({ page }: { readonly page: PageState }) {
  const count = page.people.isUpToDate.value && page.people.present.value?.length;
  const { showPeople } = strings.value;
  return (
    <button
      type="button"
      class="quiet show-people"
      aria-label={count ? `${showPeople}: ${count}` : showPeople}
      onClick={() => page.pane.value = "people"}
    >
      <PathIcon path={PAGE_PATHS.people} /> {count || ""}
    </button>
  );
}

function BackButton({ page, conversation }: ConversationProps) {
  const otherUnread = page.unread.value - countOf(conversation);
  const { back, backWithUnread } = strings.value;
  return (
    <button
      type="button"
      class="quiet back"
      aria-label={otherUnread > 0
        ? backWithUnread({ count: otherUnread, shown: formatUnread(otherUnread) })
        : back}
      onClick={() => page.pane.value = "list"}
    >
      <PathIcon path={PAGE_PATHS.back} />
      {otherUnread > 0 && <span class="unread">{formatUnread(otherUnread)}</span>}
    </button>
  );
}

/** How many people are in a room, or whether its visitor, or the other person of a direct conversation, is online. */
function PresenceLine({ page, conversation }: ConversationProps) {
  const { kind, otherToken, otherHasEnded, refused } = conversation;
  const { hasSignedOut, peopleCount, lastSeen, presence } = strings.value;
  if (kind === "notices" || refused.value) return null;
  const present = page.people.present.value;
  const other = page.people.find(otherToken);
  const isGone = otherHasEnded.value || kind === "direct" && present && !other;
  if (isGone) return <p class="presence">{hasSignedOut}</p>;
  if (!page.people.isUpToDate.value || !present) return <p class="presence">&nbsp;</p>;
  const visitor = kind === "room" ? conversation.other.value : undefined;
  if (kind === "room" && !visitor) {
    return <p class="presence">{peopleCount({ count: present.length })}</p>;
  }
  const { state } = (visitor ? page.people.find(visitor.publicToken) : other) ?? GONE;
  return (
    <p class="presence">
      <span class="presence-dot" data-state={state} aria-hidden="true" />{" "}
      {other && state === GONE.state
        ? lastSeen({ ago: formatAgo(other.lastSeen) })
        : presence[state]}
    </p>
  );
}

/** The state of a visitor who is not there. */
const GONE = { state: "offline" } as const;
