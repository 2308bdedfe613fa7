import { refusals } from "../i18n/refusals.ts";
import { strings as chatStrings } from "../i18n/chat_strings.ts";
import { strings } from "../i18n/tools_strings.ts";
import type { ChangeOutbox } from "../state/change_outbox.ts";
import type { Message } from "../../comet/halley.ts";

interface UnconfirmedChangesProps {
  readonly changes: ChangeOutbox;
  readonly message: Message;
}

/** Says of a message which changes the server has not confirmed, and which ones it has refused. */
export function UnconfirmedChanges({ changes, message }: UnconfirmedChangesProps) {
  const { changeFailed, discard, notSaved, notDeleted } = strings.value;
  const { tryAgain } = chatStrings.value;
  return (
    <>
      {changes.of(message).map((entry) => {
        const { key, problem, text, emoji } = entry;
        if (problem) {
          return (
            <div key={key} class="failed" role="alert">
              <span>{changeFailed} {refusals.explain?.(problem.code)}</span>
              <span class="choices">
                <button type="button" class="quiet" onClick={() => changes.retry(entry)}>
                  {tryAgain}
                </button>
                <button type="button" class="quiet" onClick={() => changes.discard(entry)}>
                  {discard}
                </button>
              </span>
            </div>
          );
        }
        return emoji === undefined && (
          <small key={key} class="hint unconfirmed">
            {text === undefined ? notDeleted : notSaved}
          </small>
        );
      })}
    </>
  );
}
