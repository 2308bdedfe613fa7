import { render } from "preact";
import { Account } from "./state/account.ts";
import { ChatView } from "./views/chat_view.tsx";
import { SignInView } from "./views/sign_in_view.tsx";

const root = document.querySelector("#app");
if (root) render(<App account={new Account()} />, root);

function App({ account }: { readonly account: Account }) {
  const chat = account.chat.value;
  return chat
    ? <ChatView key={chat.self.publicToken} chat={chat} onSignOut={() => account.signOut()} />
    : <SignInView account={account} />;
}
