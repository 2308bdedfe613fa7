import { ROOM_NAME_LENGTH } from "./limits.ts";

/** An address for messages. */
export type Channel =
  | { readonly kind: "room"; readonly name: string }
  | { readonly kind: "direct"; readonly pair: readonly [string, string] }
  | { readonly kind: "notice"; readonly to?: string };

/** The default home room: where everyone starts, unless `HOME_ROOM` names another one. */
export const DEFAULT_HOME = "room:lobby";

/** The public token of a program with an API key is this and the name of the key: no person's contains a colon. */
export const API_KEY_PREFIX = "key:";

const ROOM_NAME = /* @__PURE__ */ new RegExp(
  `^[\\p{L}\\p{M}\\p{N}._-]{1,${ROOM_NAME_LENGTH}}$`,
  "u",
);
const PUBLIC_TOKEN = /^[A-Za-z0-9_-]{16}$/;

/** Parses the address of a channel; `self`, a public token, completes `direct:<other>`. Returns `undefined` if invalid. */
export function parseChannel(address: string, self?: string): Channel | undefined {
  const [kind, first, second, more] = address.split(":", 4);
  if (more !== undefined) return undefined;
  if (kind === "room" && first !== undefined && second === undefined) {
    const name = parseRoomName(first);
    return name === undefined ? undefined : { kind, name };
  }
  if (kind === "direct") return parseDirect(first, second ?? self);
  if (kind === "notice" && second === undefined) return parseNotice(first);
  return undefined;
}

/** Formats the address of a channel. A pair is sorted, so that it has a single address. */
export function formatChannel(channel: Channel): string {
  switch (channel.kind) {
    case "room":
      return `room:${channel.name}`;
    case "direct":
      return `direct:${channel.pair[0]}:${channel.pair[1]}`;
    case "notice":
      return channel.to === undefined ? "notice" : `notice:${channel.to}`;
  }
}

/** The name of a room in its composed spelling (NFC), so that each name has one spelling; undefined if it is not valid. */
export function parseRoomName(name: string): string | undefined {
  const normal = composed(name, ROOM_NAME_LENGTH);
  return normal !== undefined && ROOM_NAME.test(normal) ? normal : undefined;
}

/**
 * The composed spelling (NFC) of a text of at most `length` characters. Returns `undefined`, without normalizing, for a text
 * that is longer in every spelling: normalizing takes time that is quadratic in the number of successive marks.
 */
export function composed(text: string, length: number): string | undefined {
  return text.length > length * DECOMPOSED_UNITS ? undefined : text.normalize("NFC");
}

/** Maximum number of UTF-16 code units of a character in its decomposed spelling: four characters of two units each. */
const DECOMPOSED_UNITS = 8;

export function isPublicToken(word: string): boolean {
  return PUBLIC_TOKEN.test(word);
}

/** Two public tokens in the order of a direct channel's address, so that each pair has one address. */
export function orderedPair(one: string, other: string): readonly [string, string] {
  return one < other ? [one, other] : [other, one];
}

function parseDirect(one: string | undefined, other: string | undefined): Channel | undefined {
  if (one === undefined || other === undefined) return undefined;
  if (!isPublicToken(one) || !isPublicToken(other)) return undefined;
  return { kind: "direct", pair: orderedPair(one, other) };
}

function parseNotice(to: string | undefined): Channel | undefined {
  if (to === undefined) return { kind: "notice" };
  return isPublicToken(to) ? { kind: "notice", to } : undefined;
}
