import { type Signal, useSignal } from "@preact/signals";
import { describeError, formatCount, strings } from "../i18n/admin_strings.ts";
import type { AdminState } from "../state/admin_state.ts";
import { isComplete, recipientOf, type Target } from "../state/target.ts";
import { ConfirmDialog } from "./confirm_dialog.tsx";
import { TargetPicker } from "./target_picker.tsx";

interface NoticeFormProps {
  readonly admin: AdminState;
  readonly recipient: Signal<Target>;
}

interface Result {
  readonly isSent: boolean;
  readonly text: string;
}

const KINDS = ["everyone", "session", "user", "room"] as const;

/** Sends a notice to everyone, after a confirmation, or to a person, a user or a room. */
export function NoticeForm({ admin, recipient }: NoticeFormProps) {
  const [title, text, isBusy] = [useSignal(""), useSignal(""), useSignal(false)];
  const isConfirming = useSignal(false);
  const result = useSignal<Result>();
  const send = async () => {
    const to = recipientOf(recipient.value);
    const draft = { to, title: title.value.trim(), text: text.value };
    const id = await admin.publish(draft);
    result.value = { isSent: true, text: strings.value.noticeSent(id) };
    [title.value, text.value] = ["", ""];
  };
  const submit = async (event: Event) => {
    event.preventDefault();
    result.value = undefined;
    if (isBusy.value || !text.value.trim() || !isComplete(recipient.value)) return;
    if (recipient.value.kind === "everyone") {
      isConfirming.value = true;
      return;
    }
    isBusy.value = true;
    await send().catch((error) => result.value = { isSent: false, text: describeError(error) });
    isBusy.value = false;
  };
  const { sendNotice, noticeTo, noticeTitle, noticeText, send: sendLabel } = strings.value;
  const { confirmNotice, noticeEffect } = strings.value;
  const online = admin.shownNode.value?.overview.present ?? 0;
  return (
    <section class="card" aria-labelledby="notice-heading">
      <h2 id="notice-heading">{sendNotice}</h2>
      <form class="admin-form" onSubmit={submit}>
        <TargetPicker
          id="notice-to"
          label={noticeTo}
          kinds={KINDS}
          admin={admin}
          target={recipient}
        />
        <label for="notice-title">{noticeTitle}</label>
        <input
          id="notice-title"
          dir="auto"
          value={title.value}
          onInput={(event) => title.value = event.currentTarget.value}
        />
        <label for="notice-text">{noticeText}</label>
        <textarea
          id="notice-text"
          dir="auto"
          rows={3}
          required
          value={text.value}
          onInput={(event) => text.value = event.currentTarget.value}
        />
        <button
          type="submit"
          class="primary"
          aria-busy={isBusy.value}
          disabled={!isComplete(recipient.value)}
        >
          {recipient.value.kind === "everyone" ? `${sendLabel}…` : sendLabel}
        </button>
        <p role="status" class={result.value?.isSent === false ? "error-line" : "hint"}>
          {result.value?.text}
        </p>
      </form>
      {isConfirming.value && (
        <ConfirmDialog
          title={confirmNotice}
          effect={noticeEffect(formatCount(online))}
          action={sendLabel}
          isDangerous={false}
          onConfirm={send}
          onClose={() => isConfirming.value = false}
        >
          <blockquote dir="auto">
            {title.value.trim() && <strong>{title.value.trim()}</strong>}
            <p>{text.value}</p>
          </blockquote>
        </ConfirmDialog>
      )}
    </section>
  );
}
