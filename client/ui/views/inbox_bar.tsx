import { useSignal } from "@preact/signals";
import type { Person, RoomEvent } from "../../comet/halley.ts";
import { strings } from "../i18n/page_strings.ts";
import type { Conversation } from "../state/conversation.ts";
import { type InboxRoom, isWaiting } from "../state/inbox.ts";
import type { PageState } from "../state/page_state.ts";

interface InboxBarProps {
  readonly page: PageState;
  readonly conversation: Conversation;
}

/** Below the header of a room of the inbox: who answers there, and the buttons that change it. */
export function InboxBar({ page, conversation }: InboxBarProps) {
  const { chat, inbox } = page;
  const { channel, history, pending } = conversation;
  const failed = useSignal<RoomEvent>();
  /** What was shown when an event was sent; nothing more is sent until that has changed. */
  const changing = useSignal<InboxRoom>();
  const room = inbox.find(channel);
  if (!room) return null;
  // A text that is still on its way belongs before the event.
  const isDisabled = changing.value === room || pending.value.length > 0;
  const tell = async (event: RoomEvent) => {
    if (isDisabled) return;
    failed.value = undefined;
    changing.value = room;
    if (await inbox.tell(channel, event)) return;
    failed.value = event;
    if (changing.peek() === room) changing.value = undefined;
  };
  const { closeRoom, inboxFailed, inboxActions, wasFaster } = strings.value;
  const button = (label: string, event: RoomEvent, style = "quiet") => (
    <button
      type="button"
      class={style}
      aria-disabled={isDisabled}
      // The second click of a double click would meet the button that has replaced this one.
      onClick={({ detail }) => detail < 2 && tell(event)}
    >
      {label}
    </button>
  );
  const { claimedBy, closedBy } = room;
  return (
    <div class="inbox-bar" role="group" aria-label={inboxActions}>
      <p role="status" data-waiting={isWaiting(room)}>{stateText(room, chat.self)}</p>
      {!history.isReadOnly.value && (
        <>
          {button(...claimOf(room))}
          {!closedBy && button(closeRoom, "closed")}
        </>
      )}
      {failed.value && (
        <p class="error-line" role="alert">
          {failed.value === "claimed" && claimedBy
            ? wasFaster({ name: claimedBy.displayName })
            : inboxFailed}
        </p>
      )}
    </div>
  );
}

/** The label and the event of the first button, and its style. */
function claimOf(
  { claimedBy, closedBy }: InboxRoom,
): [label: string, event: RoomEvent, style?: string] {
  const { claim, release, reopen } = strings.value;
  if (closedBy) return [reopen, "claimed", "primary"];
  if (!claimedBy) return [claim, "claimed", "primary"];
  return [release, "released"];
}

/** Who has closed the room, or answers in it, or that its visitor waits. */
export function stateText(room: InboxRoom, { publicToken }: Person): string {
  const { claimedBy, closedBy } = room;
  const { claimedByName, claimedByYou, waiting, unclaimed, closedByName, closedByYou } =
    strings.value;
  if (isWaiting(room)) return waiting;
  if (closedBy?.publicToken === publicToken) return closedByYou;
  if (closedBy) return closedByName({ name: closedBy.displayName });
  if (claimedBy?.publicToken === publicToken) return claimedByYou;
  return claimedBy ? claimedByName({ name: claimedBy.displayName }) : unclaimed;
}
