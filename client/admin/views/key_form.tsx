import { useSignal } from "@preact/signals";
import { LanguageSwitch } from "../../ui/views/language_switch.tsx";
import { CometMark } from "../../ui/views/marks.tsx";
import { words } from "../i18n/admin_words.ts";
import type { AdminLogin } from "../state/admin_login.ts";

/** Asks for a key, and says why it is not taken. */
export function KeyForm({ entrance }: { readonly entrance: AdminLogin }) {
  const key = useSignal("");
  const isBusy = entrance.isBusy.value;
  const turnaway = entrance.turnaway.value;
  const submit = (event: Event) => {
    event.preventDefault();
    if (key.value.trim() && !isBusy) entrance.enter(key.value.trim());
  };

  return (
    <main class="sign-in">
      <form class="sign-in-form" onSubmit={submit}>
        <header>
          <CometMark />
          <h1>{words.value.title}</h1>
          <p>{words.value.about}</p>
        </header>
        <label for="admin-key">{words.value.key}</label>
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
        <p id="admin-key-hint" class="hint">{words.value.keyHint}</p>
        {turnaway && <p class="error-line" role="alert">{words.value[turnaway]}</p>}
        <button type="submit" class="primary" aria-busy={isBusy}>
          {isBusy ? words.value.entering : words.value.enter}
        </button>
      </form>
      <LanguageSwitch />
    </main>
  );
}
