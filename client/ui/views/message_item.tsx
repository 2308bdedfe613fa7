import { useSignal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { useRef } from "preact/hooks";
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

/** What a page adds to messages. */
export interface MessageTools {
  /** The content of a message as it is shown, given what is shown by default. */
  content?: (message: Message, content: ComponentChildren) => ComponentChildren;
  /** Further actions. */
  actions?: (message: Message) => ComponentChildren;
}

/** Set before the first message is rendered; the widget has none. */
export const messageTools: MessageTools = {};

/** One message of a conversation. */
export function MessageItem({ conversation, message, delivery, isActive }: MessageItemProps) {
  const { id, at, title, text, data, editedAt } = message;
  const content = text === undefined
    ? <MessageData data={data ?? null} />
    : <MessageText text={text} />;
  return (
    <article class="message" data-id={id} tabIndex={-1} title={formatDateTime(at)}>
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
      {isActive && <MessageActions conversation={conversation} message={message} />}
    </article>
  );
}

interface MessageActionsProps {
  readonly conversation: Conversation;
  readonly message: Message;
}

function MessageActions({ conversation, message }: MessageActionsProps) {
  const bar = useRef<HTMLDivElement>(null);
  const isCopied = useSignal(false);
  const { text = JSON.stringify(message.data) } = message;
  const canWrite = conversation.kind !== "notices" && !conversation.history.isReadOnly.value;
  const { reply, copy, copied } = strings.value;
  const onCopy = async () => {
    const item = bar.current?.closest<HTMLElement>(".message");
    isCopied.value = item ? await copyText(text, item) : false;
  };
  return (
    <div ref={bar} class="message-actions">
      {canWrite && message.text !== undefined && (
        <button
          type="button"
          onClick={() => conversation.draft.replyTo(message)}
        >
          <Icon name="reply" /> {reply}
        </button>
      )}
      <button type="button" onClick={onCopy}>
        <Icon name={isCopied.value ? "sent" : "copy"} />{" "}
        <span aria-live="polite">{isCopied.value ? copied : copy}</span>
      </button>
      {messageTools.actions?.(message)}
    </div>
  );
}

/** Copies a text to the clipboard; returns false if the browser forbids that. */
async function copyText(text: string, item: HTMLElement): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return copyBySelection(text, item); // Pages without HTTPS have no clipboard API.
  }
}

function copyBySelection(text: string, item: HTMLElement): boolean {
  const field = document.createElement("textarea");
  field.value = text;
  field.className = "visually-hidden";
  item.append(field);
  field.select();
  const isCopied = document.execCommand("copy");
  field.remove();
  item.focus();
  return isCopied;
}
