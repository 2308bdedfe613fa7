import { signal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";
import type { Message } from "../../comet/halley.ts";
import type * as filesModule from "../files/files.ts";
import { part } from "../i18n/dictionary.ts";
import type { Chat } from "../state/chat.ts";
import type { Conversation } from "../state/conversation.ts";
import { type ComposerTools, composerTools } from "./composer_tools.ts";
import { PathIcon } from "./icons.tsx";
import type { MessageTools } from "./message_item.tsx";
import { PAGE_PATHS } from "./page_icons.ts";

type FilesPart = typeof filesModule;
type MessageFile = NonNullable<Message["files"]>[number];

/** What sends and shows files, which is loaded when the first one is wanted. Undefined until then. */
const loaded = signal<FilesPart | undefined>(undefined);

const strings = part("files");

/** The page sets it. */
export const filesLoader: { load?: () => Promise<FilesPart> } = {};

/** The largest size of a picture in a message in pixels; the style sheet says the same of cards. */
const BOX = { width: 320, height: 240 } as const;

export function loadedFiles(): FilesPart | undefined {
  return loaded.peek();
}

export async function loadFiles(): Promise<FilesPart | undefined> {
  try {
    return loaded.value ??= await filesLoader.load?.();
  } catch {
    return undefined; // The network is down, or the server has a new version of the page.
  }
}

/** Sends texts with the files that were attached to their conversation. */
export function fileSending(chat: Chat): ComposerTools {
  return {
    hasMore: ({ channel }) => loaded.value?.attachments.has(channel) ?? false,
    send: (text, conversation) => {
      const references = composerTools.references?.(text, conversation);
      return loaded.value?.attachments.has(conversation.channel)
        ? loaded.value.send({ chat, conversation, text, references })
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

interface MessageFilesProps {
  readonly chat: Chat;
  readonly message: Message;
  readonly files: readonly MessageFile[];
}

/** Each file has its space before it is loaded, so that nothing moves then. */
function MessageFiles({ chat, message, files }: MessageFilesProps) {
  useEffect(() => void loadFiles(), []);
  const View = loaded.value?.FileView;
  return (
    <ul class="files">
      {files.map((file) => (
        <li key={file.id} style={sizeOf(file)}>
          {View && <View chat={chat} message={message} file={file} />}
        </li>
      ))}
    </ul>
  );
}

/** Pictures are made smaller; without dimensions it is a card. */
function sizeOf({ width, height }: MessageFile) {
  if (!width || !height) return {};
  const scale = Math.min(1, BOX.width / width, BOX.height / height);
  return { width: `${Math.max(48, width * scale)}px`, aspectRatio: `${width} / ${height}` };
}

interface FileToolsProps {
  readonly chat: Chat;
  readonly conversation: Conversation;
}

/** Lets the person choose files, paste them, or drop them on the conversation. */
export function FileButton({ chat, conversation }: FileToolsProps) {
  const field = useRef<HTMLInputElement>(null);
  const attach = async (files: FileList | undefined) => {
    const list = [...files ?? []];
    if (list.length > 0) (await loadFiles())?.attach(chat, conversation, list);
    field.current?.form?.querySelector("textarea")?.focus();
  };
  useEffect(() => {
    const pane = field.current?.closest<HTMLElement>(".conversation");
    if (pane) return listenForFiles(pane, attach);
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
          attach(input.files ?? undefined).then(() => input.value = "");
        }}
      />
      <button
        type="button"
        class="quiet emoji-button"
        aria-label={strings.value.attach}
        title={strings.value.attach}
        onPointerEnter={loadFiles}
        onClick={() => field.current?.click()}
      >
        <PathIcon path={PAGE_PATHS.attach} />
      </button>
    </>
  );
}

/** What is attached to the next message, and what is being sent. */
export function FileTray({ chat, conversation }: FileToolsProps) {
  const Tray = loaded.value?.Tray;
  return Tray ? <Tray chat={chat} conversation={conversation} /> : null;
}

/** Calls `onFiles` with what is pasted or dropped in an element. Returns a function that ends this. */
function listenForFiles(pane: HTMLElement, onFiles: (files: FileList) => void): () => void {
  const ended = new AbortController();
  const { signal } = ended;
  const listen = <Name extends keyof HTMLElementEventMap>(
    name: Name,
    listener: (event: HTMLElementEventMap[Name]) => void,
  ) => pane.addEventListener(name, listener, { signal });
  listen("paste", (event) => {
    const { clipboardData } = event;
    // Office programs copy a picture beside each text.
    if (!clipboardData?.files.length || clipboardData.types.includes("text/plain")) return;
    event.preventDefault();
    onFiles(clipboardData.files);
  });
  listen("dragover", (event) => {
    if (!event.dataTransfer?.types.includes("Files")) return;
    event.preventDefault();
    pane.dataset.drop = "";
  });
  const onLeave = () => void delete pane.dataset.drop;
  listen("dragleave", onLeave);
  listen("drop", (event) => {
    onLeave();
    if (!event.dataTransfer?.files.length) return;
    event.preventDefault();
    onFiles(event.dataTransfer.files);
  });
  return () => ended.abort();
}
