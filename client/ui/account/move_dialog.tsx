import { useSignal } from "@preact/signals";
import { useEffect, useMemo, useRef } from "preact/hooks";
import { generate } from "lean-qr";
import type { Transfer } from "../../comet/halley.ts";
import { formatTime } from "../i18n/format_time.ts";
import type { Chat } from "../state/chat.ts";
import { closeDialog, Dialog } from "../views/dialog.tsx";
import { copyText } from "../views/message_actions.tsx";
import { describeFailure, strings } from "./account_strings.ts";

interface MoveDialogProps {
  readonly chat: Chat;
  readonly onClose: () => void;
}

/** Shows a link that continues the session of a guest on another device. */
export function MoveDialog({ chat, onClose }: MoveDialogProps) {
  const field = useRef<HTMLInputElement>(null);
  const frame = useRef<HTMLDivElement>(null);
  const transfer = useSignal<Transfer>();
  const failure = useSignal("");
  const isCopied = useSignal(false);
  const create = async () => {
    failure.value = "";
    try {
      transfer.value = await chat.client.createTransfer();
    } catch (error) {
      failure.value = describeFailure(error);
    }
  };
  useEffect(() => void create(), []);
  const link = transfer.value && linkOf(transfer.value);
  const copy = async () => {
    isCopied.value = link !== undefined && frame.current !== null &&
      await copyText(link, frame.current);
  };
  const { otherDevice, moveHint, moveLink, validUntil, creating, copyAll, copied, done, tryAgain } =
    strings.value;
  return (
    <Dialog title={otherDevice} onClose={onClose}>
      <p>{moveHint}</p>
      {link === undefined
        ? failure.value
          ? <p class="error-line" role="alert">{failure.value}</p>
          : <p class="hint" role="status">{creating}</p>
        : (
          <div ref={frame} class="fields" tabIndex={-1}>
            <QrCode text={link} label={moveLink} />
            <label for="move-link">{moveLink}</label>
            <input
              id="move-link"
              ref={field}
              dir="ltr"
              readOnly
              value={link}
              onFocus={(event) => event.currentTarget.select()}
            />
            <p class="hint">{validUntil({ time: formatTime(transfer.value?.expires ?? 0) })}</p>
          </div>
        )}
      <div class="buttons">
        <button type="button" class="secondary" autofocus onClick={closeDialog}>{done}</button>
        {link !== undefined && (
          <button type="button" class="primary" onClick={copy}>
            <span aria-live="polite">{isCopied.value ? copied : copyAll}</span>
          </button>
        )}
        {failure.value && <button type="button" class="primary" onClick={create}>{tryAgain}
        </button>}
      </div>
    </Dialog>
  );
}

/** The code is in the fragment, which browsers send to no server. */
function linkOf({ code }: Transfer): string {
  return `${location.origin}${location.pathname}#move=${code}`;
}

/** Number of light modules around the code, as its standard demands. */
const QUIET_ZONE = 4;

function QrCode({ text, label }: { readonly text: string; readonly label: string }) {
  const { path, size } = useMemo(() => drawCode(text), [text]);
  return (
    <svg class="qr" viewBox={`0 0 ${size} ${size}`} role="img" aria-label={label}>
      <path d={path} />
    </svg>
  );
}

function drawCode(text: string): { readonly path: string; readonly size: number } {
  const code = generate(text);
  let path = "";
  for (let y = 0; y < code.size; y++) {
    for (let x = 0; x < code.size; x++) {
      if (code.get(x, y)) path += `M${x + QUIET_ZONE} ${y + QUIET_ZONE}h1v1h-1z`;
    }
  }
  return { path, size: code.size + 2 * QUIET_ZONE };
}
