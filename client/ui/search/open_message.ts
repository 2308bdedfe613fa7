import type { Message } from "../../comet/halley.ts";
import { conversationOf, shortAddress } from "../state/address.ts";
import type { PageState } from "../state/page_state.ts";
import type { Reached } from "../state/visit.ts";
import { showMessage } from "../views/show_message.ts";

/** Selects the conversation of a message, and shows the message there. Returns what became of that. */
export async function openMessage(
  page: PageState,
  { id, channel }: Pick<Message, "id" | "channel">,
): Promise<Reached> {
  const { chat, pane } = page;
  const wanted = conversationOf(channel);
  const isSearching = pane.peek() === "search";
  page.go(shortAddress(wanted, chat.self.publicToken));
  await rendered();
  const conversation = chat.conversations.selected.peek();
  const list = document.querySelector<HTMLElement>(".messages");
  if (!list || conversation?.channel !== wanted) return "failed";
  const reached = await showMessage(id, { chat, conversation, list });
  // On a narrow screen, the search says why.
  if (reached !== "shown" && isSearching && pane.peek() === "conversation") pane.value = "search";
  return reached;
}

/** Resolves when the views show what has changed. */
export function rendered(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve));
}
