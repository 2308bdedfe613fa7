import { render } from "preact";
import { useEffect, useMemo } from "preact/hooks";
import type { Chat } from "./state/chat.ts";
import { ChatSession, isStoredSession } from "./state/chat_session.ts";
import { HashRoute } from "./state/hash_route.ts";
import { PageState } from "./state/page_state.ts";
import { openChatStorage } from "./storage/chat_storage.ts";
import { restoreLanguage } from "./storage/stored_language.ts";
import { localValue, PAGE_PREFIX } from "./storage/stored_value.ts";
import { ChatView } from "./views/chat_view.tsx";
import { SignInView } from "./views/sign_in_view.tsx";
import { followTranslation } from "./views/translation.ts";

/** The server writes this attribute into the page. */
const takesNames = document.documentElement.dataset.auth !== "jwt";

const root = document.querySelector("#app");
if (root) {
  restoreLanguage();
  const session = new ChatSession({
    url: new URL(".", document.baseURI),
    stored: localValue(`${PAGE_PREFIX}.session`, isStoredSession),
    openStorage: (publicToken) => openChatStorage(PAGE_PREFIX, publicToken),
  });
  root.replaceChildren(); // It contains what the page needs: needs.js.
  followTranslation(root);
  render(<App session={session} />, root);
}

function App({ session }: { readonly session: ChatSession }) {
  const chat = session.chat.value;
  return chat
    ? <Page key={chat.self.publicToken} chat={chat} onSignOut={() => session.signOut()} />
    : <SignInView session={session} takesNames={takesNames} />;
}

interface PageProps {
  readonly chat: Chat;
  readonly onSignOut: () => void;
}

function Page({ chat, onSignOut }: PageProps) {
  const page = useMemo(() => new PageState(chat), [chat]);
  // In `useMemo`, because the route selects the conversation that is rendered first.
  const route = useMemo(() => new HashRoute(page), [page]);
  useEffect(() => () => {
    route[Symbol.dispose]();
    page[Symbol.dispose]();
  }, [page, route]);
  return <ChatView page={page} onSignOut={onSignOut} />;
}
