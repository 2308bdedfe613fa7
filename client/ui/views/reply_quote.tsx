import { effect, useComputed, useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { strings as chatStrings } from "../i18n/chat_strings.ts";
import { strings } from "../i18n/tools_strings.ts";
import { type AnsweredMessages, answeredMessages } from "../state/answered_messages.ts";
import type { Chat } from "../state/chat.ts";
import { textOf } from "../state/contact.ts";
import type { Conversation } from "../state/conversation.ts";
import { withoutMarks } from "./marks.ts";
import { Icon, PathIcon } from "./icons.tsx";
import type { MessageTools } from "./message_item.tsx";
import { PAGE_PATHS } from "./page_icons.ts";
import { UnsentNotice } from "./unsent_notice.tsx";

/** Maximum length of the text of a quotation; the style sheet shows as many lines as there is space for. */
const MAX_LENGTH = 240;

/** Maximum number of pages of the history, of 100 messages each, that are loaded to reach a message. */
const MAX_PAGES = 50;

/** For how long in ms a message is highlighted that a quotation has led to. */
const HIGHLIGHT_TIME = 2_000;

/** Shows above messages, and in the composer, what they reply to: what the server has of it. */
export function replyTools(chat: Chat): MessageTools {
  const quote = (id: number, conversation: Conversation) => (
    <ReplyQuote
      key={`reply-${id}`}
      id={id}
      conversation={conversation}
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
  readonly messages: AnsweredMessages;
}

/** The author and the beginning of a message that another one replies to. It leads there. */
function ReplyQuote({ id, conversation, messages }: ReplyQuoteProps) {
  const isSeeking = useSignal(false);
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
    await showMessage(id, conversation, list);
    isSeeking.value = false;
  };
  return (
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
  );
}

/** Scrolls to a message, loads the history as far as needed, and highlights the message. */
async function showMessage(id: number, conversation: Conversation, list: HTMLElement) {
  const { history } = conversation;
  // The list then stays where it is, and forgets no old messages.
  if (!history.isLoadedTo(id)) list.scrollTop = 0;
  for (let pages = 0; pages < MAX_PAGES && !history.isLoadedTo(id); pages++) {
    await loadOlder(conversation);
    if (history.loading.peek() === "failed") return;
  }
  // After the list was rendered.
  await new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)));
  const found = list.querySelector<HTMLElement>(`[data-id="${id}"]`);
  if (!found) return;
  found.scrollIntoView({ block: "center" });
  found.focus({ preventScroll: true });
  found.dataset.found = "";
  setTimeout(() => delete found.dataset.found, HIGHLIGHT_TIME);
}

/** Loads the next page of the history, or waits for the one that is being loaded. */
async function loadOlder({ history }: Conversation): Promise<void> {
  if (history.loading.peek() !== "yes") return await history.loadOlder(100);
  await new Promise<void>((resolve) => {
    const stop = effect(() => {
      if (history.loading.value !== "yes") queueMicrotask(() => (stop(), resolve()));
    });
  });
}
