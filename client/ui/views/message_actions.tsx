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
    if (bar.current && isCutOff(bar.current)) bar.current.dataset.below = "";
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

/** Whether it is above the visible part of the list. */
function isCutOff(bar: HTMLElement): boolean {
  const top = bar.closest(".messages")?.getBoundingClientRect().top ?? -Infinity;
  return bar.getBoundingClientRect().top < top;
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
