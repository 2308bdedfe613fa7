import { useSignal } from "@preact/signals";
import type { Message, MessageFile } from "../../comet/halley.ts";
import type { Chat } from "../state/chat.ts";
import { closeDialog, Dialog } from "../views/dialog.tsx";
import { PathIcon } from "../views/icons.tsx";
import { strings } from "./files_strings.ts";
import { download, useFile } from "./use_file.ts";

const PATHS = {
  previous: "M10 3 5 8l5 5",
  next: "m6 3 5 5-5 5",
  save: "M8 2.5v8M4.5 7.5 8 11l3.5-3.5M3 13.5h10",
  close: "m4 4 8 8m0-8-8 8",
} as const;

interface ViewerProps {
  readonly chat: Chat;
  readonly message: Message;
  /** The first picture that is shown. */
  readonly file: MessageFile;
  readonly onClose: () => void;
}

/** Shows the pictures of a message, one at a time and as large as there is space. */
export function Viewer({ chat, message, file, onClose }: ViewerProps) {
  const shown = useSignal(file);
  const pictures = (message.files ?? []).filter(({ width }) => width !== undefined);
  const index = pictures.findIndex(({ id }) => id === shown.value.id);
  const { name } = shown.value;
  const url = useFile(chat, shown.value);
  const go = (step: number) => shown.value = pictures[index + step] ?? shown.value;
  const onKeyDown = ({ key, currentTarget }: KeyboardEvent) => {
    const isMirrored = currentTarget instanceof Element &&
      getComputedStyle(currentTarget).direction === "rtl";
    if (key === "ArrowLeft") go(isMirrored ? 1 : -1);
    else if (key === "ArrowRight") go(isMirrored ? -1 : 1);
  };
  return (
    <Dialog title={name} onClose={onClose}>
      <div class="viewer" onKeyDown={onKeyDown}>
        <div class="viewer-picture">
          {url && <img src={url} alt={strings.value.picture({ name })} />}
          {url === null && <p role="alert">{strings.value.gone}</p>}
        </div>
        <div class="buttons">
          {index > 0 && (
            <Tool
              label={strings.value.previous}
              path={PATHS.previous}
              onClick={() => go(-1)}
            />
          )}
          {index < pictures.length - 1 && (
            <Tool
              label={strings.value.next}
              path={PATHS.next}
              onClick={() => go(1)}
            />
          )}
          <Tool
            label={strings.value.download({ name })}
            path={PATHS.save}
            onClick={() => download(chat, shown.value)}
          />
          <Tool label={strings.value.close} path={PATHS.close} onClick={closeDialog} />
        </div>
      </div>
    </Dialog>
  );
}

interface ToolProps {
  readonly label: string;
  readonly path: string;
  readonly onClick: (event: Event) => void;
}

function Tool({ label, path, onClick }: ToolProps) {
  return (
    <button type="button" class="quiet" aria-label={label} title={label} onClick={onClick}>
      <PathIcon path={path} />
    </button>
  );
}
