import {
  type Channel,
  composed,
  formatChannel,
  isPublicToken,
  parseChannel,
} from "../../protocol/channel.ts";
import { ROOM_NAME_LENGTH } from "../../protocol/limits.ts";
import { BEGINNINGS, parseRoomPattern } from "../../protocol/room_pattern.ts";
import type { Message } from "../../protocol/message.ts";
import { inboxOf, topicsOf } from "./message.ts";
import { Refused } from "./refused.ts";

/** The beginning of an address. */
const PREFIX = /^(|room:[\p{L}\p{M}\p{N}._-]{0,64}|direct:[A-Za-z0-9_-]{0,16})$/u;
const PREFIX_LENGTH = "room:".length + ROOM_NAME_LENGTH;
const RECIPIENT = /^direct:[A-Za-z0-9_-]{16}$/;

/**
 * A set of channels: addresses such as `room:tea`, `direct:<publicToken of the recipient>` or `notice`; prefixes that end
 * in `*`, such as `room:team-*`; and `*` for all channels.
 */
export class ChannelPatterns {
  readonly #addresses: ReadonlySet<string>;
  readonly #prefixes: readonly string[];

  /** Parses patterns; returns `undefined` if one of them is invalid. */
  static parse(words: readonly string[]): ChannelPatterns | undefined {
    const addresses = new Set<string>();
    const prefixes: string[] = [];
    for (const word of words) {
      const prefix = word.endsWith("*") ? prefixOf(word) : undefined;
      const address = addressOf(word);
      if (prefix !== undefined) prefixes.push(prefix);
      else if (address !== undefined) addresses.add(address);
      else return undefined;
    }
    return new ChannelPatterns(addresses, prefixes);
  }

  private constructor(addresses: ReadonlySet<string>, prefixes: readonly string[]) {
    this.#addresses = addresses;
    this.#prefixes = prefixes;
  }

  /** Whether the set contains no channels. */
  get isEmpty(): boolean {
    return this.#addresses.size === 0 && this.#prefixes.length === 0;
  }

  /** The prefixes of the set, each with its asterisk. */
  get patterns(): readonly string[] {
    return this.#prefixes.map((prefix) => `${prefix}*`);
  }

