import { strings as chatStrings } from "../i18n/chat_strings.ts";
import { formatAgo } from "../i18n/format_time.ts";
import { refusals } from "../i18n/refusals.ts";
import { strings } from "../i18n/tools_strings.ts";
import { clockOffset } from "../state/clock_offset.ts";
import type { Conversation } from "../state/conversation.ts";
import type { PendingMessage } from "../state/outbox.ts";

interface UnsentNoticeProps {
  readonly conversation: Conversation;
  readonly message: PendingMessage;
}

/** Says why a message is not sent, and offers to send or discard it. */
export function UnsentNotice({ conversation, message }: UnsentNoticeProps) {
  const { outbox } = conversation;
  const { state, problem, at } = message;
  const { sendFailed, recipientSignedOut, answeredGone, expired } = strings.value;
  const { sendNow, sendWithoutReply, discard } = strings.value;
  // Sending again cannot succeed: that session does not exist any more.
  const isFinal = problem?.code === "unknown_recipient";
  const isAnsweredGone = problem?.code === "not_found";
  const reason = isFinal
    ? recipientSignedOut
    : isAnsweredGone
    ? answeredGone
    : problem
    ? refusals.explain?.(problem.code) ?? ""
    : "";
  const label = state === "old"
    ? sendNow
    : isAnsweredGone
    ? sendWithoutReply
    : chatStrings.value.tryAgain;
  return (
    <div class="failed" role="alert">
      <span>
        {state === "old"
          ? expired({ ago: formatAgo(at + clockOffset.value) })
          : `${sendFailed} ${reason}`}
      </span>
      <span class="choices">
        {!isFinal && (
          <button
            type="button"
            class="quiet"
            onClick={() => outbox.retry(isAnsweredGone ? withoutReply(message) : message)}
          >
            {label}
          </button>
        )}
        <button type="button" class="quiet" onClick={() => outbox.discard(message)}>
          {discard}
        </button>
      </span>
    </div>
  );
}

function withoutReply(message: PendingMessage): PendingMessage {
  const { replyTo: _, ...references } = message.references ?? {};
  return { ...message, references };
}
