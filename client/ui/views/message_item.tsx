import type { Message, Person } from "../../comet/halley.ts";
import { MessageData, MessageText, richViews, type ShowSpans } from "./message_text.tsx";
import { Avatar } from "./avatars.tsx";
import { Icon } from "./icons.tsx";
import { strings } from "../i18n/chat_strings.ts";
import type { ComponentChildren, TargetedKeyboardEvent } from "preact";
import { formatDateTime, formatTime } from "../i18n/format_time.ts";
import type { Conversation } from "../state/conversation.ts";
import type { PendingMessage } from "../state/outbox.ts";
import { NameMark, PersonName } from "./person_name.tsx";

/** How far one of the user's own messages has come. */
export type DeliveryStatus = "sent" | "delivered" | "read";

interface MessageItemProps {
  readonly conversation: Conversation;
  readonly message: Message;
  /** Undefined for the messages of others. */
  readonly delivery: DeliveryStatus | undefined;
  /** Whether it shows its actions. */
  readonly isActive: boolean;
  /** Whether it follows another message of its group. */
  readonly isContinued?: boolean;
}

/** What is added to messages. */
export interface MessageTools {
  /** The content of a message as it is shown, given what is shown by default. */
  content?: (message: Message, content: ComponentChildren) => ComponentChildren;
  /** What a message replies to, by its id. */
  reply?: (id: number, conversation: Conversation) => ComponentChildren;
  /** Whether a message is meant for this person. */
  isMention?: (message: Message, conversation: Conversation) => boolean;
  /** What replaces parts of the text of a message, such as the names in it. */
  spans?: (message: Message) => ShowSpans | undefined;
  /** What the draft of a conversation replies to, by its id, with a way to cancel that. */
  draft?: (id: number, conversation: Conversation, onCancel: () => void) => ComponentChildren;
  /** Why a message is not sent, and what can be done about it. */
  unsent?: (message: PendingMessage, conversation: Conversation) => ComponentChildren;
  /** What is below a message. */
  footer?: (message: Message, conversation: Conversation) => ComponentChildren;
  /** Opens the direct conversation with an author. */
  openAuthor?: (author: Person) => void;
  /** The name of an author, given what is shown by default. */
  author?: (author: Person, name: ComponentChildren) => ComponentChildren;
  /** Called when a key is pressed in an empty composer. */
  onKey?: (event: TargetedKeyboardEvent<HTMLTextAreaElement>, conversation: Conversation) => void;
  /** What can be done with the message that is pointed at or has the focus. */
  actions?: (message: Message, conversation: Conversation) => ComponentChildren;
  /** Further actions, which only the page has. */
  pageActions?: (message: Message, conversation: Conversation) => ComponentChildren;
}

/** The page sets it before the first message is rendered, the widget when it has loaded them. */
export const messageTools: MessageTools = {};

/** One message of a conversation. Screen readers announce its author, its time and its content. */
export function MessageItem(
  { conversation, message, delivery, isActive, isContinued = false }: MessageItemProps,
) {
  const { id, title, replyTo, editedAt } = message;
  const content = message.text === undefined
    ? <MessageData data={message.data ?? null} />
    : <MessageText text={message.text} showSpans={messageTools.spans?.(message)} />;
  return (
    <article
      class="message"
      data-id={id}
      data-mention={messageTools.isMention?.(message, conversation) || undefined}
      tabIndex={-1}
      aria-labelledby={`h${id}`}
      aria-describedby={`m${id}`}
    >
      <MessageHeader
        id={`h${id}`}
        conversation={conversation}
        message={message}
        isContinued={isContinued}
      />
      <div class="body" id={`m${id}`}>
        {replyTo && richViews.value && messageTools.reply?.(replyTo, conversation)}
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
      </div>
      {messageTools.footer?.(message, conversation)}
      {isActive && messageTools.actions?.(message, conversation)}
    </article>
  );
}

interface MessageHeaderProps {
  readonly id?: string;
  readonly conversation: Conversation;
  readonly message: Pick<Message, "from" | "as" | "at">;
  readonly isContinued: boolean;
}

/** The author of a message and its time. They are shown once per group, and of each message to screen readers. */
export function MessageHeader({ id, conversation, message, isContinued }: MessageHeaderProps) {
  const { from, as, at } = message;
  const { you, system } = strings.value;
  const isOwn = from?.publicToken === conversation.self.publicToken;
  const sender = from ?? (as && { publicToken: " ", ...as });
  const name = sender && <PersonName person={sender} names={conversation.names} />;
  return (
    <>
      {sender && !isContinued && <Avatar person={sender} />}
      <header id={id} data-continued={isContinued || undefined}>
        <strong class={isOwn || isContinued ? "sender visually-hidden" : "sender"}>
          {isOwn ? you : from && !isContinued && messageTools.author?.(from, name) || name}
          {!from && <NameMark mark={system} />}
        </strong>{" "}
        <time dateTime={new Date(at).toISOString()} title={formatDateTime(at)}>
          {formatTime(at)}
        </time>
      </header>
    </>
  );
}
