import type { Message } from "../../comet/halley.ts";
import { strings } from "../i18n/chat_strings.ts";
import { clockOffset } from "../state/clock_offset.ts";
import type { Conversation } from "../state/conversation.ts";
import type { PendingMessage } from "../state/outbox.ts";
import { type Group, groupMessages } from "../state/timeline.ts";
import { Icon } from "./icons.tsx";
import { MessageHeader, messageTools } from "./message_item.tsx";
import { MessageText, richViews } from "./message_text.tsx";

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
  const { state, text, references } = message;
  return (
    <article class="message" data-state={state}>
      <MessageHeader
        conversation={conversation}
        message={messageOf(message, conversation)}
        isContinued={isContinued}
      />
      <div class="body">
        {references?.replyTo && messageTools.reply?.(references.replyTo, conversation)}
        <MessageText text={text} />
        {state === "waiting" && (
          <span class="delivery" role="img" aria-label={strings.value.delivery.pending}>
            <Icon name="waiting" />
          </span>
        )}
        {richViews.value && messageTools.unsent?.(message, conversation)}
      </div>
    </article>
  );
}

/** The message that it will be. */
function messageOf({ channel, at }: PendingMessage, { self }: Conversation): Message {
  return { id: Infinity, channel, from: self, at: at + clockOffset.value };
}
