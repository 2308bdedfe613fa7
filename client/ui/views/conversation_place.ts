import { useLayoutEffect, useMemo } from "preact/hooks";
import type { Conversation } from "../state/conversation.ts";
import type { PageState } from "../state/page_state.ts";
import type { ListPlace } from "./message_list.tsx";

/** How much of the line above the new messages must be visible, in px. */
const LINE_HEIGHT = 24;

/**
 * Keeps the place in a conversation while another one is selected, and leads from the button of the list to the first new
 * message before the end.
 */
export function useConversationPlace(page: PageState, conversation: Conversation): ListPlace {
  useLayoutEffect(() => {
    // Before what is far above is removed from memory.
    page.onLeave = () => conversation.place = placeIn(document.querySelector(".messages"));
    return () => page.onLeave = undefined;
  }, []);
  return useMemo(() => {
    /** The newest message when the button led to the first new one. */
    let jumpedBefore = 0;
    return {
      start(anchor, list) {
        const { place } = conversation;
        const message = place && list.querySelector(`[data-id="${place.id}"]`);
        if (!message) return false;
        list.scrollTop += topIn(list, message) - place.top;
        anchor.isAtEnd = false;
        anchor.restore();
        return true;
      },
      jump(anchor, list) {
        const { unread, readUpTo, newAfter, history, last } = conversation;
        const read = readUpTo.peek() ?? 0;
        if (unread.peek() === 0 || read < jumpedBefore || !history.isLoadedTo(read)) return false;
        jumpedBefore = last.peek()?.id ?? 0;
        const line = list.querySelector(".new-line");
        // The line moves to the first of them, unless the user has not come to it yet.
        if (line && topIn(list, line) > list.clientHeight - LINE_HEIGHT) anchor.show(".new-line");
        else newAfter.value = read;
        return true;
      },
    };
  }, [conversation]);
}

/** The first visible message of a list that is not at its end. */
function placeIn(list: Element | null): Conversation["place"] {
  if (!list || list.scrollHeight - list.scrollTop - list.clientHeight < LINE_HEIGHT) return;
  const messages = list.querySelectorAll("[data-id]");
  const message = [...messages].find((one) => topIn(list, one) >= 0);
  return message && { id: Number(message.getAttribute("data-id")), top: topIn(list, message) };
}

function topIn(list: Element, element: Element): number {
  return element.getBoundingClientRect().top - list.getBoundingClientRect().top;
}
