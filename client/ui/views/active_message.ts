import { useComputed, useSignal } from "@preact/signals";
import type { RefObject, TargetedEvent } from "preact";

/** Which message of a list is pointed at, by mouse, finger or keyboard; and what the list must listen to for that. */
export function useActiveMessage(list: RefObject<HTMLElement | null>) {
  const hovered = useSignal<number | undefined>(undefined);
  const focused = useSignal<number | undefined>(undefined);
  const current = useComputed(() => hovered.value ?? focused.value);
  const pointing = {
    onPointerOver: (event: PointerEvent) => {
      if (event.pointerType === "mouse") hovered.value = idAt(event.target);
    },
    onPointerLeave: () => hovered.value = undefined,
    onFocusIn: (event: FocusEvent) => focused.value = idAt(event.target),
    // Between two places of one message it stays pointed at: its actions must not go while they are clicked on.
    onFocusOut: (event: FocusEvent) => focused.value = idAt(event.relatedTarget),
    onKeyDown: (event: TargetedEvent<HTMLElement, KeyboardEvent>) => {
      if (event.key !== "ArrowUp" && event.key !== "ArrowDown") return;
      const messages = [...list.current?.querySelectorAll<HTMLElement>("[data-id]") ?? []];
      const step = event.key === "ArrowUp" ? -1 : 1;
      const now = messages.findIndex((one) =>
        one.getAttribute("data-id") === String(focused.value)
      );
      const next = now < 0 ? lastInSight(messages, list.current) : messages[now + step];
      if (!next) return;
      event.preventDefault();
      hovered.value = undefined;
      next.focus();
    },
  };
  return { current, pointing };
}

function idAt(target: EventTarget | null): number | undefined {
  const message = target instanceof Element ? target.closest("[data-id]") : null;
  return message ? Number(message.getAttribute("data-id")) : undefined;
}

function lastInSight(messages: readonly HTMLElement[], list: HTMLElement | null) {
  const bottom = list?.getBoundingClientRect().bottom ?? 0;
  return messages.findLast((message) => message.getBoundingClientRect().top < bottom);
}
