import { useComputed, useSignal } from "@preact/signals";
import type { RefObject, TargetedEvent } from "preact";

/**
 * Tracks which message of a list is under the mouse or has the focus: that one shows its actions. Arrow keys move the
 * focus between messages. `handlers` go on the list's element; `activeId` is the message's id.
 */
export function useActiveMessage(list: RefObject<HTMLElement | null>) {
  const hovered = useSignal<number>();
  const focused = useSignal<number>();
  const activeId = useComputed(() => hovered.value ?? focused.value);
  const handlers = {
    onPointerOver: (event: PointerEvent) => {
      if (event.pointerType === "mouse") hovered.value = idAt(event.target);
    },
    onPointerLeave: () => hovered.value = undefined,
    onFocusIn: (event: FocusEvent) => focused.value = idAt(event.target),
    // While the focus moves inside a message, it stays active: its buttons must not disappear during a click.
    onFocusOut: (event: FocusEvent) => focused.value = idAt(event.relatedTarget),
    onKeyDown: (event: TargetedEvent<HTMLElement, KeyboardEvent>) => {
      if (event.key !== "ArrowUp" && event.key !== "ArrowDown") return;
      const messages = [...list.current?.querySelectorAll<HTMLElement>("[data-id]") ?? []];
      const step = event.key === "ArrowUp" ? -1 : 1;
      const index = messages.findIndex((message) => idAt(message) === focused.value);
      const next = index < 0 ? lastVisible(messages, list.current) : messages[index + step];
      if (!next) return;
      event.preventDefault();
      hovered.value = undefined;
      next.focus();
    },
  };
  return { activeId, handlers };
}

function idAt(target: EventTarget | null): number | undefined {
  const message = target instanceof Element && target.closest("[data-id]");
  return message ? Number(message.getAttribute("data-id")) : undefined;
}

function lastVisible(messages: readonly HTMLElement[], list: HTMLElement | null) {
  const bottom = list?.getBoundingClientRect().bottom ?? 0;
  return messages.findLast((message) => message.getBoundingClientRect().top < bottom);
}
