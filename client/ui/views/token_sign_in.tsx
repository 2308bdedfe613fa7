import type { ComponentChildren } from "preact";
import { strings } from "../i18n/chat_strings.ts";
import type { ChatSession } from "../state/chat_session.ts";
import { SessionEnd, SignInError } from "./sign_in_form.tsx";

interface TokenSignInProps {
  readonly session: ChatSession;
  /** What leads to the application. */
  readonly children?: ComponentChildren;
}

/** Shown to people whom the application has not signed in. */
export function TokenSignIn({ session, children }: TokenSignInProps) {
  const { ended, signingIn } = session;
  if (signingIn.value === "yes") {
    return <p class="empty" role="status">{strings.value.signingIn}</p>;
  }
  return (
    <div class="sign-in-form">
      <SessionEnd reason={ended.value} />
      {signingIn.value === "no" && !ended.value && <p>{strings.value.signInOnSite}</p>}
      <SignInError session={session} />
      {children}
      <button type="button" class="secondary" onClick={() => session.resume()}>
        {strings.value.tryAgain}
      </button>
    </div>
  );
}
