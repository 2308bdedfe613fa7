import type { Signal } from "../../../server/protocol/signal.ts";
import type { News } from "../reader.ts";

/** Of what was read for a whole group, the part of who reads those rooms. */
export function filteredUpdate({ gap, messages, signals }: News, rooms: readonly string[]): News {
  // The server spells the names of rooms in one way, whichever way they are asked for.
  const names = new Set(rooms.map((room) => room.normalize("NFC")));
  // Everything else is the session's own, and so everybody's here.
  const isOwn = ({ channel }: { readonly channel: string }) =>
    !channel.startsWith("room:") || names.has(channel);
  // What the session has read or closed concerns all its tabs, those too that do not read that room (yet).
  const isForAll = ({ type }: Signal) => type === "read" || type === "closed";
  const heard = signals.filter((signal) => isOwn(signal) || isForAll(signal));
  return { gap, messages: messages.filter(isOwn), signals: heard };
}
