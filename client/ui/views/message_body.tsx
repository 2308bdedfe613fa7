import { useSignal } from "@preact/signals";
import { useRef } from "preact/hooks";
import type { Message } from "../../comet/halley.ts";
import { words } from "../i18n/talk.ts";
import { formatFull } from "../i18n/times.ts";
import type { Conversation } from "../state/conversation.ts";
import { copyText } from "./copy_text.ts";
import { Icon } from "./icons.tsx";
import { MessageText } from "./message_text.tsx";

/** How far one's own message came. */
export type Delivery = "sent" | "delivered" | "read";

interface MessageBodyProps {
  readonly conversation: Conversation;
  readonly message: Message;
  /** Of one's own messages alone. */
  readonly delivery: Delivery | undefined;
  /** Whether it is pointed at. */
  readonly isCurrent: boolean;
}

/** One message. */
export function MessageBody({ conversation, message, delivery, isCurrent }: MessageBodyProps) {
  const { id, at, title, text, data } = message;
  return (
    <article class="message" data-id={id} tabIndex={-1} title={formatFull(at)}>
      {title && <h3 dir="auto">{title}</h3>}
      {text === undefined
        ? <pre class="text">{JSON.stringify(data, null, 2)}</pre>
        : <MessageText text={text} />}
      {delivery && (
        <span
          class="delivery"
          data-delivery={delivery}
          role="img"
          aria-label={words.value[delivery]}
        >
          <Icon name={delivery === "sent" ? "sent" : "delivered"} />
        </span>
      )}
      {isCurrent && <MessageActions conversation={conversation} message={message} />}
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
  const copy = async () => {
    const near = bar.current?.closest<HTMLElement>(".message");
    isCopied.value = near ? await copyText(text, near) : false;
  };
  return (
    <div ref={bar} class="message-actions">
      {conversation.kind !== "notices" && message.text !== undefined && (
        <button
          type="button"
          onClick={() => conversation.quote(message)}
        >
          <Icon name="reply" /> {words.value.reply}
        </button>
      )}
      <button type="button" onClick={copy}>
        <Icon name={isCopied.value ? "sent" : "copy"} />{" "}
        <span aria-live="polite">{isCopied.value ? words.value.copied : words.value.copy}</span>
      </button>
    </div>
  );
}
