import type { Chat } from "../state/chat.ts";
import type { Conversation } from "../state/conversation.ts";
import { reach, type Reached } from "../state/visit.ts";

/** For how long in ms a message is highlighted. */
const HIGHLIGHT_TIME = 2_000;

export interface ShowMessageOptions {
  readonly chat: Chat;
  /** The one that is shown. */
  readonly conversation: Conversation;
  /** The element with its messages. */
  readonly list: HTMLElement;
}

/** Scrolls to a message, however old it is, gives it the focus and highlights it. Returns what became of that. */
export async function showMessage(
  id: number,
  { chat, conversation, list }: ShowMessageOptions,
): Promise<Reached> {
  let rendering: Promise<void> | undefined;
  const onChanging = () => {
    // The list is not at its end any more.
    list.dispatchEvent(new Event("fold"));
    rendering = nextChange(list);
  };
  const reached = await reach(id, { chat, conversation, onChanging });
  if (reached !== "shown") return reached;
  await rendering;
  const found = list.querySelector<HTMLElement>(`[data-id="${id}"]`);
  if (!found) return "gone";
  found.scrollIntoView({ block: "center" });
  found.focus({ preventScroll: true });
  found.dataset.found = "";
  setTimeout(() => delete found.dataset.found, HIGHLIGHT_TIME);
  return "shown";
}

/** Resolves when the content of an element has changed, before the browser draws it. */
function nextChange(element: HTMLElement): Promise<void> {
  return new Promise((resolve) => {
    const observer = new MutationObserver(() => {
      observer.disconnect();
      resolve();
    });
    observer.observe(element, { childList: true, subtree: true });
  });
}
