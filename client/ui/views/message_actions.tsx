import { useSignal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";
import type { Message } from "../../comet/halley.ts";
import { strings } from "../i18n/tools_strings.ts";
import { textOf } from "../state/contact.ts";
import type { Conversation } from "../state/conversation.ts";
import { Icon, PathIcon } from "./icons.tsx";
import { PAGE_PATHS } from "./page_icons.ts";

interface MessageActionsProps {
  readonly conversation: Conversation;
  readonly message: Message;
  /** Further actions. */
  readonly children?: ComponentChildren;
}

/** What can be done with a message: the bar beside it. */
export function MessageActions({ conversation, message, children }: MessageActionsProps) {
  const bar = useRef<HTMLDivElement>(null);
  const isCopied = useSignal(false);
  const text = textOf(message);
  const canReply = conversation.kind !== "notices" && !conversation.history.isReadOnly.value;
  const { reply, copy, copied } = strings.value;
  const onCopy = async () => {
    const item = bar.current?.closest<HTMLElement>(".message, dialog");
    isCopied.value = item ? await copyText(text, item) : false;
  };
  useLayoutEffect(() => {
    if (bar.current) keepVisible(bar.current);
  }, []);
  return (
    <div ref={bar} class="message-actions">
      {canReply && (
        <button
          type="button"
          class="reply-button"
          onClick={() => conversation.draft.replyTo(message)}
        >
          <PathIcon path={PAGE_PATHS.reply} /> {reply}
        </button>
      )}
      <button type="button" onClick={onCopy}>
        {isCopied.value ? <Icon name="sent" /> : <PathIcon path={PAGE_PATHS.copy} />}{" "}
        <span aria-live="polite">{isCopied.value ? copied : copy}</span>
      </button>
      {children}
    </div>
  );
}

/** Moves it, if it is above the visible part of the list: below the message, or to the top of what is visible of that. */
function keepVisible(bar: HTMLElement): void {
  const list = bar.closest(".messages")?.getBoundingClientRect();
  const message = bar.closest(".message")?.getBoundingClientRect();
  const { top, height } = bar.getBoundingClientRect();
  if (!list || !message || top >= list.top) return;
  if (message.bottom + height <= list.bottom) bar.dataset.below = "";
  else bar.style.insetBlock = `${list.top - message.top}px auto`;
}

/** Copies a text to the clipboard; returns false if the browser forbids that. */
export async function copyText(text: string, item: HTMLElement): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return copyBySelection(text, item); // Pages without HTTPS have no clipboard API.
  }
}

function copyBySelection(text: string, item: HTMLElement): boolean {
  const field = document.createElement("textarea");
  field.value = text;
  field.className = "visually-hidden";
  item.append(field);
  field.select();
  const isCopied = document.execCommand("copy");
  field.remove();
  item.focus();
  return isCopied;
}
