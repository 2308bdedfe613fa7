import { useSignal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { NAME_LENGTH } from "../../../server/protocol/limits.ts";
import { HalleyError } from "../../comet/halley_error.ts";
import type { StopReason } from "../../comet/halley.ts";
import { formatDateTime } from "../i18n/format_time.ts";
import { strings } from "../i18n/chat_strings.ts";
import { refusals } from "../i18n/refusals.ts";
import type { ChatSession, SigningIn } from "../state/chat_session.ts";

interface SignInFormProps {
  readonly session: Pick<ChatSession, "ended" | "signIn" | "signingIn">;
  /** The name that is in the field at first. */
  readonly name?: string | undefined;
  readonly submitLabel: string;
  /** Shown above the field. */
  readonly children?: ComponentChildren;
}

/** Signs in with a name, and shows why that failed or why the last session ended. */
export function SignInForm(
  { session, name: initialName = "", submitLabel, children }: SignInFormProps,
) {
  const name = useSignal(initialName);
  const isBusy = session.signingIn.value === "yes";
  const submit = (event: Event) => {
    event.preventDefault();
    if (name.value.trim() && !isBusy) session.signIn(name.value.trim());
  };

  return (
    <form class="sign-in-form" onSubmit={submit}>
      {children}
      <SessionEnd reason={session.ended.value} />
      <label for="display-name">{strings.value.yourName}</label>
      <input
        id="display-name"
        name="displayName"
        autoComplete="nickname"
        aria-describedby="display-name-hint"
        dir="auto"
        required
        pattern=".*\S.*"
        maxLength={NAME_LENGTH}
        placeholder={strings.value.namePlaceholder}
        value={name.value}
        onInput={(event) => name.value = event.currentTarget.value}
      />
      <p id="display-name-hint" class="hint">{strings.value.nameHint}</p>
      <SignInError session={session} />
      <button type="submit" class="primary" aria-busy={isBusy}>
        {isBusy ? strings.value.signingIn : submitLabel}
      </button>
    </form>
  );
}

/** Says why the last session ended. */
export function SessionEnd({ reason }: { readonly reason: StopReason | undefined }) {
  if (!reason) return null;
  const { kicked, signedOut } = strings.value;
  return <p class="notice-line" role="status">{reason === "kicked" ? kicked : signedOut}</p>;
}

/** Says why signing in failed. */
export function SignInError({ session }: { readonly session: Pick<ChatSession, "signingIn"> }) {
  const failure = session.signingIn.value;
  if (failure === "no" || failure === "yes") return null;
  return <p class="error-line" role="alert">{describe(failure)}</p>;
}

function describe(failure: SigningIn): string {
  if (failure === "no_token") return strings.value.noValidToken;
  if (!(failure instanceof HalleyError)) return strings.value.serverUnreachable;
  if (failure.code === "banned") return describeBan(failure);
  if (failure.code === "name_reserved") return strings.value.nameReserved;
  if (failure.code === "token_required") return strings.value.tokenRequired;
  if (failure.code === "not_signed_in") return strings.value.noValidToken;
  return refusals.explain?.(failure.code) ?? strings.value.serverUnreachable;
}

function describeBan({ until, reason = "" }: HalleyError): string {
  const { banned, bannedUntil } = strings.value;
  return `${until ? bannedUntil({ time: formatDateTime(until) }) : banned} ${reason}`;
}
