import { useSignal } from "@preact/signals";
import { useEffect, useLayoutEffect, useRef } from "preact/hooks";
import type { Message, Person } from "../../comet/halley.ts";
import { strings as chatStrings } from "../i18n/chat_strings.ts";
import { formatDateTime } from "../i18n/format_time.ts";
import { strings as pageStrings } from "../i18n/page_strings.ts";
import { strings } from "../i18n/tools_strings.ts";
import { textOf } from "../state/contact.ts";
import type { Conversation } from "../state/conversation.ts";
import { shownMessage } from "../state/visit.ts";
import { closeDialog, Dialog } from "./dialog.tsx";
import { messageTools } from "./message_item.tsx";
import { watchGestures } from "./touch_gestures.ts";

interface MessageTouchProps {
  readonly conversation: Conversation;
}

/** What fingers do with messages: a long press opens a sheet with the actions, a swipe replies. */
export function MessageTouch({ conversation }: MessageTouchProps) {
  const pressed = useSignal<Message>();
  useEffect(() =>
    watchGestures({
      onLongPress: (id) => pressed.value = shownMessage(conversation, id),
      canSwipe: () => conversation.kind !== "notices" && !conversation.history.isReadOnly.peek(),
      onSwipe: (id) => conversation.draft.replyTo(shownMessage(conversation, id)),
    }), [conversation]);
  const onClose = () => pressed.value = undefined;
  return pressed.value
    ? <MessageSheet conversation={conversation} message={pressed.value} onClose={onClose} />
    : null;
}

interface MessageSheetProps extends MessageTouchProps {
  readonly message: Message;
  readonly onClose: () => void;
}

/** The actions of a message in a sheet. It is closed when one was chosen, and when the message has changed. */
function MessageSheet({ conversation, message, onClose }: MessageSheetProps) {
  const actions = useRef<HTMLDivElement>(null);
  const { from, as, at } = message;
  const current = shownMessage(conversation, message.id);
  useLayoutEffect(() => {
    if (current !== message) actions.current?.closest("dialog")?.close();
  }, [current]);
  // Before the action, which may focus a field: nothing outside of an open dialog takes the focus.
  const closeFirst = (event: MouseEvent) => {
    const button = event.target instanceof Element && event.target.closest("button");
    // The others ask or report something first.
    if (button && !button.matches(":has([aria-live]), [aria-expanded], [aria-haspopup]")) {
      closeDialog(event);
    }
  };
  const author = (from ?? as)?.displayName ?? chatStrings.value.system;
  return (
    <Dialog title={author} isSheet onClose={onClose}>
      <p class="hint">{formatDateTime(at)}</p>
      <p class="excerpt" dir="auto">{textOf(message)}</p>
      <div ref={actions} class="sheet-actions" onClickCapture={closeFirst}>
        {messageTools.actions?.(message, conversation)}
      </div>
      <DirectButton author={from} conversation={conversation} />
      <button type="button" class="secondary" onClick={closeDialog}>{strings.value.cancel}</button>
    </Dialog>
  );
}

interface DirectButtonProps {
  readonly author: Person | undefined;
  readonly conversation: Conversation;
}

/** Leads from a room to the direct conversation with an author. */
function DirectButton({ author, conversation }: DirectButtonProps) {
  const { kind, self } = conversation;
  // Only the page leads to another conversation.
  if (!messageTools.openAuthor) return null;
  if (!author || kind !== "room" || author.publicToken === self.publicToken) return null;
  const onClick = (event: MouseEvent) => {
    closeDialog(event);
    messageTools.openAuthor?.(author);
  };
  return (
    <button type="button" class="secondary" onClick={onClick}>
      {pageStrings.value.messagePerson({ name: author.displayName })}
    </button>
  );
}
