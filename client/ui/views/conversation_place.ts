import { useLayoutEffect, useMemo } from "preact/hooks";
import type { Conversation } from "../state/conversation.ts";
import type { PageState } from "../state/page_state.ts";
import type { ListPlace } from "./message_list.tsx";
import type { ScrollAnchor } from "./scroll_anchor.ts";

/** How much of the line above the new messages, or of a message, must be visible, in px. */
const LINE_HEIGHT = 24;

/**
 * Keeps the place in a conversation while another one is selected, and leads from the button of the list to the first new
 * message, and to those that are meant for this person, before the end.
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
        scrollTo(message, place.top, { anchor, list });
        return true;
      },
      jump(anchor, list) {
        const { unread, readUpTo, newAfter, history, last } = conversation;
        const read = readUpTo.peek() ?? 0;
        if (unread.peek() === 0 || !history.isLoadedTo(read)) return false;
        if (read < jumpedBefore) {
          const mention = below(list, "[data-mention]").find((one) => idOf(one) > read);
          if (mention) scrollTo(mention, list.clientHeight / 3, { anchor, list });
          return mention !== undefined;
        }
        jumpedBefore = last.peek()?.id ?? 0;
        // The line moves to the first of them, unless the user has not come to it yet.
        if (below(list, ".new-line").length > 0) anchor.show(".new-line");
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
  return message && { id: idOf(message), top: topIn(list, message) };
}

/** What matches `selector` below the visible part of a list. */
function below(list: Element, selector: string): readonly Element[] {
  return [...list.querySelectorAll(selector)]
    .filter((one) => topIn(list, one) > list.clientHeight - LINE_HEIGHT);
}

/** Scrolls a message to a distance in px from the top of its list. */
function scrollTo(
  message: Element,
  top: number,
  { anchor, list }: { readonly anchor: ScrollAnchor; readonly list: Element },
): void {
  list.scrollTop += topIn(list, message) - top;
  anchor.isAtEnd = false;
  anchor.restore();
}

function idOf(message: Element): number {
  return Number(message.getAttribute("data-id"));
}

function topIn(list: Element, element: Element): number {
  return element.getBoundingClientRect().top - list.getBoundingClientRect().top;
}
