import type { ActiveRoom } from "../../protocol/replies.ts";

/** Which rooms are listed. */
export interface WantedRooms {
  readonly limit: number;
  readonly isListed?: (channel: string) => boolean;
  /** Only those that follow this one, whether it is still there or not. */
  readonly after?: ActiveRoom | undefined;
}

/** The rooms with most readers, largest first, and of the same size by their names. Each room is visited once. */
export function largestRooms(
  rooms: Iterable<ActiveRoom>,
  { limit, isListed = () => true, after }: WantedRooms,
): readonly ActiveRoom[] {
  const largest: ActiveRoom[] = [];
  for (const room of rooms) {
    if (after && !precedes(after, room) || !isListed(room.channel)) continue;
    const last = largest.at(-1);
    if (largest.length === limit && last && precedes(last, room)) continue;
    const index = largest.findIndex((one) => precedes(room, one));
    largest.splice(index < 0 ? largest.length : index, 0, room);
    largest.length = Math.min(largest.length, limit);
  }
  return largest;
}

function precedes(one: ActiveRoom, other: ActiveRoom): boolean {
  return one.present > other.present ||
    one.present === other.present && one.channel < other.channel;
}
