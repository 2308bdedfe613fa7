import { useEffect, useMemo } from "preact/hooks";
import { strings } from "../i18n/page_strings.ts";
import { NoticePopups } from "../notifications/notice_popups.tsx";
import { Notifier } from "../notifications/notifier.ts";
import { showPageBadge } from "../notifications/page_badge.ts";
import { NOTICES } from "../state/address.ts";
import type { Chat } from "../state/chat.ts";
import { CometLogo } from "./avatars.tsx";
import { ConnectionBadge, StopBanner } from "./connection_badge.tsx";
import { ConversationList } from "./conversation_list.tsx";
import { ConversationView } from "./conversation_view.tsx";
import { JoinRoom } from "./join_room.tsx";
import { PeopleList } from "./people_list.tsx";
import { SettingsMenu } from "./settings_menu.tsx";

interface ChatViewProps {
  readonly chat: Chat;
  readonly onSignOut: () => void;
}

/** The page of a signed-in user: the conversations, the selected one, and the people in it. */
export function ChatView({ chat, onSignOut }: ChatViewProps) {
  return (
    <main class="chat" data-pane={chat.pane.value}>
      <h1 class="visually-hidden">Halley</h1>
      <div class="sidebar">
        <header class="brand">
          <CometLogo />
          <strong aria-hidden="true">Halley</strong>
          <ConnectionBadge chat={chat} />
        </header>
        <ConversationList chat={chat} />
        <JoinRoom chat={chat} />
        <SettingsMenu chat={chat} onSignOut={onSignOut} />
      </div>
      <section class="conversation" aria-label={strings.value.conversation}>
        <ConnectionBadge chat={chat} />
        <StopBanner chat={chat} />
        <SelectedConversation chat={chat} />
      </section>
      <PeopleList chat={chat} />
      <Notifications chat={chat} />
    </main>
  );
}

function SelectedConversation({ chat }: { readonly chat: Chat }) {
  const selected = chat.conversations.selected.value;
  return selected
    ? <ConversationView key={selected.channel} chat={chat} conversation={selected} />
    : <p class="empty">{strings.value.selectConversation}</p>;
}

/** Popups, desktop notifications, the tone, and the page's badge. */
function Notifications({ chat }: { readonly chat: Chat }) {
  const notifier = useMemo(() => new Notifier(chat), [chat]);
  useEffect(() => () => notifier[Symbol.dispose](), [notifier]);
  useEffect(() => showPageBadge(chat), [chat]);
  const { selected } = chat.conversations;
  useEffect(() => {
    if (selected.value?.kind === "notices") notifier.popups.dismissAll();
  }, [notifier, selected.value]);

  const openNotices = () => {
    chat.go(NOTICES);
    notifier.popups.dismissAll();
  };
  return <NoticePopups popups={notifier.popups} onOpen={openNotices} />;
}
