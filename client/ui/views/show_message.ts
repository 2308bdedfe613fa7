import type { Chat } from "../state/chat.ts";
import type { Conversation } from "../state/conversation.ts";
import { reach, type Reached } from "../state/visit.ts";

/** For how long in ms a message is highlighted. */
const HIGHLIGHT_TIME = 2_000;

/** A list shows what has changed within this time in ms, or not at all. */
const RENDER_TIME = 500;

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
  // The list is not at its end any more.
  const onChanging = () => list.dispatchEvent(new Event("fold"));
  const reached = await reach(id, { chat, conversation, onChanging });
  if (reached !== "shown") return reached;
  const find = () => list.querySelector<HTMLElement>(`[data-id="${id}"]`);
  if (!find()) await nextChange(list);
  const found = find();
  if (!found) return "gone";
  found.scrollIntoView({ block: "center" });
  found.focus({ preventScroll: true });
  found.dataset.found = "";
  setTimeout(() => delete found.dataset.found, HIGHLIGHT_TIME);
  return "shown";
}

/** Resolves when the content of an element has changed, before the browser draws it; or when nothing will change. */
function nextChange(element: HTMLElement): Promise<void> {
  return new Promise((resolve) => {
    const end = () => {
      observer.disconnect();
      clearTimeout(timer);
      resolve();
    };
    const observer = new MutationObserver(end);
    const timer = setTimeout(end, RENDER_TIME);
    observer.observe(element, { childList: true, subtree: true });
  });
}
