import { words } from "../i18n/language.ts";
import type { Account } from "../state/account.ts";
import { LanguageSwitch } from "./language_switch.tsx";
import { CometMark } from "./marks.tsx";
import { SignInForm } from "./sign_in_form.tsx";

interface SignInViewProps {
  readonly account: Account;
  /** Whether a name is enough to come in. */
  readonly takesNames: boolean;
}

/** The page of somebody who is not signed in. */
export function SignInView({ account, takesNames }: SignInViewProps) {
  const header = (
    <header>
      <CometMark />
      <h1>Halley</h1>
      <p>{words.value.about}</p>
    </header>
  );
  return (
    <main class="sign-in">
      {takesNames
        ? <SignInForm account={account} isChosen button={words.value.signIn}>{header}</SignInForm>
        : (
          <div class="sign-in-form">
            {header}
            <p class="notice-line" role="status">{words.value.tokenRequired}</p>
          </div>
        )}
      <LanguageSwitch />
    </main>
  );
}
