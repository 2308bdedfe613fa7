import type { ComponentChildren } from "preact";
import type { Message } from "../../comet/halley.ts";
import { strings } from "../i18n/chat_strings.ts";
import { formatDateTime } from "../i18n/format_time.ts";
import type { Conversation } from "../state/conversation.ts";
import { Icon } from "./icons.tsx";
import { MessageData } from "./message_data.tsx";
import { MessageText } from "./message_text.tsx";

/** How far one of the user's own messages has come. */
export type DeliveryStatus = "sent" | "delivered" | "read";

interface MessageItemProps {
  readonly conversation: Conversation;
  readonly message: Message;
  /** Undefined for the messages of others. */
  readonly delivery: DeliveryStatus | undefined;
  /** Whether it shows its actions. */
  readonly isActive: boolean;
}

/** What is added to messages. */
export interface MessageTools {
  /** The content of a message as it is shown, given what is shown by default. */
  content?: (message: Message, content: ComponentChildren) => ComponentChildren;
  /** What a message replies to, by its id. */
  reply?: (id: number, conversation: Conversation) => ComponentChildren;
  /** What can be done with the message that is pointed at or has the focus. */
  actions?: (message: Message, conversation: Conversation) => ComponentChildren;
}

/** The page sets it before the first message is rendered, the widget when it has loaded them. */
export const messageTools: MessageTools = {};

/** One message of a conversation. */
export function MessageItem({ conversation, message, delivery, isActive }: MessageItemProps) {
  const { id, at, title, replyTo, editedAt } = message;
  const content = contentOf(message);
  return (
    <article class="message" data-id={id} tabIndex={-1} title={formatDateTime(at)}>
      {replyTo && messageTools.reply?.(replyTo, conversation)}
      {title && <h3 dir="auto">{title}</h3>}
      {messageTools.content?.(message, content) ?? content}
      {editedAt && <small class="hint">{strings.value.edited}</small>}
      {delivery && (
        <span
          class="delivery"
          data-delivery={delivery}
          role="img"
          aria-label={strings.value.delivery[delivery]}
        >
          <Icon name={delivery === "sent" ? "sent" : "delivered"} />
        </span>
      )}
      {isActive && messageTools.actions?.(message, conversation)}
    </article>
  );
}

function contentOf({ text, data }: Message): ComponentChildren {
  return text === undefined ? <MessageData data={data ?? null} /> : <MessageText text={text} />;
}
