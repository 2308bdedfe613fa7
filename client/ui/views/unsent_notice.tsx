import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { strings as chatStrings } from "../i18n/chat_strings.ts";
import { formatAgo } from "../i18n/format_time.ts";
import { refusals } from "../i18n/refusals.ts";
import { strings } from "../i18n/tools_strings.ts";
import { clockOffset } from "../state/clock_offset.ts";
import type { Conversation } from "../state/conversation.ts";
import type { PendingMessage } from "../state/outbox.ts";
import { takeBack } from "../state/take_back.ts";
import { composerTools } from "./composer_tools.ts";

/** Time in ms after which a message that is still being sent can be taken back. */
const PATIENCE = 3_000;

interface UnsentNoticeProps {
  readonly conversation: Conversation;
  readonly message: PendingMessage;
}

/** Says why a message is not sent, and offers to send, edit or discard it. */
export function UnsentNotice({ conversation, message }: UnsentNoticeProps) {
  const isSlow = useIsSlow(message);
  if (message.state !== "waiting") return <Failure {...{ conversation, message }} />;
  return isSlow && (
    <div class="failed">
      <span class="choices">
        <WaysOut {...{ conversation, message }} />
      </span>
    </div>
  );
}

function Failure({ conversation, message }: UnsentNoticeProps) {
  const { state, problem, at } = message;
  const { sendFailed, recipientSignedOut, answeredGone, expired } = strings.value;
  const { sendNow, sendWithoutReply } = strings.value;
  // Sending again cannot succeed: that session does not exist any more.
  const isFinal = problem?.code === "unknown_recipient";
  const isAnsweredGone = problem?.code === "not_found";
  const reason = isFinal
    ? recipientSignedOut
    : isAnsweredGone
    ? answeredGone
    : problem
    ? refusals.explain?.(problem.code) ?? ""
    : "";
  const label = state === "old"
    ? sendNow
    : isAnsweredGone
    ? sendWithoutReply
    : chatStrings.value.tryAgain;
  const retry = () => conversation.outbox.retry(isAnsweredGone ? withoutReply(message) : message);
  return (
    <div class="failed" role="alert">
      <span>
        {state === "old"
          ? expired({ ago: formatAgo(at + clockOffset.value) })
          : `${sendFailed} ${reason}`}
      </span>
      <span class="choices">
        {!isFinal && <button type="button" class="quiet" onClick={retry}>{label}</button>}
        <WaysOut {...{ conversation, message }} />
      </span>
    </div>
  );
}

/** Edits the message in the composer, or discards it. */
function WaysOut({ conversation, message }: UnsentNoticeProps) {
  const { edit, discard } = strings.value;
  const onEdit = ({ currentTarget }: Event) => {
    const root = currentTarget instanceof Element && currentTarget.getRootNode();
    editUnsent(message, conversation);
    if (root instanceof Document || root instanceof ShadowRoot) {
      root.querySelector<HTMLElement>(".composer textarea")?.focus();
    }
  };
  return (
    <>
      {!conversation.history.isReadOnly.value && (
        <button type="button" class="quiet" onClick={onEdit}>{edit}</button>
      )}
      <button type="button" class="quiet" onClick={() => conversation.outbox.discard(message)}>
        {discard}
      </button>
    </>
  );
}

/** A message that is being sent may have arrived already. */
export function canEditUnsent({ state, at }: PendingMessage): boolean {
  return state !== "waiting" || Date.now() - at >= PATIENCE;
}

/** Puts a message that was not sent into the composer. */
export function editUnsent(message: PendingMessage, conversation: Conversation): void {
  takeBack(message, conversation);
  composerTools.restore?.(message.references?.mentions ?? [], conversation);
}

/** Whether a message waits for longer than most do. */
function useIsSlow({ at }: PendingMessage): boolean {
  const isSlow = useSignal(false);
  useEffect(() => {
    const timer = setTimeout(() => isSlow.value = true, at + PATIENCE - Date.now());
    return () => clearTimeout(timer);
  }, []);
  return isSlow.value;
}

function withoutReply(message: PendingMessage): PendingMessage {
  const { replyTo: _, ...references } = message.references ?? {};
  return { ...message, references };
}
