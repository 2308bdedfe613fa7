import { type Signal, useSignal } from "@preact/signals";
import { describeError, strings } from "../i18n/admin_strings.ts";
import type { AdminState } from "../state/admin_state.ts";

interface NoticeFormProps {
  readonly admin: AdminState;
  readonly recipient: Signal<string>;
}

interface Result {
  readonly isSent: boolean;
  readonly text: string;
}

/** Sends a notice to everyone, a room, a session or a user. */
export function NoticeForm({ admin, recipient }: NoticeFormProps) {
  const [title, text, isBusy] = [useSignal(""), useSignal(""), useSignal(false)];
  const result = useSignal<Result | undefined>(undefined);
  const submit = async (event: Event) => {
    event.preventDefault();
    if (isBusy.value || !text.value.trim()) return;
    isBusy.value = true;
    try {
      const draft = { to: recipient.value.trim(), title: title.value.trim(), text: text.value };
      const id = await admin.publish(draft);
      result.value = { isSent: true, text: strings.value.noticeSent(id) };
      [title.value, text.value] = ["", ""];
    } catch (error) {
      result.value = { isSent: false, text: describeError(error) };
    }
    isBusy.value = false;
  };
  return (
    <section class="card" aria-labelledby="notice-heading">
      <h2 id="notice-heading">{strings.value.sendNotice}</h2>
      <form class="admin-form" onSubmit={submit}>
        <label for="notice-to">{strings.value.noticeTo}</label>
        <input
          id="notice-to"
          required
          aria-describedby="notice-to-hint"
          spellcheck={false}
          value={recipient.value}
          onInput={(event) => recipient.value = event.currentTarget.value}
        />
        <p id="notice-to-hint" class="hint">{strings.value.noticeToHint}</p>
        <label for="notice-title">{strings.value.noticeTitle}</label>
        <input
          id="notice-title"
          dir="auto"
          value={title.value}
          onInput={(event) => title.value = event.currentTarget.value}
        />
        <label for="notice-text">{strings.value.noticeText}</label>
        <textarea
          id="notice-text"
          dir="auto"
          rows={3}
          required
          value={text.value}
          onInput={(event) => text.value = event.currentTarget.value}
        />
        <button type="submit" class="primary" aria-busy={isBusy.value}>{strings.value.send}</button>
        <p role="status" class={result.value?.isSent === false ? "error-line" : "hint"}>
          {result.value?.text}
        </p>
      </form>
    </section>
  );
}
