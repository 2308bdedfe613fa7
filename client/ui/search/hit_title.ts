import { DEFAULT_HOME } from "../../../server/protocol/channel.ts";
import type { Message } from "../../comet/halley.ts";
import { strings } from "../i18n/page_strings.ts";
import { conversationOf, kindOf, otherIn, ownTitle, roomName } from "../state/address.ts";
import type { PageState } from "../state/page_state.ts";
import { titleOf } from "../views/conversation_title.ts";

/** The title of the conversation in which a message was found, whether it is open or not. */
export function hitTitle({ chat, inbox }: PageState, { channel }: Message): string {
  const conversation = chat.conversations.find(conversationOf(channel));
  if (conversation) return titleOf(conversation);
  const { publicToken } = chat.self;
  const { lobby, notices, unknownUser } = strings.value;
  switch (kindOf(channel)) {
    case "notices":
      return notices;
    case "direct":
      return chat.names.all.get(otherIn(channel, publicToken)) ?? unknownUser;
    case "room":
      if (channel === DEFAULT_HOME) return lobby;
      return inbox.find(channel)?.visitor?.displayName ?? (ownTitle(channel, publicToken) ||
        roomName(channel));
  }
}
