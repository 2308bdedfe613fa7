import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import type { Message, MessageFile } from "../../comet/halley.ts";
import type { Chat } from "../state/chat.ts";
import { PathIcon } from "../views/icons.tsx";
import { strings } from "./files_strings.ts";
import { formatSize } from "./format_size.ts";
import { download, useFile } from "./use_file.ts";
import { Viewer } from "./viewer.tsx";

/** A picture without a thumbnail is shown itself if it has at most this size in bytes; a larger one is a card. */
const SHOWN_BYTES = 500_000;

const PAPER = "M4 2.5h5l3 3v8H4zM9 2.5v3h3";

interface FileViewProps {
  readonly chat: Chat;
  readonly message: Message;
  readonly file: MessageFile;
}

/** A file of a message: a picture, which leads to the whole one, or a card to download it. */
export function FileView({ chat, message, file }: FileViewProps) {
  const isBroken = useSignal(false);
  const isPicture = file.width !== undefined && (file.thumbnail || file.size <= SHOWN_BYTES);
  const onBroken = () => isBroken.value = true;
  return isPicture && !isBroken.value
    ? <Picture chat={chat} message={message} file={file} onBroken={onBroken} />
    : <Card chat={chat} file={file} />;
}

interface PictureProps extends FileViewProps {
  /** Called if the browser cannot show it, or may not: the widget is on pages with policies of their own. */
  readonly onBroken: () => void;
}

function Picture({ chat, message, file, onBroken }: PictureProps) {
  const button = useRef<HTMLButtonElement>(null);
  const isOpen = useSignal(false);
  const isVisible = useSignal(false);
  const { name, thumbnail = false } = file;
  const url = useFile(chat, file, { isWanted: isVisible.value, thumbnail });
  useEffect(() => {
    // What is far from the view is not loaded, and is not held in memory.
    const observer = new IntersectionObserver(
      ([entry]) => isVisible.value = entry?.isIntersecting ?? false,
      { rootMargin: "800px" },
    );
    if (button.current) observer.observe(button.current);
    return () => observer.disconnect();
  }, []);
  return (
    <>
      <button
        ref={button}
        type="button"
        class="picture-button"
        tabIndex={-1}
        aria-label={strings.value.show({ name })}
        onClick={() => isOpen.value = true}
      >
        {url && <img src={url} alt={strings.value.picture({ name })} onError={onBroken} />}
        {url === null && <small>{strings.value.gone}</small>}
      </button>
      {isOpen.value && (
        <Viewer
          chat={chat}
          message={message}
          file={file}
          onClose={() => isOpen.value = false}
        />
      )}
    </>
  );
}

function Card({ chat, file }: Pick<FileViewProps, "chat" | "file">) {
  const { name, size } = file;
  const hasFailed = useSignal(false);
  const hint = hasFailed.value ? strings.value.gone : formatSize(size);
  const onClick = async () => {
    hasFailed.value = !await download(chat, file);
  };
  return (
    <button
      type="button"
      class="file-card"
      tabIndex={-1}
      aria-label={`${strings.value.download({ name })} ${hint}`}
      onClick={onClick}
    >
      <PathIcon path={PAPER} />
      <span class="file-name" dir="auto">{name}</span> <small class="hint">{hint}</small>
    </button>
  );
}
