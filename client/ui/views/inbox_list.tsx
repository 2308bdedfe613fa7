import { type Signal, useSignal } from "@preact/signals";
import { formatShort } from "../i18n/format_time.ts";
import { strings } from "../i18n/page_strings.ts";
import { roomName } from "../state/address.ts";
import { type InboxRoom, type InboxSection, isWaiting } from "../state/inbox.ts";
import { hasWords } from "../state/name_search.ts";
import type { PageState } from "../state/page_state.ts";
import { Avatar } from "./avatars.tsx";
import { summarize } from "./conversation_preview.ts";
import { stateText } from "./inbox_bar.tsx";
import { NameMark } from "./person_name.tsx";
import { UnreadCount } from "./unread_count.tsx";

interface InboxProps {
  readonly page: PageState;
  /** The channel of the conversation that Tab reaches. */
  readonly tabStop: Signal<string | undefined>;
  readonly search: Signal<string>;
}

/** The rooms of each pattern that the user may read: those that wait for the team, and below them the closed ones. */
export function InboxList({ page, tabStop, search }: InboxProps) {
  return (
    <>
      {page.inbox.sections.value.map((section) => (
        <Section
          key={section.pattern}
          page={page}
          tabStop={tabStop}
          search={search}
          section={section}
        />
      ))}
    </>
  );
}

function Section(
  { page, tabStop, search, section }: InboxProps & { readonly section: InboxSection },
) {
  const { pattern, isLoaded, hasMore } = section;
  const hasFailed = useSignal(false);
  const [open = [], closed = []] = [section.open, section.closed].map((rooms) =>
    rooms.filter((room) => hasText(room, search.value))
  );
  const loadMore = () => {
    hasFailed.value = false;
    page.inbox.loadMore(pattern).catch(() => hasFailed.value = true);
  };
  const { inbox, loading, noInboxRooms, closedRooms, olderRooms, loadFailed } = strings.value;
  const title = inbox({ name: nameOf(pattern) });
  const items = (rooms: readonly InboxRoom[]) => (
    <ul>
      {rooms.map((room) => (
        <InboxItem key={room.channel} page={page} tabStop={tabStop} room={room} />
      ))}
    </ul>
  );
  return (
    <section class="inbox" aria-label={title}>
      <h2>{title}</h2>
      {open.length > 0 ? items(open) : <p class="hint">{isLoaded ? noInboxRooms : loading}</p>}
      {closed.length > 0 && (
        <details open={search.value !== ""}>
          <summary>{closedRooms({ count: closed.length })}</summary>
          {items(closed)}
        </details>
      )}
      {hasFailed.value && <p class="error-line" role="alert">{loadFailed}</p>}
      {hasMore && <button type="button" class="quiet" onClick={loadMore}>{olderRooms}</button>}
    </section>
  );
}

function InboxItem(
  { page, tabStop, room }: Omit<InboxProps, "search"> & { readonly room: InboxRoom },
) {
  const { channel, visitor, closedBy } = room;
  const { chat } = page;
  const conversation = chat.conversations.all.value.find((one) => one.channel === channel);
  const last = conversation?.last.value ?? room.last;
  const { noMessages } = strings.value;
  return (
    <li>
      <button
        type="button"
        class="conversation-item"
        data-channel={channel}
        aria-current={chat.conversations.selected.value === conversation && conversation
          ? "true"
          : undefined}
        tabIndex={tabStop.value === channel ? 0 : -1}
        onFocus={() => tabStop.value = channel}
        onClick={() => page.go(channel)}
      >
        {visitor
          ? <Avatar person={visitor} />
          : <span class="room-avatar" data-kind="room" aria-hidden="true">#</span>}
        <span class="title">
          <span dir="auto">{visitor?.displayName ?? roomName(channel)}</span>
          <NameMark mark={visitor && chat.names.markOf(visitor)} />
        </span>
        {last && <time class="when">{formatShort(last.at)}</time>}
        <span class="last" dir="auto">
          {last ? summarize(last, { self: chat.self, other: visitor }) : noMessages}
        </span>
        <UnreadCount count={conversation?.unread.value ?? room.unread} />
        {!closedBy && (
          <span class="claim" data-waiting={isWaiting(room)}>
            {stateText(room, chat.self)}
          </span>
        )}
      </button>
    </li>
  );
}

/** Whether the name of a room or its last message has the words of a search. */
function hasText({ channel, visitor, last }: InboxRoom, search: string): boolean {
  const data = last?.data === undefined ? "" : JSON.stringify(last.data);
  return hasWords([visitor?.displayName ?? roomName(channel), last?.text ?? "", data], search);
}

/** What the names of the rooms have in common: `support` of `room:support-*`. */
function nameOf(pattern: string): string {
  return roomName(pattern).slice(0, -2);
}
