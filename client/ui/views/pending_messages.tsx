import { words } from "../i18n/language.ts";
import type { Outbox, PendingMessage } from "../state/outbox.ts";

interface PendingMessagesProps {
  readonly outbox: Outbox;
  readonly pending: readonly PendingMessage[];
}

/** What one has said and nobody may have heard yet. */
export function PendingMessages({ outbox, pending }: PendingMessagesProps) {
  const shown = pending.filter((message) => message.state !== "arrived");
  if (shown.length === 0) return null;
  return (
    <section class="group" data-own>
      {shown.map((message) => <PendingBody key={message.key} outbox={outbox} message={message} />)}
    </section>
  );
}

interface PendingBodyProps {
  readonly outbox: Outbox;
  readonly message: PendingMessage;
}

function PendingBody({ outbox, message }: PendingBodyProps) {
  const isFailed = message.state === "failed";
  return (
    <article class="message" data-state={message.state}>
      <p class="text" dir="auto">{message.text}</p>
      {isFailed
        ? <Failed outbox={outbox} message={message} />
        : <span class="delivery" role="img" aria-label={words.value.sending}>◷</span>}
    </article>
  );
}

function Failed({ outbox, message }: PendingBodyProps) {
  return (
    <div class="failed" role="alert">
      <span>{words.value.failed} {message.problem?.detail}</span>
      <button type="button" class="quiet" onClick={() => outbox.retry(message)}>
        {words.value.retry}
      </button>
      <button type="button" class="quiet" onClick={() => outbox.discard(message)}>
        {words.value.discard}
      </button>
    </div>
  );
}
