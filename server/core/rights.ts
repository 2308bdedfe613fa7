import { type Channel, parseChannel } from "./channel.ts";
import { Refused } from "./refusal.ts";

/** Reads a channel's address as a session wrote it. Refuses with `invalid_request` what is no channel. */
export function channelFor(publicToken: string, address: string): Channel {
  const channel = parseChannel(address, publicToken);
  if (channel !== undefined) return channel;
  const shown = address.length > 80 ? `${address.slice(0, 80)}…` : address;
  throw new Refused("invalid_request", `"${shown}" is no channel`);
}

/** Refuses with `not_allowed` unless this session may read this channel. */
export function checkMayRead(publicToken: string, channel: Channel): void {
  if (channel.kind === "room" || isOwn(publicToken, channel)) return;
  throw new Refused("not_allowed", "This channel belongs to somebody else");
}

/** Refuses with `not_allowed` unless this session may send to this channel. */
export function checkMayWrite(publicToken: string, channel: Channel): void {
  checkMayRead(publicToken, channel);
  if (channel.kind === "notice") throw new Refused("not_allowed", "Notices come from the system");
}

function isOwn(publicToken: string, channel: Channel): boolean {
  if (channel.kind === "direct") return channel.pair.includes(publicToken);
  return channel.kind === "notice" && (channel.to ?? publicToken) === publicToken;
}
