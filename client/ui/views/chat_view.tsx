import { words } from "../i18n/language.ts";
import type { Chat } from "../state/chat.ts";
import { ConnectionBadge, StopBanner } from "./connection_badge.tsx";
import { ConversationList } from "./conversation_list.tsx";
import { ConversationView } from "./conversation_view.tsx";
import { JoinRoom } from "./join_room.tsx";
import { LanguageSwitch } from "./language_switch.tsx";
import { CometMark, PersonMark } from "./marks.tsx";
import { PeopleList } from "./people_list.tsx";

/** The three places: the conversations, the one that is looked at, and the people in it. */
export function ChatView(
  { chat, onSignOut }: { readonly chat: Chat; readonly onSignOut: () => void },
) {
  return (
    <div class="chat" data-pane={chat.pane.value}>
      <div class="sidebar">
        <header class="brand">
          <CometMark />
          <h1>Halley</h1>
          <ConnectionBadge chat={chat} />
        </header>
        <ConversationList chat={chat} />
        <JoinRoom chat={chat} />
        <footer class="self">
          <PersonMark person={chat.self} />
          <strong dir="auto" title={chat.self.displayName}>{chat.self.displayName}</strong>
          <button type="button" class="quiet" onClick={onSignOut}>{words.value.signOut}</button>
          <LanguageSwitch />
        </footer>
      </div>
      <main class="conversation">
        <ConnectionBadge chat={chat} />
        <StopBanner chat={chat} />
        <Selected chat={chat} />
      </main>
      <PeopleList chat={chat} />
    </div>
  );
}

function Selected({ chat }: { readonly chat: Chat }) {
  const selected = chat.conversations.selected.value;
  return selected
    ? <ConversationView key={selected.channel} chat={chat} conversation={selected} />
    : <p class="empty">{words.value.choose}</p>;
}
