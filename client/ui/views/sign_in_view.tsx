import { strings } from "../i18n/page_strings.ts";
import type { ChatSession } from "../state/chat_session.ts";
import { CometLogo } from "./avatars.tsx";
import { LanguageSwitch } from "./language_switch.tsx";
import { SignInForm } from "./sign_in_form.tsx";

interface SignInViewProps {
  readonly session: ChatSession;
  /** Whether people sign in with a name; otherwise only with a token of an application. */
  readonly takesNames: boolean;
}

/** The page of a user who is not signed in. */
export function SignInView({ session, takesNames }: SignInViewProps) {
  const header = (
    <header>
      <CometLogo />
      <h1>Halley</h1>
      <p>{strings.value.tagline}</p>
    </header>
  );
  return (
    <main class="sign-in">
      {takesNames
        ? (
          <SignInForm session={session} autoFocus submitLabel={strings.value.signIn}>
            {header}
          </SignInForm>
        )
        : (
          <div class="sign-in-form">
            {header}
            <p class="notice-line" role="status">{strings.value.tokenRequired}</p>
          </div>
        )}
      <LanguageSwitch />
    </main>
  );
}
