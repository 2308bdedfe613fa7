import { signal, useSignal } from "@preact/signals";
import { useLayoutEffect, useRef } from "preact/hooks";
import type { Message } from "../../comet/halley.ts";
import { strings as chatStrings } from "../i18n/chat_strings.ts";
import { strings } from "../i18n/tools_strings.ts";
import { conversationOf } from "../state/address.ts";
import { ChangeOutbox } from "../state/change_outbox.ts";
import type { Chat } from "../state/chat.ts";
import { newestFirst } from "../state/chunks.ts";
import { clockOffset } from "../state/clock_offset.ts";
import { isContact } from "../state/contact.ts";
import { composerTools } from "./composer_tools.ts";
import { canEditUnsent, editUnsent } from "./unsent_notice.tsx";
import { ContactMessage } from "./contact_message.tsx";
import { PathIcon } from "./icons.tsx";
import { MessageActions } from "./message_actions.tsx";
import { type MessageTools, messageTools } from "./message_item.tsx";
import { MessageText } from "./message_text.tsx";
import { PAGE_PATHS } from "./page_icons.ts";
import { canReact, ReactAction, Reactions } from "./reactions.tsx";
import { isSendKey } from "./send_key.ts";
import { UnconfirmedChanges } from "./unconfirmed_changes.tsx";

/** The id of the message that is being edited. */
const editedId = signal<number>();

/** The text of that edit: it is kept while another conversation is selected. */
let editedText: string | undefined;

/** What has the focus again after the edit; by default the message. */
let focusedBefore: HTMLElement | undefined;

/** The changes of the chat that was opened last. */
let changesOf: { readonly chat: Chat; readonly changes: ChangeOutbox } | undefined;

/** The number of changes of messages that the server has not confirmed. Can be read by views. */
export function countUnsentChanges(chat: Chat): number {
  return changesOf?.chat === chat ? changesOf.changes.entries.value.length : 0;
}

/**
 * What can be done with messages: own ones can be edited and deleted for as long as the server allows, and all of a room by
 * whoever may administer it.
 */
export function editingTools(chat: Chat): MessageTools {
  const isOwn = ({ from }: Message) => from?.publicToken === chat.self.publicToken;
  const canChange = (message: Message) =>
    chat.conversations.find(conversationOf(message.channel))?.history.mayAdminister.value ||
    isOwn(message) && Date.now() + clockOffset.value - message.at < chat.settings.value.editTime;
  const changes = new ChangeOutbox(chat);
  changesOf = { chat, changes };
  editedId.value = editedText = undefined;
  const edit = (message: Message, text: string) => {
    const conversation = chat.conversations.find(conversationOf(message.channel));
    const references = conversation &&
      composerTools.references?.(text, conversation, message.mentions);
    changes.change(message, { text, ...references });
  };
  return {
    // ↑ edits the newest own message.
    onKey: (event, conversation) => {
      const { history, pending } = conversation;
      if (event.key !== "ArrowUp" || hasModifier(event)) return;
      const unsent = pending.peek().findLast(({ state }) => state !== "arrived");
      if (unsent) {
        event.preventDefault();
        if (canEditUnsent(unsent)) editUnsent(unsent, conversation);
        return;
      }
      const message = [...newestFirst(history.chunks.peek())]
        .find((one) => isOwn(one) && one.text !== undefined);
      if (!message || !canChange(message)) return;
      event.preventDefault();
      beginEdit(message, event.currentTarget);
    },
    content: (message, content) => {
      const shown = changes.present(message);
      const { text, data } = shown;
      if (editedId.value === message.id) {
        return (
          <EditField
            message={shown}
            confirmLabel={confirmLabel(message, isOwn(message))}
            onSave={(text) => text ? edit(message, text) : changes.change(message, {})}
          />
        );
      }
      if (text !== undefined && text !== message.text) {
        return <MessageText text={text} showSpans={messageTools.spans?.(shown)} />;
      }
      return isContact(data) ? <ContactMessage contact={data} /> : content;
    },
    footer: (message, conversation) => (
      <>
        <UnconfirmedChanges changes={changes} message={message} />
        <Reactions
          conversation={conversation}
          message={changes.present(message)}
          onReact={(emoji, on) => changes.change(message, { emoji, on })}
        />
      </>
    ),
    actions: (message, conversation) => (
      <MessageActions conversation={conversation} message={message}>
        {canReact(conversation) && (
          <ReactAction
            conversation={conversation}
            message={changes.present(message)}
            onReact={(emoji, on) => changes.change(message, { emoji, on })}
          />
        )}
        {canChange(message) && (
          <ChangeActions
            message={message}
            isOwn={isOwn(message)}
            onDelete={() => changes.change(message, {})}
          />
        )}
        {messageTools.pageActions?.(message, conversation)}
      </MessageActions>
    ),
  };
}

