// In this order the modules of the bundle compress best.
import { useSignal } from "@preact/signals";
import { useEffect, useMemo } from "preact/hooks";
import { Notifier } from "../notifications/notifier.ts";
import { NOTICES } from "../state/address.ts";
import { PeopleList } from "./people_list.tsx";
import { ConversationView } from "./conversation_view.tsx";
import { SettingsMenu } from "./settings_menu.tsx";
import { openPageDialog, type PageDialog, PageDialogs } from "./page_dialogs.tsx";
import type { SignOut } from "./sign_out.tsx";
import type { PageState } from "../state/page_state.ts";
import { NoticePopups } from "../notifications/notice_popups.tsx";
import { CometLogo } from "./avatars.tsx";
import { ConnectionStrip } from "./connection_strip.tsx";
import { ConversationList } from "./conversation_list.tsx";
import { strings } from "../i18n/page_strings.ts";
import { JoinRoom } from "./join_room.tsx";
import { ListedMenu } from "./conversation_menu.tsx";
import { openDialog, Shortcuts } from "./shortcuts.tsx";
import { SearchPane } from "./search_part.tsx";
import { showPageBadge } from "../notifications/page_badge.ts";

interface ChatViewProps {
  readonly page: PageState;
  readonly signOut: SignOut | undefined;
}

/** The page of a signed-in user: the conversations, the selected one, and the people in it. */
export function ChatView({ page, signOut }: ChatViewProps) {
  const { chat } = page;
  const dialog = useSignal<PageDialog>();
  const selected = chat.conversations.selected.value;
  const kind = selected?.kind;
  return (
    <main
      class="chat"
      data-pane={page.pane.value}
      data-kind={kind}
      data-search={page.search.value && ""}
    >
      <h1 class="visually-hidden">Halley</h1>
      <ConnectionStrip chat={chat} />
      <div class="sidebar">
        <header class="brand">
          <CometLogo />
          <strong aria-hidden="true">Halley</strong>
        </header>
        <ConversationList page={page} />
        <JoinRoom page={page} />
        <SettingsMenu
          chat={chat}
          signOut={signOut}
          onDialog={(opened) => openPageDialog(dialog, opened)}
          onKeys={() => openDialog(page, "keys")}
        />
      </div>
      <section class="conversation" aria-label={strings.value.conversation}>
        <SelectedConversation page={page} />
      </section>
      <SearchPane page={page} />
      {selected && kind !== "notices" && <PeopleList key={selected.channel} page={page} />}
      <Notifications page={page} />
      <Shortcuts page={page} />
      <ListedMenu page={page} />
      <PageDialogs chat={chat} signOut={signOut} opened={dialog} />
    </main>
  );
}

function SelectedConversation({ page }: { readonly page: PageState }) {
  const selected = page.chat.conversations.selected.value;
  return selected
    ? <ConversationView key={selected.channel} page={page} conversation={selected} />
    : <p class="empty">{strings.value.selectConversation}</p>;
}

/** Popups, desktop notifications, the tone, and the page's badge. */
function Notifications({ page }: { readonly page: PageState }) {
  const { chat } = page;
  const notifier = useMemo(() => new Notifier(page), [page]);
  useEffect(() => () => notifier[Symbol.dispose](), [notifier]);
  useEffect(() => showPageBadge(page), [page]);
  const { selected } = chat.conversations;
  useEffect(() => {
    if (selected.value?.kind === "notices") notifier.popups.dismissAll();
  }, [notifier, selected.value]);

  const openNotices = () => {
    page.go(NOTICES);
    notifier.popups.dismissAll();
  };
  return <NoticePopups popups={notifier.popups} onOpen={openNotices} />;
}
