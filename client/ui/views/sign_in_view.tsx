import { useEffect, useLayoutEffect, useRef } from "preact/hooks";
import { strings } from "../i18n/page_strings.ts";
import type { ChatSession } from "../state/chat_session.ts";
import type { Unsent } from "../state/unsent.ts";
import { account } from "./account_part.ts";
import { CometLogo } from "./avatars.tsx";
import { LanguageSwitch } from "./language_switch.tsx";
import { SignInForm } from "./sign_in_form.tsx";
import { TokenSignIn } from "./token_sign_in.tsx";

interface SignInViewProps {
  readonly session: ChatSession;
  /** What earlier sessions have not sent. */
  readonly unsent: Unsent;
  /** Whether people sign in with a name; otherwise only with a token of an application. */
  readonly takesNames: boolean;
  /** Where the application signs people in. */
  readonly signInUrl: string | undefined;
}

/** The page of a user who is not signed in. */
export function SignInView({ session, unsent, takesNames, signInUrl }: SignInViewProps) {
  const hasUnsent = unsent.texts.value.length > 0;
  useEffect(() => {
    if (hasUnsent) account.load();
  }, [hasUnsent]);
  // Browsers heed the attribute `autofocus` only once in a page, which an earlier session may have had.
  const main = useRef<HTMLElement>(null);
  useLayoutEffect(() => main.current?.querySelector("input")?.focus(), []);
  const header = (
    <>
      <header>
        <CometLogo />
        <h1>Halley</h1>
        <p>{strings.value.tagline}</p>
      </header>
      {hasUnsent && account.value && <account.value.UnsentTexts unsent={unsent} />}
    </>
  );
  return (
    <main ref={main} class="sign-in">
      {takesNames
        ? (
          <SignInForm session={session} submitLabel={strings.value.signIn}>
            {header}
          </SignInForm>
        )
        : (
          <>
            {header}
            {session.tokens.value
              ? (
                <TokenSignIn session={session}>
                  {signInUrl && (
                    <a class="primary" href={signInUrl} target="_top">{strings.value.signIn}</a>
                  )}
                </TokenSignIn>
              )
              : <p class="notice-line" role="status">{strings.value.tokenRequired}</p>}
          </>
        )}
      <LanguageSwitch />
    </main>
  );
}
