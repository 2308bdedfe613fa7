import { render } from "preact";
import { useEffect, useMemo } from "preact/hooks";
import { isSignedIn } from "../../server/protocol/guards.ts";
import { Fragment } from "./state/hash_route.ts";
import { keepLanguage } from "./storage/stored_language.ts";
import { keptAs, openMemory } from "./storage/local_store.ts";
import { Account } from "./state/account.ts";
import type { Chat } from "./state/chat.ts";
import { ChatView } from "./views/chat_view.tsx";
import { linkParser } from "./views/link_parser.ts";
import { SignInView } from "./views/sign_in_view.tsx";

/** A script of its own, beside this one: texts can be read before the links in them are found. */
const LINKIFY = new URL("./linkify.js", import.meta.url).href;

/** The server has said so in the page itself. */
const takesNames = document.documentElement.dataset.auth !== "jwt";

const root = document.querySelector("#app");
if (root) {
  keepLanguage();
  findLinks();
  const account = new Account({
    url: new URL(".", document.baseURI),
    session: keptAs("halley.session", isSignedIn),
    openMemory: (publicToken) => openMemory("halley", publicToken),
  });
  render(<App account={account} />, root);
}

async function findLinks(): Promise<void> {
  try {
    const { parseLinks }: typeof import("./views/linkify.ts") = await import(LINKIFY);
    linkParser.value = parseLinks;
  } catch {
    // Then texts are texts alone.
  }
}

function App({ account }: { readonly account: Account }) {
  const chat = account.chat.value;
  return chat
    ? <Page key={chat.self.publicToken} chat={chat} onSignOut={() => account.signOut()} />
    : <SignInView account={account} takesNames={takesNames} />;
}

/** The chat of somebody who is signed in, in a page of its own. */
function Page({ chat, onSignOut }: { readonly chat: Chat; readonly onSignOut: () => void }) {
  // Before anything is drawn: it says which conversation is looked at.
  const fragment = useMemo(() => new Fragment(chat), [chat]);
  useEffect(() => () => fragment[Symbol.dispose](), [fragment]);
  return <ChatView chat={chat} onSignOut={onSignOut} />;
}
