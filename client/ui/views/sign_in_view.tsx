import { words } from "../i18n/language.ts";
import type { Account } from "../state/account.ts";
import { LanguageSwitch } from "./language_switch.tsx";
import { CometMark } from "./marks.tsx";
import { SignInForm } from "./sign_in_form.tsx";

/** The page of somebody who is not signed in. */
export function SignInView({ account }: { readonly account: Account }) {
  return (
    <main class="sign-in">
      <SignInForm account={account} isChosen button={words.value.signIn}>
        <header>
          <CometMark />
          <h1>Halley</h1>
          <p>{words.value.about}</p>
        </header>
      </SignInForm>
      <LanguageSwitch />
    </main>
  );
}
