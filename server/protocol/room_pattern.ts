import { parseRoomName } from "./channel.ts";

/** Number of beginnings of a room's name by which the room is found: the shortest ones. */
export const BEGINNINGS = 4;

const KIND = "room:";

const SEPARATOR = /[-_.]/;

/** The UTF-16 code units of `-`, `.` and `_`. */
const [HYPHEN, DOT, UNDERSCORE] = [0x2d, 0x2e, 0x5f];

/**
 * Parses a pattern, which stands for all rooms whose names begin so: `room:support-*`. The beginning ends in `-`, `_` or `.`,
 * and is one of the first {@linkcode BEGINNINGS} of these names that do. Returns its composed spelling, or `undefined` if it
 * is invalid.
 */
export function parseRoomPattern(address: string): string | undefined {
  if (!address.startsWith(KIND) || !isMeantAsPattern(address)) return undefined;
  const beginning = parseRoomName(address.slice(KIND.length, -1));
  const pattern = `${KIND}${beginning}*`;
  return beginning && patternsOf(KIND + beginning).find((one) => one === pattern);
}

/** Whether an address is meant as a pattern. No other one ends so. */
export function isMeantAsPattern(address: string): boolean {
  return address.endsWith("*");
}

/** Whether a room is one of those that a pattern stands for. */
export function isBelow(pattern: string, room: string): boolean {
  return room.startsWith(pattern.slice(0, -1));
}

/** The patterns that a room is found by, the shortest first: `room:a-b.c` by `room:a-*` and `room:a-b.*`. */
export function patternsOf(room: string): readonly string[] {
  if (!SEPARATOR.test(room)) return NONE;
  const patterns: string[] = [];
  for (let end = KIND.length; end < room.length && patterns.length < BEGINNINGS; end++) {
    const unit = room.charCodeAt(end);
    if (unit !== HYPHEN && unit !== DOT && unit !== UNDERSCORE) continue;
    patterns.push(`${room.slice(0, end + 1)}*`);
  }
  return patterns;
}

const NONE: readonly string[] = [];
