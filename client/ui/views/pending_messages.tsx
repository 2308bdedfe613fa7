import { words } from "../i18n/talk.ts";
import { formatAgo } from "../i18n/times.ts";
import type { Conversation } from "../state/conversation.ts";
import type { PendingMessage } from "../state/outbox.ts";
import { Icon } from "./icons.tsx";
import { MessageText } from "./message_text.tsx";

interface PendingMessagesProps {
  readonly conversation: Conversation;
  readonly pending: readonly PendingMessage[];
}

/** What one has said and nobody may have heard yet. */
export function PendingMessages({ conversation, pending }: PendingMessagesProps) {
  const shown = pending.filter((message) => message.state !== "arrived");
  if (shown.length === 0) return null;
  return (
    <section class="group" data-own>
      {shown.map((message) => (
        <PendingBody key={message.key} conversation={conversation} message={message} />
      ))}
    </section>
  );
}

interface PendingBodyProps {
  readonly conversation: Conversation;
  readonly message: PendingMessage;
}

function PendingBody({ conversation, message }: PendingBodyProps) {
  return (
    <article class="message" data-state={message.state}>
      <MessageText text={message.text} />
      {message.state === "waiting"
        ? (
          <span class="delivery" role="img" aria-label={words.value.sending}>
            <Icon name="waiting" />
          </span>
        )
        : <Unsent conversation={conversation} message={message} />}
    </article>
  );
}

function Unsent({ conversation, message }: PendingBodyProps) {
  const { outbox } = conversation;
  const { state, problem, at } = message;
  // The other one is gone for good: to try again would change nothing.
  const isUseless = problem?.code === "unknown_recipient";
  const reason = isUseless ? words.value.recipientGone : problem?.detail ?? "";
  return (
    <div class="failed" role="alert">
      <span>
        {state === "old" ? words.value.old(formatAgo(at)) : `${words.value.failed} ${reason}`}
      </span>
      {!isUseless && (
        <button type="button" class="quiet" onClick={() => outbox.retry(message)}>
          {state === "old" ? words.value.sendNow : words.value.retry}
        </button>
      )}
      <button type="button" class="quiet" onClick={() => outbox.discard(message)}>
        {words.value.discard}
      </button>
    </div>
  );
}
