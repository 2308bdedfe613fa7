import { useSignal } from "@preact/signals";
import { HalleyError } from "../../comet/halley.ts";
import { words } from "../i18n/language.ts";
import type { Account } from "../state/account.ts";
import { LanguageSwitch } from "./language_switch.tsx";
import { CometMark } from "./marks.tsx";

/** The longest name that the server takes, in UTF-16 units at most. */
const LONGEST_NAME = 64;

/** Asks for a name. */
export function SignInView({ account }: { readonly account: Account }) {
  const name = useSignal("");
  const isBusy = account.signingIn.value === "yes";
  const submit = (event: Event) => {
    event.preventDefault();
    if (name.value.trim() && !isBusy) account.signIn(name.value.trim());
  };

  return (
    <main class="sign-in">
      <form onSubmit={submit}>
        <header>
          <CometMark />
          <h1>Halley</h1>
          <p>{words.value.about}</p>
        </header>
        <Ended account={account} />
        <label for="display-name">{words.value.yourName}</label>
        <input
          id="display-name"
          name="displayName"
          autoComplete="nickname"
          aria-describedby="display-name-hint"
          dir="auto"
          required
          autofocus
          maxLength={LONGEST_NAME}
          placeholder={words.value.namePlaceholder}
          value={name.value}
          onInput={(event) => name.value = event.currentTarget.value}
        />
        <p id="display-name-hint" class="hint">{words.value.nameHint}</p>
        <Failure account={account} />
        <button type="submit" class="primary" aria-busy={isBusy}>
          {isBusy ? words.value.signingIn : words.value.signIn}
        </button>
      </form>
      <LanguageSwitch />
    </main>
  );
}

function Ended({ account }: { readonly account: Account }) {
  return account.ended.value
    ? <p class="notice-line" role="status">{words.value.signedOut}</p>
    : null;
}

function Failure({ account }: { readonly account: Account }) {
  const failure = account.signingIn.value;
  if (failure === "no" || failure === "yes") return null;
  const reason = failure instanceof HalleyError && failure.detail
    ? failure.detail
    : words.value.signInUnreachable;
  return <p class="error-line" role="alert">{reason}</p>;
}
