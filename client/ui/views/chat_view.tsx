import { words } from "../i18n/language.ts";
import { SettingsMenu, Shell } from "./shell.tsx";
import type { Chat } from "../state/chat.ts";
import { ConnectionBadge, StopBanner } from "./connection_badge.tsx";
import { ConversationList } from "./conversation_list.tsx";
import { ConversationView } from "./conversation_view.tsx";
import { JoinRoom } from "./join_room.tsx";
import { CometMark } from "./marks.tsx";
import { PeopleList } from "./people_list.tsx";

interface ChatViewProps {
  readonly chat: Chat;
  readonly onSignOut: () => void;
}

/** The three places: the conversations, the one that is looked at, and the people in it. */
export function ChatView({ chat, onSignOut }: ChatViewProps) {
  return (
    <main class="chat" data-pane={chat.pane.value}>
      <h1 class="only-heard">Halley</h1>
      <div class="sidebar">
        <header class="brand">
          <CometMark />
          <strong aria-hidden="true">Halley</strong>
          <ConnectionBadge chat={chat} />
        </header>
        <ConversationList chat={chat} />
        <JoinRoom chat={chat} />
        <SettingsMenu chat={chat} onSignOut={onSignOut} />
      </div>
      <section class="conversation" aria-label={words.value.conversation}>
        <ConnectionBadge chat={chat} />
        <StopBanner chat={chat} />
        <Selected chat={chat} />
      </section>
      <PeopleList chat={chat} />
      <Shell chat={chat} />
    </main>
  );
}

function Selected({ chat }: { readonly chat: Chat }) {
  const selected = chat.conversations.selected.value;
  return selected
    ? <ConversationView key={selected.channel} chat={chat} conversation={selected} />
    : <p class="empty">{words.value.choose}</p>;
}
