import { strings } from "../i18n/page_strings.ts";
import type { Chat } from "../state/chat.ts";
import type { Conversation } from "../state/conversation.ts";

interface RefusedRoomProps {
  readonly chat: Pick<Chat, "client">;
  readonly conversation: Conversation;
}

/** Takes the place of the composer in a room that the server does not let this person read, and says why. */
export function RefusedRoom({ chat: { client }, conversation }: RefusedRoomProps) {
  const { roomLimit, notReadable, tryAgain } = strings.value;
  const isForbidden = conversation.isForbidden.value;
  const retry = () => client.join(conversation.channel);
  return (
    <div class="banner" role="alert">
      <p>{isForbidden ? notReadable : roomLimit}</p>
      {isForbidden && <button type="button" onClick={retry}>{tryAgain}</button>}
    </div>
  );
}
