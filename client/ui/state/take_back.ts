import { batch } from "@preact/signals";
import type { Conversation } from "./conversation.ts";
import type { PendingMessage } from "./outbox.ts";

/**
 * Takes a message out of the outbox, and puts its text before what stands in the composer. If the draft there replies to
 * something, it still does; otherwise it replies to what the message replied to.
 */
export function takeBack(
  message: PendingMessage,
  { draft, outbox }: Pick<Conversation, "draft" | "outbox">,
): void {
  const { text, references } = message;
  const written = draft.text.peek();
  batch(() => {
    const id = draft.answers.peek() ?? references?.replyTo;
    draft.replyTo(id === undefined ? undefined : { id });
    draft.write(written.trim() ? `${text}\n${written}` : text);
  });
  // Last: a page that is closed in between still has it.
  outbox.discard(message);
}
