import { type Channel, formatChannel, parseChannel } from "../../protocol/channel.ts";
import { ChannelPatterns } from "./channel_patterns.ts";
import { Refused } from "./refused.ts";

/**
 * Which channels somebody may read, write and administer. What belongs to a session alone (its direct channels, its
 * notices) it may always read, and what belongs to others never. Writing to somebody needs a pattern for
 * `direct:<their publicToken>` among those of `write`. Who administers a room may read and write it too.
 */
export interface Rights {
  readonly read: ChannelPatterns;
  readonly write: ChannelPatterns;
  readonly admin: ChannelPatterns;
}

/** Rights as they are written: lists of patterns, as {@linkcode ChannelPatterns} reads them. */
export type WrittenRights = { readonly [Right in keyof Rights]?: readonly string[] };

/** Who wants something. */
export interface Asker {
  readonly publicToken: string;
  readonly rights: Rights;
}

/** Reads rights; `undefined` where a pattern is none. A list that is absent is empty. */
export function parseRights({ read, write, admin }: WrittenRights): Rights | undefined {
  const [reading, writing, administering] = [read, write, admin].map((list) =>
    ChannelPatterns.parse(list ?? [])
  );
  if (!reading || !writing || !administering) return undefined;
  return { read: reading, write: writing, admin: administering };
}

/** To read and write every room, and to write to everybody. */
export const EVERYDAY_RIGHTS: Rights = rightsOf({ read: ["*"], write: ["*"] });

/** The rights that are written so. Throws where a pattern is none. */
export function rightsOf(written: WrittenRights): Rights {
  const rights = parseRights(written);
  if (rights === undefined) throw new Error("A pattern of channels is none");
  return rights;
}

/** Reads a channel's address as a session wrote it. Refuses with `invalid_request` what is no channel. */
export function channelFor(publicToken: string, address: string): Channel {
  const channel = parseChannel(address, publicToken);
  if (channel !== undefined) return channel;
  throw new Refused("invalid_request", `"${shorten(address)}" is no channel`);
}

/** Whether somebody may read this channel. */
export function mayRead({ publicToken, rights }: Asker, channel: Channel): boolean {
  switch (channel.kind) {
    case "room": {
      const address = formatChannel(channel);
      return rights.read.covers(address) || rights.admin.covers(address);
    }
    case "direct":
      return channel.pair.includes(publicToken);
    case "notice":
      return (channel.to ?? publicToken) === publicToken;
  }
}

/** Refuses with `not_allowed` unless somebody may read this channel. */
export function checkMayRead(asker: Asker, channel: Channel): void {
  if (mayRead(asker, channel)) return;
  throw new Refused(
    "not_allowed",
    channel.kind === "room"
      ? `"${formatChannel(channel)}" may not be read`
      : "This channel belongs to somebody else",
  );
}

/** Refuses with `not_allowed` unless somebody may send to this channel. */
export function checkMayWrite(asker: Asker, channel: Channel): void {
  if (channel.kind !== "room") checkMayRead(asker, channel);
  if (channel.kind === "notice") throw new Refused("not_allowed", "Notices come from the system");
  const { write, admin } = asker.rights;
  const address = channel.kind === "room"
    ? formatChannel(channel)
    : `direct:${otherOf(channel.pair, asker.publicToken)}`;
  if (write.covers(address) || admin.covers(address)) return;
  throw new Refused(
    "not_allowed",
    channel.kind === "room"
      ? `"${address}" may not be written`
      : "Direct messages may not be written",
  );
}

/** Refuses with `not_allowed` unless these rights let somebody act for the system in the channel of this address. */
export function checkMayAdminister({ admin }: Rights, address: string): void {
  if (admin.covers(address)) return;
  throw new Refused("not_allowed", `"${address}" may not be administered`);
}

/** The other one of a pair; the same one where it talks to itself. */
export function otherOf([one, other]: readonly [string, string], self: string): string {
  return one === self ? other : one;
}

function shorten(address: string): string {
  return address.length > 80 ? `${address.slice(0, 80)}…` : address;
}
