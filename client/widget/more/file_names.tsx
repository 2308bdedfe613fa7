import type { MessageTools } from "../../ui/views/message_item.tsx";

/** Shows the names of the files of messages below their texts. The files themselves are on the page. */
export function fileNames({ content: inner }: MessageTools): MessageTools {
  return {
    content: (message, content) => {
      const { files, text, data } = message;
      const shown = inner?.(message, content) ?? content;
      if (!files) return shown;
      return (
        <>
          {(text ?? data) !== undefined && shown}
          <ul class="file-names">
            {files.map(({ id, name }) => <li key={id} dir="auto">{name}</li>)}
          </ul>
        </>
      );
    },
  };
}