interface ChangeActionsProps {
  readonly message: Message;
  readonly isOwn: boolean;
  readonly onDelete: () => void;
}

function ChangeActions({ message, isOwn, onDelete }: ChangeActionsProps) {
  const isAsked = useSignal(false);
  const labels = strings.value;
  const label = isAsked.value ? confirmLabel(message, isOwn) : labels.delete;
  const remove = () => {
    if (isAsked.value) onDelete();
    else isAsked.value = true;
  };
  return (
    <>
      {message.text !== undefined && (
        <button
          type="button"
          onClick={() => beginEdit(message)}
        >
          <PathIcon path={PAGE_PATHS.edit} /> {labels.edit}
        </button>
      )}
      <button type="button" onClick={remove}>
        <PathIcon path={PAGE_PATHS.delete} /> <span aria-live="polite">{label}</span>
      </button>
    </>
  );
}

function confirmLabel({ from, as }: Message, isOwn: boolean): string {
  const { confirmDelete, confirmDeleteOf } = strings.value;
  if (isOwn) return confirmDelete;
  return confirmDeleteOf({ name: (from ?? as)?.displayName ?? chatStrings.value.system });
}

interface EditFieldProps {
  readonly message: Message;
  readonly confirmLabel: string;
  /** Called with the changed text; an empty one, which the user has confirmed, deletes the message. */
  readonly onSave: (text: string) => void;
}

function beginEdit({ id }: Message, focused?: HTMLElement): void {
  focusedBefore = focused;
  if (editedId.peek() !== id) editedText = undefined;
  editedId.value = id;
}

/** The text of a message while it is edited. Enter saves or breaks the line as in the composer, Escape cancels. */
function EditField({ message, confirmLabel, onSave }: EditFieldProps) {
  const { text = "" } = message;
  const isAsked = useSignal(false);
  const field = useRef<HTMLTextAreaElement>(null);
  useLayoutEffect(() => {
    const { current } = field;
    current?.focus();
    current?.setSelectionRange(current.value.length, current.value.length);
  }, []);
  const close = () => {
    const item = field.current?.closest<HTMLElement>(".message");
    editedId.value = editedText = undefined;
    (focusedBefore?.isConnected ? focusedBefore : item)?.focus();
    focusedBefore = undefined;
  };
  const save = () => {
    const edited = field.current?.value.trim() ?? "";
    if (!edited && text && !isAsked.value) {
      isAsked.value = true;
      return;
    }
    if (edited !== text) onSave(edited);
    close();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    // The list moves its focus with the arrow keys.
    event.stopPropagation();
    if (event.key === "Escape") close();
    if (!isSendKey(event)) return;
    event.preventDefault();
    // A key that is held down confirms nothing.
    if (!event.repeat) save();
  };
  const { editMessage, save: saveLabel, cancel } = strings.value;
  return (
    <div class="edit">
      <textarea
        ref={field}
        dir="auto"
        aria-label={editMessage}
        defaultValue={editedText ?? text}
        onInput={({ currentTarget }) => {
          editedText = currentTarget.value;
          isAsked.value = false;
        }}
        onKeyDown={onKeyDown}
      />
      <button type="button" class="primary" onClick={save}>
        <span aria-live="polite">{isAsked.value ? confirmLabel : saveLabel}</span>
      </button>
      <button type="button" class="quiet" onClick={close}>{cancel}</button>
    </div>
  );
}

function hasModifier({ altKey, ctrlKey, metaKey, shiftKey }: KeyboardEvent): boolean {
  return altKey || ctrlKey || metaKey || shiftKey;
}
