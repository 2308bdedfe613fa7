import { useEffect, useRef } from "preact/hooks";
import { FILES_PER_MESSAGE } from "../../../server/protocol/limits.ts";
import { explainRefusal } from "../../ui/files/explain_refusal.ts";
import { strings } from "../../ui/files/files_strings.ts";
import { isReadable } from "../../ui/files/is_readable.ts";
import { formatSize } from "../../ui/files/format_size.ts";
import { strings as chatStrings } from "../../ui/i18n/chat_strings.ts";
import type { Chat } from "../../ui/state/chat.ts";
import type { Conversation } from "../../ui/state/conversation.ts";
import { listenForFiles } from "../../ui/views/dropped_files.ts";
import { PathIcon } from "../../ui/views/icons.tsx";
import { PAGE_PATHS } from "../../ui/views/page_icons.ts";
import {
  canSendFiles,
  discard,
  retryFiles,
  sendFiles,
  type UnsentFiles,
  unsentFilesIn,
} from "./unsent_files.ts";

const CLOSE = "m4 4 8 8m0-8-8 8";

interface FileToolsProps {
  readonly chat: Chat;
  readonly conversation: Conversation;
}

/** Lets a visitor choose files, paste them, or drop them on the panel, and shows those that are being sent. */
export function FileTools({ chat, conversation }: FileToolsProps) {
  const field = useRef<HTMLInputElement>(null);
  const { fileBytes } = chat.settings.value;
  const canSend = fileBytes !== undefined && !conversation.history.isReadOnly.value &&
    canSendFiles(chat);
  const send = async (files: readonly File[]) => {
    if (files.length > 0) {
      sendFiles(chat, conversation, { files, refusal: await refusalOf(files, chat) });
    }
  };
  useEffect(() => {
    const panel = field.current?.closest<HTMLElement>(".panel");
    if (panel) return listenForFiles(panel, (files) => send([...files]));
  }, [canSend]);
  if (!canSend) return null;
  return (
    <>
      <input
        ref={field}
        type="file"
        multiple
        hidden
        onChange={({ currentTarget: input }) => {
          send([...input.files ?? []]);
          input.value = "";
        }}
      />
      <button
        type="button"
        class="quiet attach"
        aria-label={strings.value.attach}
        title={strings.value.attach}
        onClick={() => field.current?.click()}
      >
        <PathIcon path={PAGE_PATHS.attach} />
      </button>
      {unsentFilesIn(conversation, chat).map((one) => (
        <Unsent
          key={one.message.key}
          unsent={one}
        />
      ))}
    </>
  );
}

function Unsent({ unsent }: { readonly unsent: UnsentFiles }) {
  const { refusal, message: { files, problem } } = unsent;
  const reason = refusal ?? (problem !== undefined && explainRefusal(problem));
  const names = files.map(({ name }) => name).join(", ");
  return (
    <div class="queued">
      <span class="file-name" dir="auto">{names}</span>
      {reason
        ? <small role="alert">{reason}</small>
        : <progress aria-label={strings.value.uploading} />}
      {problem !== undefined && (
        <button
          type="button"
          class="quiet"
          onClick={() => retryFiles(unsent)}
        >
          {chatStrings.value.tryAgain}
        </button>
      )}
      <button
        type="button"
        class="quiet"
        aria-label={strings.value.remove({ name: names })}
        onClick={() => discard(unsent)}
      >
        <PathIcon path={CLOSE} />
      </button>
    </div>
  );
}

/** Which of the files the server would not take, and why. */
async function refusalOf(
  files: readonly File[],
  { settings }: Chat,
): Promise<string | undefined> {
  const { fileBytes = 0 } = settings.peek();
  const { tooLarge, tooMany, damaged } = strings.value;
  const large = files.find(({ size }) => size > fileBytes);
  if (large) return tooLarge({ name: large.name, size: formatSize(fileBytes) });
  if (files.length > FILES_PER_MESSAGE) return tooMany({ count: FILES_PER_MESSAGE });
  const areReadable = await Promise.all(files.map(isReadable));
  return areReadable.includes(false) ? damaged : undefined;
}
