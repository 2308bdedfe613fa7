import { useSignal } from "@preact/signals";
import { CometLogo } from "../../ui/views/avatars.tsx";
import { LanguageSwitch } from "../../ui/views/language_switch.tsx";
import { strings } from "../i18n/admin_strings.ts";
import type { AdminLogin } from "../state/admin_login.ts";

/** Asks for an API key, and shows why the last one was rejected. */
export function KeyForm({ login }: { readonly login: AdminLogin }) {
  const key = useSignal("");
  const isBusy = login.isBusy.value;
  const error = login.error.value;
  const submit = (event: Event) => {
    event.preventDefault();
    if (key.value.trim() && !isBusy) login.signIn(key.value.trim());
  };

  return (
    <main class="sign-in">
      <form class="sign-in-form" onSubmit={submit}>
        <header>
          <CometLogo />
          <h1>{strings.value.title}</h1>
          <p>{strings.value.about}</p>
        </header>
        <label for="admin-key">{strings.value.key}</label>
        <input
          id="admin-key"
          type="password"
          autoComplete="off"
          spellcheck={false}
          aria-describedby="admin-key-hint"
          required
          autofocus
          value={key.value}
          onInput={(event) => key.value = event.currentTarget.value}
        />
        <p id="admin-key-hint" class="hint">{strings.value.keyHint}</p>
        {error && <p class="error-line" role="alert">{strings.value[error]}</p>}
        <button type="submit" class="primary" aria-busy={isBusy}>
          {isBusy ? strings.value.signingIn : strings.value.signIn}
        </button>
      </form>
      <LanguageSwitch />
    </main>
  );
}
