import { signal, useSignal } from "@preact/signals";
import { useLayoutEffect, useRef } from "preact/hooks";
import type { Message } from "../../comet/halley.ts";
import { strings as chatStrings } from "../i18n/chat_strings.ts";
import { strings } from "../i18n/tools_strings.ts";
import { conversationOf } from "../state/address.ts";
import type { Chat } from "../state/chat.ts";
import { clockOffset } from "../state/clock_offset.ts";
import { isContact } from "../state/contact.ts";
import { composerTools } from "./composer_tools.ts";
import { ContactMessage } from "./contact_message.tsx";
import { PathIcon } from "./icons.tsx";
import { MessageActions } from "./message_actions.tsx";
import type { MessageTools } from "./message_item.tsx";
import { PAGE_PATHS } from "./page_icons.ts";

/** The id of the message that is being edited. */
const editedId = signal<number | undefined>(undefined);

/**
 * What can be done with messages: own ones can be edited and deleted for as long as the server allows, and all of a room by
 * whoever may administer it.
 */
export function editingTools(chat: Chat): MessageTools {
  const isOwn = ({ from }: Message) => from?.publicToken === chat.self.publicToken;
  const canChange = (message: Message) =>
    chat.conversations.find(conversationOf(message.channel))?.history.mayAdminister.value ||
    isOwn(message) && Date.now() + clockOffset.value - message.at < chat.settings.value.editTime;
  const change = async ({ id, channel }: Message, text?: string) => {
    if (!text) return await chat.client.change(id);
    const conversation = chat.conversations.find(conversationOf(channel));
    const references = conversation && composerTools.references?.(text, conversation);
    await chat.client.change(id, { text, ...references });
  };
  return {
    content: (message, content) => {
      if (editedId.value === message.id) return <EditField message={message} change={change} />;
      const { data } = message;
      return isContact(data) ? <ContactMessage contact={data} /> : content;
    },
    actions: (message, conversation) => (
      <MessageActions conversation={conversation} message={message}>
        {canChange(message) && (
          <ChangeActions message={message} change={change} isOwn={isOwn(message)} />
        )}
      </MessageActions>
    ),
  };
}

interface ChangeProps {
  readonly message: Message;
  /** Edits a message, or deletes it without a text. Throws if the server cannot be reached or does not allow it. */
  readonly change: (message: Message, text?: string) => Promise<void>;
}

function ChangeActions({ message, change, isOwn }: ChangeProps & { readonly isOwn: boolean }) {
  const { id, text, from, as } = message;
  const step = useSignal<"delete" | "confirmDelete" | "changeFailed">("delete");
  const { system } = chatStrings.value;
  const { confirmDeleteOf, ...labels } = strings.value;
  const label = step.value === "confirmDelete" && !isOwn
    ? confirmDeleteOf((from ?? as)?.displayName ?? system)
    : labels[step.value];
  const remove = () => {
    if (step.value === "delete") step.value = "confirmDelete";
    else change(message).catch(() => step.value = "changeFailed");
  };
  return (
    <>
      {text !== undefined && (
        <button type="button" onClick={() => editedId.value = id}>
          <PathIcon path={PAGE_PATHS.edit} /> {labels.edit}
        </button>
      )}
      <button type="button" onClick={remove}>
        <PathIcon path={PAGE_PATHS.delete} /> <span aria-live="polite">{label}</span>
      </button>
    </>
  );
}

/** The text of a message while it is edited. Enter saves, Shift+Enter breaks the line, Escape cancels. */
function EditField({ message, change }: ChangeProps) {
  const { text = "" } = message;
  const field = useRef<HTMLTextAreaElement>(null);
  const hasFailed = useSignal(false);
  useLayoutEffect(() => field.current?.focus(), []);
  const close = () => {
    const message = field.current?.closest<HTMLElement>(".message");
    editedId.value = undefined;
    message?.focus();
  };
  const save = async () => {
    const edited = field.current?.value.trim();
    try {
      if (edited && edited !== text) await change(message, edited);
      close();
    } catch {
      hasFailed.value = true;
    }
  };
  const onKeyDown = (event: KeyboardEvent) => {
    // The list moves its focus with the arrow keys.
    event.stopPropagation();
    if (event.key === "Escape") close();
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    save();
  };
  const { editMessage, save: saveLabel, cancel, changeFailed } = strings.value;
  return (
    <div class="edit">
      <textarea
        ref={field}
        dir="auto"
        aria-label={editMessage}
        defaultValue={text}
        onKeyDown={onKeyDown}
      />
      {hasFailed.value && <p class="error-line" role="alert">{changeFailed}</p>}
      <button type="button" class="primary" onClick={save}>{saveLabel}</button>
      <button type="button" class="quiet" onClick={close}>{cancel}</button>
    </div>
  );
}
