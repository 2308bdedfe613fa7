import { useSignal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { HalleyError, type StopReason } from "../../comet/halley.ts";
import { words } from "../i18n/talk.ts";
import type { Account } from "../state/account.ts";

/** The longest name that the server takes, in UTF-16 units at most. */
const LONGEST_NAME = 64;

interface SignInFormProps {
  readonly account: Pick<Account, "ended" | "signIn" | "signingIn">;
  /** A name to begin with. */
  readonly name?: string | undefined;
  /** Whether to begin here. */
  readonly isChosen?: boolean;
  /** What the button is called. */
  readonly button: string;
  /** What stands above. */
  readonly children?: ComponentChildren;
}

/** Asks for a name, and says why it cannot be had. */
export function SignInForm(
  { account, name: known = "", isChosen = false, button, children }: SignInFormProps,
) {
  const name = useSignal(known);
  const isBusy = account.signingIn.value === "yes";
  const submit = (event: Event) => {
    event.preventDefault();
    if (name.value.trim() && !isBusy) account.signIn(name.value.trim());
  };

  return (
    <form class="sign-in-form" onSubmit={submit}>
      {children}
      <Ending reason={account.ended.value} />
      <label for="display-name">{words.value.yourName}</label>
      <input
        id="display-name"
        name="displayName"
        autoComplete="nickname"
        aria-describedby="display-name-hint"
        dir="auto"
        required
        autofocus={isChosen}
        maxLength={LONGEST_NAME}
        placeholder={words.value.namePlaceholder}
        value={name.value}
        onInput={(event) => name.value = event.currentTarget.value}
      />
      <p id="display-name-hint" class="hint">{words.value.nameHint}</p>
      <Failure account={account} />
      <button type="submit" class="primary" aria-busy={isBusy}>
        {isBusy ? words.value.signingIn : button}
      </button>
    </form>
  );
}

/** Why one is not signed in any more. */
export function Ending({ reason }: { readonly reason: StopReason | undefined }) {
  if (!reason) return null;
  const { kicked, signedOut } = words.value;
  return <p class="notice-line" role="status">{reason === "kicked" ? kicked : signedOut}</p>;
}

export function Failure({ account }: { readonly account: Pick<Account, "signingIn"> }) {
  const failure = account.signingIn.value;
  if (failure === "no" || failure === "yes") return null;
  return <p class="error-line" role="alert">{explain(failure)}</p>;
}

function explain(failure: HalleyError | "unreachable"): string {
  if (!(failure instanceof HalleyError)) return words.value.signInUnreachable;
  if (failure.code === "name_reserved") return words.value.nameReserved;
  if (failure.code === "token_required") return words.value.tokenRequired;
  return failure.detail || words.value.signInUnreachable;
}
