import { signal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";
import type { Message, MessageFile } from "../../comet/halley.ts";
import type * as filesModule from "../files/files.ts";
import { part } from "../i18n/dictionary.ts";
import type { Chat } from "../state/chat.ts";
import type { Conversation } from "../state/conversation.ts";
import type { PageState } from "../state/page_state.ts";
import { takeUnreadMark } from "../state/unread_marks.ts";
import { type ComposerTools, composerTools } from "./composer_tools.ts";
import { listenForFiles } from "./dropped_files.ts";
import { PathIcon } from "./icons.tsx";
import type { MessageTools } from "./message_item.tsx";
import { PAGE_PATHS } from "./page_icons.ts";
import { PagePart } from "./page_part.ts";
import { boxOf } from "./picture_box.ts";

/** What sends and shows files. */
export const filesPart = new PagePart<typeof filesModule>("files");

const strings = part("files");

/** Files that are attached once the part is loaded, and whether what is in the composer is sent with them. */
interface Attaching {
  readonly conversation: Conversation;
  readonly files: File[];
  isSent?: boolean;
}

const attaching = signal<Attaching>();

/** Sends texts with the files that were attached to their conversation. */
export function fileSending(chat: Chat): ComposerTools {
  return {
    hasMore: (conversation) =>
      attaching.value?.conversation === conversation ||
      (filesPart.value?.attachments.has(conversation.channel) ?? false),
    send: (text, conversation) => {
      const waiting = attaching.peek();
      if (waiting?.conversation === conversation) return waiting.isSent = true;
      // Who writes there has come back to it.
      takeUnreadMark(conversation);
      const references = composerTools.references?.(text, conversation);
      return filesPart.value?.attachments.has(conversation.channel)
        ? filesPart.value.send({ chat, conversation, text, references })
        : conversation.send(text, references);
    },
  };
}

/** Shows the files of messages below their texts. */
export function fileViews(chat: Chat, { content: inner }: MessageTools): MessageTools {
  return {
    content: (message: Message, content: ComponentChildren) => {
      const { files, text, data } = message;
      const shown = inner?.(message, content) ?? content;
      if (!files) return shown;
      return (
        <>
          {(text ?? data) !== undefined && shown}
          <MessageFiles chat={chat} message={message} files={files} />
        </>
      );
    },
  };
}

/** Attaches files to the next message. If that is sent before the part is loaded, it stays in the composer until then. */
async function attach(page: PageState, conversation: Conversation, files: File[]): Promise<void> {
  const waiting = attaching.peek();
  if (waiting?.conversation === conversation) return void waiting.files.push(...files);
  const own: Attaching = attaching.value = { conversation, files };
  const part = await filesPart.load();
  attaching.value = undefined;
  if (!part) return void (page.dialog.value = "failure");
  part.attach(page.chat, conversation, files);
  if (own.isSent && !part.attachments.problemIn(conversation.channel)) {
    composerTools.send?.(conversation.draft.text.peek().trim(), conversation);
  }
}

interface MessageFilesProps {
  readonly chat: Chat;
  readonly message: Message;
  readonly files: readonly MessageFile[];
}

/** Each file has its space before it is loaded, so that nothing moves then. */
function MessageFiles({ chat, message, files }: MessageFilesProps) {
  useEffect(() => void filesPart.load(), []);
  const View = filesPart.value?.FileView;
  return (
    <ul class="files">
      {files.map((file) => (
        <li key={file.id} style={boxOf(file)}>
          {View && <View chat={chat} message={message} file={file} />}
        </li>
      ))}
    </ul>
  );
}

interface FileButtonProps {
  readonly page: PageState;
  readonly conversation: Conversation;
}

/** Lets the person choose files, paste them, or drop them on the conversation. */
export function FileButton({ page, conversation }: FileButtonProps) {
  const field = useRef<HTMLInputElement>(null);
  const onFiles = (files: FileList | null) => {
    if (files?.length) attach(page, conversation, [...files]);
    field.current?.form?.querySelector("textarea")?.focus();
  };
  useEffect(() => {
    const pane = field.current?.closest<HTMLElement>(".conversation");
    if (pane) return listenForFiles(pane, onFiles);
  }, []);
  if (conversation.history.isReadOnly.value) return null;
  return (
    <>
      <input
        ref={field}
        type="file"
        multiple
        hidden
        onChange={({ currentTarget: input }) => {
          onFiles(input.files);
          input.value = "";
        }}
      />
      <button
        type="button"
        class="quiet emoji-button"
        aria-label={strings.value.attach}
        title={strings.value.attach}
        onPointerEnter={() => filesPart.load()}
        onClick={() => field.current?.click()}
      >
        <PathIcon path={PAGE_PATHS.attach} />
      </button>
    </>
  );
}

interface FileTrayProps {
  readonly chat: Chat;
  readonly conversation: Conversation;
}

/** What is attached to the next message, and what is being sent. */
export function FileTray({ chat, conversation }: FileTrayProps) {
  const Tray = filesPart.value?.Tray;
  return Tray ? <Tray chat={chat} conversation={conversation} /> : null;
}
