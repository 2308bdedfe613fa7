import { ROOM_NAME_LENGTH } from "./limits.ts";

/** An address for messages. */
export type Channel =
  | { readonly kind: "room"; readonly name: string }
  | { readonly kind: "direct"; readonly pair: readonly [string, string] }
  | { readonly kind: "notice"; readonly to?: string };

/** The default home room: where everyone starts, unless `HOME_ROOM` names another one. */
export const DEFAULT_HOME = "room:lobby";

const ROOM_NAME = new RegExp(`^[\\p{L}\\p{M}\\p{N}._-]{1,${ROOM_NAME_LENGTH}}$`, "u");
const PUBLIC_TOKEN = /^[A-Za-z0-9_-]{16}$/;

/** Parses the address of a channel; `self`, a public token, completes `direct:<other>`. Returns `undefined` if invalid. */
export function parseChannel(address: string, self?: string): Channel | undefined {
  const [kind, first, second, ...rest] = address.split(":");
  if (rest.length > 0) return undefined;
  if (kind === "room" && second === undefined) return parseRoom(first);
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

function parseRoom(name: string | undefined): Channel | undefined {
  // Composed and decomposed spellings of a name are the same room.
  const normal = name?.normalize("NFC");
  if (normal === undefined || !ROOM_NAME.test(normal)) return undefined;
  return { kind: "room", name: normal };
}

function parseDirect(one: string | undefined, other: string | undefined): Channel | undefined {
  if (one === undefined || other === undefined) return undefined;
  if (!PUBLIC_TOKEN.test(one) || !PUBLIC_TOKEN.test(other)) return undefined;
  return { kind: "direct", pair: one < other ? [one, other] : [other, one] };
}

function parseNotice(to: string | undefined): Channel | undefined {
  if (to === undefined) return { kind: "notice" };
  return PUBLIC_TOKEN.test(to) ? { kind: "notice", to } : undefined;
}
