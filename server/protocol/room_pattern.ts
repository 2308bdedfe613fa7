import { composed } from "./channel.ts";
import { ROOM_NAME_LENGTH } from "./limits.ts";

/** Number of beginnings of a room's name by which the room is found: the shortest ones. */
export const BEGINNINGS = 4;

const KIND = "room:";

/** `-`, `_` or `.` */
const SEPARATOR = /[-_.]/;

const PATTERN = /^room:[\p{L}\p{M}\p{N}._-]+\*$/u;

/**
 * Parses a pattern, which stands for all rooms whose names begin so: `room:support-*`. The beginning ends in `-`, `_` or `.`,
 * and is one of the first {@linkcode BEGINNINGS} of these names that do. Returns its composed spelling, or `undefined` if it
 * is invalid.
 */
export function parseRoomPattern(address: string): string | undefined {
  const pattern = composed(address, KIND.length + ROOM_NAME_LENGTH + 1);
  if (pattern === undefined || !PATTERN.test(pattern)) return undefined;
  return patternsOf(pattern.slice(0, -1)).find((one) => one === pattern);
}

/** Whether an address is a pattern, or looks like one. */
export function isRoomPattern(address: string): boolean {
  return address.endsWith("*");
}

/** The patterns that a room is found by, the shortest first: `room:a-b.c` by `room:a-*` and `room:a-b.*`. */
export function patternsOf(room: string): readonly string[] {
  if (!SEPARATOR.test(room)) return NONE;
  const patterns: string[] = [];
  for (let end = KIND.length; end < room.length && patterns.length < BEGINNINGS; end++) {
    if (SEPARATOR.test(room.charAt(end))) patterns.push(`${room.slice(0, end + 1)}*`);
  }
  return patterns;
}

const NONE: readonly string[] = [];
