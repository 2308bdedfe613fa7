import { type Signal, useSignal } from "@preact/signals";
import { words } from "../i18n/admin_words.ts";
import type { AdminState } from "../state/admin_state.ts";
import { detailOf } from "./detail_of.ts";

interface NoticeFormProps {
  readonly desk: AdminState;
  readonly to: Signal<string>;
}

/** Writes a notice to everyone, a room, a session or a user. */
export function NoticeForm({ desk, to }: NoticeFormProps) {
  const [title, text, isBusy] = [useSignal(""), useSignal(""), useSignal(false)];
  const outcome = useSignal<{ readonly isSent: boolean; readonly words: string } | undefined>(
    undefined,
  );
  const submit = async (event: Event) => {
    event.preventDefault();
    if (isBusy.value || !text.value.trim()) return;
    isBusy.value = true;
    try {
      const draft = { to: to.value.trim(), title: title.value.trim(), text: text.value };
      outcome.value = { isSent: true, words: words.value.noticeSent(await desk.publish(draft)) };
      [title.value, text.value] = ["", ""];
    } catch (error) {
      outcome.value = { isSent: false, words: detailOf(error) };
    }
    isBusy.value = false;
  };
  return (
    <section class="card" aria-labelledby="notice-heading">
      <h2 id="notice-heading">{words.value.notice}</h2>
      <form class="admin-form" onSubmit={submit}>
        <label for="notice-to">{words.value.noticeTo}</label>
        <input
          id="notice-to"
          required
          aria-describedby="notice-to-hint"
          spellcheck={false}
          value={to.value}
          onInput={(event) => to.value = event.currentTarget.value}
        />
        <p id="notice-to-hint" class="hint">{words.value.toHint}</p>
        <label for="notice-title">{words.value.noticeTitle}</label>
        <input
          id="notice-title"
          dir="auto"
          value={title.value}
          onInput={(event) => title.value = event.currentTarget.value}
        />
        <label for="notice-text">{words.value.noticeText}</label>
        <textarea
          id="notice-text"
          dir="auto"
          rows={3}
          required
          value={text.value}
          onInput={(event) => text.value = event.currentTarget.value}
        />
        <button type="submit" class="primary" aria-busy={isBusy.value}>{words.value.send}</button>
        <p role="status" class={outcome.value?.isSent === false ? "error-line" : "hint"}>
          {outcome.value?.words}
        </p>
      </form>
    </section>
  );
}
