import { strings } from "../i18n/chat_strings.ts";
import { formatAgo } from "../i18n/format_time.ts";
import { clockOffset } from "../state/clock_offset.ts";
import type { Conversation } from "../state/conversation.ts";
import type { PendingMessage } from "../state/outbox.ts";
import { Icon } from "./icons.tsx";
import { messageTools } from "./message_item.tsx";
import { MessageText } from "./message_text.tsx";

interface PendingMessagesProps {
  readonly conversation: Conversation;
  readonly pending: readonly PendingMessage[];
}

/** The user's messages that the server has not confirmed. */
export function PendingMessages({ conversation, pending }: PendingMessagesProps) {
  // A message that a poll has already brought is in the list above.
  const shown = pending.filter((message) => message.state !== "arrived");
  if (shown.length === 0) return null;
  return (
    <section class="group" data-own>
      {shown.map((message) => (
        <PendingItem key={message.key} conversation={conversation} message={message} />
      ))}
    </section>
  );
}

interface PendingItemProps {
  readonly conversation: Conversation;
  readonly message: PendingMessage;
}

function PendingItem({ conversation, message }: PendingItemProps) {
  return (
    <article class="message" data-state={message.state}>
      {message.replyTo && messageTools.reply?.(message.replyTo, conversation)}
      <MessageText text={message.text} />
      {message.state === "waiting"
        ? (
          <span class="delivery" role="img" aria-label={strings.value.delivery.pending}>
            <Icon name="waiting" />
          </span>
        )
        : <UnsentNotice conversation={conversation} message={message} />}
    </article>
  );
}

/** Says why a message is not sent, and offers to send or discard it. */
function UnsentNotice({ conversation, message }: PendingItemProps) {
  const { outbox } = conversation;
  const { state, problem, at } = message;
  const { sendFailed, recipientSignedOut, expired, sendNow, tryAgain, discard } = strings.value;
  const { answeredGone, sendWithoutReply } = strings.value;
  // Sending again cannot succeed: that session does not exist any more.
  const isFinal = problem?.code === "unknown_recipient";
  const isAnsweredGone = problem?.code === "not_found";
  const reason = isFinal
    ? recipientSignedOut
    : isAnsweredGone
    ? answeredGone
    : problem?.detail ?? "";
  return (
    <div class="failed" role="alert">
      <span>
        {state === "old" ? expired(formatAgo(at + clockOffset.value)) : `${sendFailed} ${reason}`}
      </span>
      <span class="choices">
        {!isFinal && (
          <button type="button" class="quiet" onClick={() => outbox.retry(message)}>
            {state === "old" ? sendNow : isAnsweredGone ? sendWithoutReply : tryAgain}
          </button>
        )}
        <button type="button" class="quiet" onClick={() => outbox.discard(message)}>
          {discard}
        </button>
      </span>
    </div>
  );
}
