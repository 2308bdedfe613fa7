import type { Message } from "../../comet/halley.ts";
import { strings } from "../i18n/chat_strings.ts";
import { refusals } from "../i18n/refusals.ts";
import { formatAgo } from "../i18n/format_time.ts";
import { clockOffset } from "../state/clock_offset.ts";
import type { Conversation } from "../state/conversation.ts";
import type { PendingMessage } from "../state/outbox.ts";
import { type Group, groupMessages } from "../state/timeline.ts";
import { Icon } from "./icons.tsx";
import { MessageHeader, messageTools } from "./message_item.tsx";
import { MessageText } from "./message_text.tsx";

interface PendingMessagesProps {
  readonly conversation: Conversation;
  readonly pending: readonly PendingMessage[];
  /** The group above them. */
  readonly previous: Group | undefined;
}

/** The user's messages that the server has not confirmed. */
export function PendingMessages({ conversation, pending, previous }: PendingMessagesProps) {
  // A message that a poll has already brought is in the list above.
  const shown = pending.filter((message) => message.state !== "arrived");
  const [first] = shown;
  if (!first) return null;
  const [group] = groupMessages([messageOf(first, conversation)], { previous });
  const isContinued = group?.isContinued ?? false;
  return (
    <section class="group" data-own data-continued={isContinued || undefined}>
      {shown.map((message, index) => (
        <PendingItem
          key={message.key}
          conversation={conversation}
          message={message}
          isContinued={index > 0 || isContinued}
        />
      ))}
    </section>
  );
}

interface PendingItemProps {
  readonly conversation: Conversation;
  readonly message: PendingMessage;
  readonly isContinued: boolean;
}

function PendingItem({ conversation, message, isContinued }: PendingItemProps) {
  const { state, text, replyTo } = message;
  return (
    <article class="message" data-state={state}>
      <MessageHeader
        conversation={conversation}
        message={messageOf(message, conversation)}
        isContinued={isContinued}
      />
      <div class="body">
        {replyTo && messageTools.reply?.(replyTo, conversation)}
        <MessageText text={text} />
        {state === "waiting"
          ? (
            <span class="delivery" role="img" aria-label={strings.value.delivery.pending}>
              <Icon name="waiting" />
            </span>
          )
          : <UnsentNotice conversation={conversation} message={message} />}
      </div>
    </article>
  );
}

/** The message that it will be. */
function messageOf({ channel, at }: PendingMessage, { self }: Conversation): Message {
  return { id: Infinity, channel, from: self, at: at + clockOffset.value };
}

/** Says why a message is not sent, and offers to send or discard it. */
function UnsentNotice({ conversation, message }: Omit<PendingItemProps, "isContinued">) {
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
    : problem
    ? refusals.explain?.(problem.code) ?? ""
    : "";
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
