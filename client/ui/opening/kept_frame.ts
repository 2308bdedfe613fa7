import { effect } from "@preact/signals";
import type { ChatSession } from "../state/chat_session.ts";

/** Maximum time in ms for which the frame covers the page. */
const MAX_TIME = 5_000;

/** Keeps the frame that shows the first messages over the page, until the page shows messages itself. */
export function keepFrame(frame: HTMLElement, session: ChatSession): void {
  frame.inert = true;
  frame.ariaHidden = "true";
  document.body.append(frame);
  // An element that is moved loses its scroll position.
  frame.querySelector(".messages")?.scrollTo(0, Number.MAX_SAFE_INTEGER);
  const timer = setTimeout(() => frame.remove(), MAX_TIME);
  const stop = effect(() => {
    if (isOpening(session)) return;
    frame.remove();
    clearTimeout(timer);
    queueMicrotask(() => stop());
  });
}

function isOpening(session: ChatSession): boolean {
  const chat = session.chat.value;
  if (!chat) return session.signingIn.value === "yes";
  const conversation = chat.conversations.selected.value;
  if (!conversation || conversation.refused.value) return false;
  const { isLoaded, loading } = conversation.history;
  return !isLoaded.value && loading.value !== "failed";
}
