import { isPublicToken, orderedPair, parseRoomName } from "../../../server/protocol/channel.ts";

export type ConversationKind = "room" | "direct" | "notices";

/** The conversation that all notices belong to, those for everyone and those for one session. */
export const NOTICES = "notice";

/** The address of a room, which may be typed with "#"; undefined if a room cannot have this name. */
export function parseRoom(typed: string): string | undefined {
  const name = parseRoomName(typed.trim().replace(/^#/, ""));
  return name && `room:${name}`;
}

/** The name in the address of a room. */
export function roomName(address: string): string {
  return address.slice(address.indexOf(":") + 1);
}

/**
 * The title of a visitor's own room, which others know by the visitor's name: the words before the public token, such as
 * "Support". Undefined for other rooms.
 */
export function ownTitle(address: string, self: string): string | undefined {
  const [words = "", end] = roomName(address).split(self);
  if (end !== "") return undefined;
  return words.charAt(0).toUpperCase() + words.slice(1).replace(/[-_.]+/g, " ").trim();
}

/** The address of the direct channel between two people. */
export function directAddress(one: string, other: string): string {
  return `direct:${orderedPair(one, other).join(":")}`;
}

/** The public token of the other person in a direct channel. */
export function otherIn(address: string, self: string): string {
  const [, first = "", second = ""] = address.split(":");
  return first === self ? second : first;
}

export function kindOf(address: string): ConversationKind {
  if (address.startsWith("room:")) return "room";
  return address.startsWith("direct:") ? "direct" : "notices";
}

/** The conversation that the messages of a channel belong to. */
export function conversationOf(channel: string): string {
  return kindOf(channel) === "notices" ? NOTICES : channel;
}

/** An address as it stands in a link: `direct:<the other person>` instead of the pair. */
export function shortAddress(address: string, self: string): string {
  return kindOf(address) === "direct" ? `direct:${otherIn(address, self)}` : address;
}

/** Reads an address from a link; undefined if it is invalid. */
export function parseShortAddress(address: string, self: string): string | undefined {
  if (address === NOTICES) return NOTICES;
  const name = roomName(address);
  if (address.startsWith("room:")) return parseRoom(name);
  const isOther = address.startsWith("direct:") && isPublicToken(name) && name !== self;
  return isOther ? directAddress(self, name) : undefined;
}
