import type { RefusedChannel } from "../../server/protocol/replies.ts";
import type { PollRequest } from "../../server/protocol/requests.ts";

/** Stands for all notices among the channels that a client wants to read. */
export const NOTICES = "notice";

interface Room {
  /**
   * - `asked`: the next poll names it, and no poll that names it has been answered.
   * - `read`: the server sends its messages.
   * - `full`: the server has no space for one more room. Polls name it, so that it is read as soon as there is space.
   * - `left_out`: it may not be read. Polls do not name it, until it is joined again.
   */
  readonly state: "asked" | "read" | "full" | "left_out";
  readonly wasRefused: boolean;
}

/** What the answer to a poll has changed. */
export interface RoomChanges {
  /** Rooms that are not read. */
  readonly refused: readonly RefusedChannel[];
  /** Rooms that are read now, and were refused before. */
  readonly admitted: readonly string[];
}

/** How a poll says what to read: the rooms among `wanted`, and whether {@linkcode NOTICES} are. */
export function readingOf(wanted: readonly string[]): Pick<PollRequest, "channels" | "notices"> {
  const channels = wanted.filter((channel) => channel !== NOTICES);
  return channels.length < wanted.length ? { channels } : { channels, notices: false };
}

/** The rooms that a client wants to read, and what the server has said about each. */
export class Rooms {
  readonly #rooms = new Map<string, Room>();

  constructor(channels: readonly string[]) {
    for (const channel of channels) this.join(channel);
  }

  /** The rooms that polls name. */
  get named(): readonly string[] {
    return [...this.#rooms].flatMap(([channel, { state }]) => state === "left_out" ? [] : channel);
  }

  /** Returns whether the named rooms have changed. */
  join(channel: string): boolean {
    const room = this.#rooms.get(channel);
    if (room && room.state !== "left_out") return false;
    this.#rooms.set(channel, { state: "asked", wasRefused: room !== undefined });
    return true;
  }

  /** Returns whether the named rooms have changed. */
  leave(channel: string): boolean {
    const room = this.#rooms.get(channel);
    return this.#rooms.delete(channel) && room?.state !== "left_out";
  }

  /** Applies the answer to a poll of `polled`, by this client or by another one for it. */
  apply(polled: readonly string[], refused: readonly RefusedChannel[] = []): RoomChanges {
    const codes = new Map(refused.map(({ channel, code }) => [channel, code]));
    const changes = { refused: Array<RefusedChannel>(), admitted: Array<string>() };
    for (const channel of polled) {
      const room = this.#rooms.get(channel);
      if (!room || room.state === "left_out") continue;
      const code = codes.get(channel);
      const state = code === undefined ? "read" : code === "too_many_rooms" ? "full" : "left_out";
      if (state === room.state) continue;
      this.#rooms.set(channel, { state, wasRefused: code !== undefined });
      if (code !== undefined) changes.refused.push({ channel, code });
      else if (room.wasRefused) changes.admitted.push(channel);
    }
    return changes;
  }
}
