import type { Refusal } from "../../../server/protocol/refusal.ts";
import { isRecord } from "../../../server/protocol/guards.ts";
import { parseRoomName } from "../../../server/protocol/channel.ts";

/**
 * Why nobody can chat: `room`: no room can have that name. `origin`: the server does not allow this page. `users`: it signs
 * in only users of an application. `public`: a visitor's room would not be private. Otherwise the code of a refusal.
 */
export type Problem = "room" | "origin" | "users" | "public" | Refusal;

/** Stands for the visitor's public token in the name of a room. */
export const VISITOR = "{visitor}";

/** As long as every public token. */
const ANY_TOKEN = "AAAAAAAAAAAAAAAA";

/** The channel of the room for the visitor with this public token. */
export function channelOf(room: string, publicToken: string): string {
  return `room:${room.normalize("NFC").replaceAll(VISITOR, publicToken)}`;
}

export function isRoom(room: string): boolean {
  return parseRoomName(room.replaceAll(VISITOR, ANY_TOKEN)) !== undefined;
}

/**
 * Asks the server, before a visitor gives a name, whether they could use the room then. Returns what is wrong; undefined
 * if nothing is.
 */
export async function problemOfGuests(
  server: string,
  room: string,
): Promise<Problem | "unreachable" | undefined> {
  const channel = encodeURIComponent(channelOf(room, ANY_TOKEN));
  const url = `${server}api/channels/${channel}/guest-access`;
  const reply: unknown = await fetch(url, { cache: "no-store" })
    .then((response) => response.json())
    .catch(() => undefined);
  if (reply === undefined) return "unreachable";
  // Anything else has another version.
  if (!isRecord(reply) || !isRecord(reply.settings)) return undefined;
  const { auth, visitorRooms } = reply.settings;
  if (auth === "jwt") return "users";
  if (room.includes(VISITOR)) return isPublic(room, visitorRooms) ? "public" : undefined;
  return reply.read === false ? "not_allowed" : undefined;
}

/** Whether others could read the room of a visitor, by the server's setting: patterns such as `room:support-*`. */
export function isPublic(room: string, visitorRooms: unknown): boolean {
  if (!room.includes(VISITOR)) return false;
  return !(Array.isArray(visitorRooms) && visitorRooms.includes(patternOf(room)));
}

/** The pattern of the rooms of all visitors. */
export function patternOf(room: string): string {
  return `room:${room.slice(0, room.indexOf(VISITOR))}*`;
}
