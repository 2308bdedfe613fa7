/** What a channel's address says. */
export type ConversationKind = "room" | "direct" | "notices";

/** The one conversation of all notices. */
export const NOTICES = "notice";

const ROOM_NAME = /^[\p{L}\p{M}\p{N}._-]{1,64}$/u;
const PUBLIC_TOKEN = /^[\w-]{1,128}$/;

/** The address of a room; `undefined` if it cannot have that name. */
export function parseRoomName(name: string): string | undefined {
  const normal = name.trim().replace(/^#/, "").normalize("NFC");
  return ROOM_NAME.test(normal) ? `room:${normal}` : undefined;
}

/** The address of what two people say to each other; from both sides the same. */
export function directAddress(one: string, other: string): string {
  return one < other ? `direct:${one}:${other}` : `direct:${other}:${one}`;
}

/** The public token of the other one in a direct conversation. */
export function otherIn(address: string, self: string): string {
  const [, first = "", second = ""] = address.split(":");
  return first === self ? second : first;
}

export function kindOf(address: string): ConversationKind {
  if (address.startsWith("room:")) return "room";
  return address.startsWith("direct:") ? "direct" : "notices";
}

/** The conversation that a message belongs to: all notices are in one. */
export function conversationOf(channel: string): string {
  return kindOf(channel) === "notices" ? NOTICES : channel;
}

/** The address as one writes it in a link: a direct conversation by the other one alone. */
export function shortAddress(address: string, self: string): string {
  return kindOf(address) === "direct" ? `direct:${otherIn(address, self)}` : address;
}

/** Reads an address as it stands in a link; `undefined` if it is none. */
export function parseShortAddress(word: string, self: string): string | undefined {
  if (word === NOTICES) return NOTICES;
  const name = word.slice(word.indexOf(":") + 1);
  if (word.startsWith("room:")) return parseRoomName(name);
  const isPerson = word.startsWith("direct:") && PUBLIC_TOKEN.test(name) && name !== self;
  return isPerson ? directAddress(self, name) : undefined;
}
