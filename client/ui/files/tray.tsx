import { strings as chatStrings } from "../i18n/chat_strings.ts";
import { strings as pageStrings } from "../i18n/page_strings.ts";
import type { Chat } from "../state/chat.ts";
import type { Conversation } from "../state/conversation.ts";
import { PathIcon } from "../views/icons.tsx";
import { type AttachedFile, attachments } from "./attachments.ts";
import { explainRefusal } from "./explain_refusal.ts";
import type { QueuedState } from "./file_queue.ts";
import { strings } from "./files_strings.ts";
import { formatSize } from "./format_size.ts";
import { openQueue, queueOf } from "./queues.ts";

const CLOSE = "m4 4 8 8m0-8-8 8";

interface TrayProps {
  readonly chat: Chat;
  readonly conversation: Conversation;
}

/** Above the composer: messages with files that are being sent, and the files of the next one. */
export function Tray({ chat, conversation: { channel } }: TrayProps) {
  openQueue(chat);
  const queued = queueOf(chat)?.in(channel) ?? [];
  const attached = attachments.in(channel);
  const problem = attachments.problemIn(channel);
  if (queued.length + attached.length === 0 && !problem) return null;
  return (
    <div class="tray">
      {queued.map((message) => <Queued key={message.key} chat={chat} message={message} />)}
      {attached.length > 0 && (
        <ul aria-label={strings.value.attached}>
          {attached.map((file) => <Attached key={file.key} channel={channel} attached={file} />)}
        </ul>
      )}
      {problem && <p class="error-line" role="alert">{problem}</p>}
    </div>
  );
}

interface AttachedProps {
  readonly channel: string;
  readonly attached: AttachedFile;
}

function Attached({ channel, attached: { key, file, url } }: AttachedProps) {
  return (
    <li class="attached">
      {url && <img src={url} alt="" />}
      <span class="file-name" dir="auto">{file.name}</span>
      <small class="hint">{formatSize(file.size)}</small>
      <button
        type="button"
        class="quiet"
        aria-label={strings.value.remove({ name: file.name })}
        onClick={() => attachments.remove(channel, key)}
      >
        <PathIcon path={CLOSE} />
      </button>
    </li>
  );
}

interface QueuedProps {
  readonly chat: Chat;
  readonly message: QueuedState;
}

function Queued({ chat, message }: QueuedProps) {
  const { text, files, progress, problem } = message;
  const { waiting, uploading } = strings.value;
  const queue = queueOf(chat);
  const names = [text, ...files.map(({ name }) => name)].filter(Boolean).join(", ");
  return (
    <div class="queued">
      <span class="file-name" dir="auto">{names}</span>
      {problem !== undefined && <small role="alert">{explainRefusal(problem)}</small>}
      {problem === undefined && progress === undefined && <small class="hint">{waiting}</small>}
      {problem === undefined && progress !== undefined && (
        <progress aria-label={uploading} value={progress} />
      )}
      {problem !== undefined && (
        <button
          type="button"
          class="quiet"
          onClick={() => queue?.retry(message)}
        >
          {chatStrings.value.tryAgain}
        </button>
      )}
      <button type="button" class="quiet" onClick={() => queue?.discard(message)}>
        {problem === undefined ? pageStrings.value.cancel : pageStrings.value.discard}
      </button>
    </div>
  );
}
