import { useSignal } from "@preact/signals";
import { useRef } from "preact/hooks";
import type { Message } from "../../comet/halley.ts";
import { firstMessage } from "../../comet/search.ts";
import { strings as pageStrings } from "../i18n/page_strings.ts";
import type { PageState } from "../state/page_state.ts";
import { closeDialog, Dialog } from "../views/dialog.tsx";
import { startOf } from "./days.ts";
import { openMessage } from "./open_message.ts";
import { DayField } from "./search_limits.tsx";
import { strings } from "./search_strings.ts";

interface JumpDialogProps {
  readonly page: PageState;
  readonly onClose: () => void;
}

/** Leads to the first message of the selected conversation, or to the first one of a day or later. */
export function JumpDialog({ page, onClose }: JumpDialogProps) {
  const day = useSignal("");
  const error = useSignal("");
  const isSeeking = useSignal(false);
  const found = useRef<Message>(undefined);
  const form = useRef<HTMLFormElement>(null);
  const channels = page.chat.conversations.selected.value?.history.channels ?? [];
  const seek = async (since: number | undefined) => {
    if (isSeeking.value) return;
    isSeeking.value = true;
    error.value = "";
    try {
      const asked = channels.map((channel) => firstMessage(page.chat.client, channel, { since }));
      const messages = (await Promise.all(asked)).flatMap((message) => message ?? []);
      [found.current] = messages.sort((one, other) => one.id - other.id);
      if (found.current) form.current?.closest("dialog")?.close();
      else error.value = strings.value.noneSince;
    } catch {
      error.value = pageStrings.value.loadFailed;
    }
    isSeeking.value = false;
  };
  // After the dialog has returned the focus: the message takes it then.
  const close = () => {
    onClose();
    if (found.current) openMessage(page, found.current);
  };
  const { jumpToDate } = pageStrings.value;
  const { day: label, jump, first, cancel } = strings.value;
  return (
    <Dialog title={jumpToDate} onClose={close}>
      <form
        ref={form}
        class="fields"
        onSubmit={(event) => {
          event.preventDefault();
          seek(startOf(day.value));
        }}
      >
        <DayField label={label} day={day} isRequired />
        {error.value && <p class="error-line" role="alert">{error.value}</p>}
        <div class="buttons">
          <button type="button" class="secondary" onClick={closeDialog}>{cancel}</button>
          <button type="button" class="secondary" onClick={() => seek(undefined)}>{first}</button>
          <button type="submit" class="primary">{jump}</button>
        </div>
      </form>
    </Dialog>
  );
}