  /** The channels that the set names. */
  get addresses(): readonly string[] {
    return [...this.#addresses];
  }

  /** Whether the set contains the channel of this address. */
  covers(address: string): boolean {
    if (this.#addresses.has(address)) return true;
    // For each message and each list of rights: `some` would make a function each time.
    for (const prefix of this.#prefixes) if (address.startsWith(prefix)) return true;
    return false;
  }

  /** What follows the beginnings of the set in an address. */
  restsOf(address: string): readonly string[] {
    return this.#prefixes.filter((prefix) => address.startsWith(prefix))
      .map((prefix) => address.slice(prefix.length));
  }
}

function prefixOf(word: string): string | undefined {
  const prefix = composed(word.slice(0, -1), PREFIX_LENGTH);
  return prefix !== undefined && PREFIX.test(prefix) ? prefix : undefined;
}

function addressOf(word: string): string | undefined {
  if (RECIPIENT.test(word)) return word;
  const channel = parseChannel(word);
  return channel === undefined || channel.kind === "direct" ? undefined : formatChannel(channel);
}

/**
 * The channels that a session may read, write and administer. It may always read its own direct channels and notices,
 * and never those of others. Direct messages need a pattern for `direct:<publicToken of the recipient>` in `write`. The
 * right to administer a room includes reading and writing it.
 */
export interface Rights {
  readonly read: ChannelPatterns;
  readonly write: ChannelPatterns;
  readonly admin: ChannelPatterns;
  /** The beginnings of rooms that the session may read together, without knowing their names. Includes reading each. */
  readonly patterns: ChannelPatterns;
  /**
   * The rooms of visitors, the same for all sessions. Whatever the other lists contain, only the visitor whose public token
   * completes the name has the room, beside sessions with `patterns` for it.
   */
  readonly visitorRooms: ChannelPatterns;
}

/** Rights in configuration and tokens: lists of patterns for {@linkcode ChannelPatterns}. */
export type WrittenRights = { readonly [Right in keyof Rights]?: readonly string[] };

/** The session that asks. */
export interface Asker {
  readonly publicToken: string;
  readonly rights: Rights;
}

/** Parses rights; returns `undefined` if a pattern is invalid. A missing list is empty. */
export function parseRights(written: WrittenRights): Rights | undefined {
  const parse = (list: readonly string[] = []) => ChannelPatterns.parse(list);
  const [read, write, admin] = [written.read, written.write, written.admin].map(parse);
  const [patterns, visitorRooms] = [written.patterns, written.visitorRooms].map(parse);
  if (!read || !write || !admin || !patterns || !visitorRooms) return undefined;
  const beginnings = [...written.patterns ?? [], ...written.visitorRooms ?? []];
  if (!beginnings.every((word) => /^(room:.*)?\*$/s.test(word))) return undefined;
  return { read, write, admin, patterns, visitorRooms };
}

/** The rights to read and write all rooms, and to send direct messages to everyone. */
export const DEFAULT_RIGHTS: Rights = rightsOf({ read: ["*"], write: ["*"] });

/** The rights of users that a back end signs in, and of API keys: they may read and write what guests may not. */
export function userRightsOf({ visitorRooms }: Rights): Rights {
  return { ...DEFAULT_RIGHTS, visitorRooms };
}

/** Parses rights that are known to be valid; throws otherwise. */
export function rightsOf(written: WrittenRights): Rights {
  const rights = parseRights(written);
  if (rights === undefined) throw new Error("A channel pattern is invalid");
  return rights;
}

/** A room whose name has one spelling only, as almost all have: parsing it takes a quarter of the time. */
const PLAIN_ROOM = new RegExp(`^room:[\\w.-]{1,${ROOM_NAME_LENGTH}}$`);

/** Parses the address of a channel in a request. Rejects an invalid one with `invalid_request`. */
export function channelFor(publicToken: string, address: string): Channel {
  if (PLAIN_ROOM.test(address)) return { kind: "room", name: address.slice("room:".length) };
  const channel = parseChannel(address, publicToken);
  if (channel !== undefined) return channel;
  throw new Refused(
    "invalid_request",
    `"${shorten(address)}" is not a valid channel: use room:<name>, direct:<publicToken> or notice`,
  );
}

/**
 * Parses the pattern of rooms in a request, such as `room:support-*`. Rejects an invalid one with `invalid_request`; `*`,
 * `room:*` and `direct:*` are.
 */
export function patternFor(address: string): string {
  const pattern = parseRoomPattern(address);
  if (pattern !== undefined) return pattern;
  throw new Refused(
    "invalid_request",
    `"${
      shorten(address)
    }" is not a valid pattern: use room:<beginning>*, where the beginning ends ` +
      `in -, _ or . and is one of the first ${BEGINNINGS} of a name that do`,
  );
}

/** Whether the rights include reading all rooms of a pattern. */
export function mayReadPattern({ patterns }: Rights, pattern: string): boolean {
  return patterns.covers(pattern.slice(0, -1));
}

/** The widest patterns that a session can read, as its rights name them; those of all rooms are not such patterns. */
export function readablePatterns(rights: Rights): readonly string[] {
  const { patterns, visitorRooms } = rights;
  const named = [...patterns.patterns, ...visitorRooms.patterns].flatMap((word) =>
    parseRoomPattern(word) ?? []
  );
  const readable = [...new Set(named)].filter((pattern) => mayReadPattern(rights, pattern));
  return readable.filter((pattern) =>
    !readable.some((other) => other !== pattern && pattern.startsWith(other.slice(0, -1)))
  );
}

/** Rejects with `not_allowed` unless the session may read all rooms of the pattern. */
export function checkMayReadPattern({ rights }: Asker, pattern: string): void {
  if (mayReadPattern(rights, pattern)) return;
  const detail =
    `You do not have the right to read "${pattern}": it needs "channels.patterns" in ` +
    "the token, or an API key with the scope patterns";
  throw new Refused("not_allowed", detail);
}

/** Whether a session may read a channel. */
export function mayRead({ publicToken, rights }: Asker, channel: Channel): boolean {
  switch (channel.kind) {
    case "room": {
      const address = formatChannel(channel);
      if (isClosed(rights, address)) return isOwnRoom({ publicToken, rights }, address);
      return [rights.read, rights.admin, rights.patterns].some((list) => list.covers(address));
    }
    case "direct":
      return channel.pair.includes(publicToken);
    case "notice":
      return (channel.to ?? publicToken) === publicToken;
  }
}

/** Rejects with `not_allowed` unless the session may read the channel. */
export function checkMayRead(asker: Asker, channel: Channel): void {
  if (mayRead(asker, channel)) return;
  throw new Refused(
    "not_allowed",
    channel.kind === "room"
      ? `You do not have the right to read "${formatChannel(channel)}"`
      : "This channel belongs to another session",
  );
}

/** Whether a session may send to a channel, if it is not a direct channel of others. */
export function mayWrite({ publicToken, rights }: Asker, channel: Channel): boolean {
  if (channel.kind === "notice") return false;
  const address = channel.kind === "room"
    ? formatChannel(channel)
    : `direct:${otherOf(channel.pair, publicToken)}`;
  if (isClosed(rights, address)) return isOwnRoom({ publicToken, rights }, address);
  return rights.write.covers(address) || rights.admin.covers(address);
}

/** Whether a session has the right to administer a room. */
export function mayAdminister(rights: Rights, address: string): boolean {
  return rights.admin.covers(address) && !isClosed(rights, address);
}

/** Whether a room belongs to a visitor, and the rights do not include reading it by pattern. */
export function isClosed({ visitorRooms, patterns }: Rights, address: string): boolean {
  return visitorRooms.covers(address) && !patterns.covers(address);
}

/** Whether a room is the one of this visitor. */
function isOwnRoom({ publicToken, rights: { visitorRooms } }: Asker, address: string): boolean {
  return visitorRooms.restsOf(address).includes(publicToken);
}

/** Whether a message is from or to this person: what they wrote, their direct channels, notices, and own rooms. */
export function concerns(
  { channel, from }: Pick<Message, "channel" | "from">,
  { publicToken, rights }: Asker,
): boolean {
  return from?.publicToken === publicToken ||
    topicsOf(channel).includes(inboxOf(publicToken)) ||
    isOwnRoom({ publicToken, rights }, channel);
}

/** The public token of the visitor whose room it is. */
export function visitorOf({ visitorRooms }: Rights, room: string): string | undefined {
  return visitorRooms.isEmpty ? undefined : visitorRooms.restsOf(room).find(isPublicToken);
}

/** Rejects with `not_allowed` unless the session may claim, release and close the conversation in a room. */
export function checkMayClaim(asker: Asker, channel: Channel): void {
  checkMayWrite(asker, channel);
  if (channel.kind === "room" && asker.rights.patterns.covers(formatChannel(channel))) return;
  const detail = "Only those who may read a room by pattern can claim, release and close it";
  throw new Refused("not_allowed", detail);
}

/** Rejects with `not_allowed` unless the session may send to the channel. */
export function checkMayWrite(asker: Asker, channel: Channel): void {
  if (channel.kind !== "room") checkMayRead(asker, channel);
  if (channel.kind === "notice") {
    throw new Refused("not_allowed", "Only back ends can send notices");
  }
  if (mayWrite(asker, channel)) return;
  throw new Refused(
    "not_allowed",
    channel.kind === "room"
      ? `You do not have the right to write to "${formatChannel(channel)}"`
      : "You do not have the right to send direct messages",
  );
}

/** Rejects with `not_allowed` unless the rights include administering the channel of this address. */
export function checkMayAdminister(rights: Rights, address: string): void {
  if (mayAdminister(rights, address)) return;
  throw new Refused("not_allowed", `You do not have the right to administer "${address}"`);
}

/** The other one of a pair, or the same one if both are equal. */
export function otherOf([one, other]: readonly [string, string], self: string): string {
  return one === self ? other : one;
}

function shorten(address: string): string {
  return address.length > 80 ? `${address.slice(0, 80)}…` : address;
}
