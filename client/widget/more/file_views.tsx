import { FileView } from "../../ui/files/file_view.tsx";
import type { Chat } from "../../ui/state/chat.ts";
import type { MessageTools } from "../../ui/views/message_item.tsx";
import { boxOf } from "../../ui/views/picture_box.ts";

/** Shows the files of messages below their texts, as the page does. */
export function fileViews(chat: Chat, { content: inner }: MessageTools): MessageTools {
  return {
    content: (message, content) => {
      const { files, text, data } = message;
      const shown = inner?.(message, content) ?? content;
      if (!files) return shown;
      return (
        <>
          {(text ?? data) !== undefined && shown}
          <ul class="files">
            {files.map((file) => (
              <li key={file.id} style={boxOf(file)}>
                <FileView chat={chat} message={message} file={file} />
              </li>
            ))}
          </ul>
        </>
      );
    },
  };
}
