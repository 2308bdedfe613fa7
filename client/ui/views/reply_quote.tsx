import { useComputed, useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { strings as chatStrings } from "../i18n/chat_strings.ts";
import { strings } from "../i18n/tools_strings.ts";
import { type AnsweredMessages, answeredMessages } from "../state/answered_messages.ts";
import type { Chat } from "../state/chat.ts";
import { textOf } from "../state/contact.ts";
import type { Conversation } from "../state/conversation.ts";
import type { Reached } from "../state/visit.ts";
import { withoutMarks } from "./marks.ts";
import { Icon, PathIcon } from "./icons.tsx";
import type { MessageTools } from "./message_item.tsx";
import { PAGE_PATHS } from "./page_icons.ts";
import { showMessage } from "./show_message.ts";
import { UnsentNotice } from "./unsent_notice.tsx";

/** Maximum length of the text of a quotation; the style sheet shows as many lines as there is space for. */
const MAX_LENGTH = 240;

/** Shows above messages, and in the composer, what they reply to: what the server has of it. */
export function replyTools(chat: Chat): MessageTools {
  const quote = (id: number, conversation: Conversation) => (
    <ReplyQuote
      key={`reply-${id}`}
      id={id}
      conversation={conversation}
      chat={chat}
      messages={answeredMessages(chat, conversation)}
    />
  );
  return {
    unsent: (message, conversation) => (
      <UnsentNotice message={message} conversation={conversation} />
    ),
    draft: (id, conversation, onCancel) => (
      <div class="reply-draft">
        <PathIcon path={PAGE_PATHS.reply} />
        {quote(id, conversation)}
        <button
          type="button"
          class="quiet"
          aria-label={strings.value.cancelReply}
          onClick={onCancel}
        >
          <Icon name="close" />
        </button>
      </div>
    ),
    reply: quote,
  };
}

interface ReplyQuoteProps {
  readonly id: number;
  readonly conversation: Conversation;
  readonly chat: Chat;
  readonly messages: AnsweredMessages;
}

/** The author and the beginning of a message that another one replies to. It leads there. */
function ReplyQuote({ id, conversation, chat, messages }: ReplyQuoteProps) {
  const isSeeking = useSignal(false);
  const outcome = useSignal<Reached>("shown");
  const message = useComputed(() => messages.get(id)).value;
  const { system, you, loading } = chatStrings.value;
  const { goToMessage, answeredGone } = strings.value;
  useEffect(() => {
    if (message === undefined) messages.request(id);
  }, [message]);
  if (message === undefined) return <p class="quotation hint">{loading}</p>;
  if (message === "gone") return <p class="quotation hint">{answeredGone}</p>;
  const author = conversation.isOwn(message)
    ? you
    : (message.from ?? message.as)?.displayName ?? system;
  const text = [
    ...(message.title ?? withoutMarks(textOf(message))).trim().slice(0, MAX_LENGTH * 2),
  ];
  const onClick = async (event: MouseEvent) => {
    const root = event.currentTarget instanceof Element && event.currentTarget.getRootNode();
    const list = (root instanceof Document || root instanceof ShadowRoot) &&
      root.querySelector<HTMLElement>(".messages");
    if (!list || isSeeking.value) return;
    isSeeking.value = true;
    outcome.value = await showMessage(id, { chat, conversation, list });
    isSeeking.value = false;
  };
  return (
    <>
      <button
        type="button"
        class="quotation"
        title={goToMessage}
        tabIndex={-1}
        aria-busy={isSeeking.value}
        onClick={onClick}
      >
        <cite dir="auto">{author}</cite>
        <span dir="auto">{text.slice(0, MAX_LENGTH).join("")}</span>
      </button>
      {outcome.value !== "shown" && (
        <small class="error-line" role="alert">
          {outcome.value === "gone" ? answeredGone : chatStrings.value.loadFailed}
        </small>
      )}
    </>
  );
}
