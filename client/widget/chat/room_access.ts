import { isRecord } from "../../../server/protocol/guards.ts";
import { parseRoomName } from "../../../server/protocol/channel.ts";

/** Stands for the visitor's public token in the name of a room. */
const VISITOR = "{visitor}";

/** As long as every public token. */
const ANY_TOKEN = "AAAAAAAAAAAAAAAA";

/** The channel of the room for the visitor with this public token. */
export function channelOf(room: string, publicToken: string): string {
  return `room:${room.normalize("NFC").replaceAll(VISITOR, publicToken)}`;
}

function hasVisitor(room: string): boolean {
  return room.includes(VISITOR);
}

/** Why the page's room can be nobody's, for its developer; undefined if the name is right. */
export function problemOfName(room: string): string | undefined {
  if (parseRoomName(room.replaceAll(VISITOR, ANY_TOKEN)) !== undefined) return undefined;
  return `data-room="${room}" is not a valid room: use 1 to 64 letters, digits, ".", "_" and "-", ` +
    `and ${VISITOR} for a room of each visitor`;
}

/**
 * Asks the server, before a visitor gives a name, whether they could use the room then. Returns what is wrong, for the
 * developer of the page; undefined if nothing is, or if the server cannot be reached.
 */
export async function problemOfGuests(server: string, room: string): Promise<string | undefined> {
  const channel = encodeURIComponent(channelOf(room, ANY_TOKEN));
  const url = `${server}api/channels/${channel}/guest-access`;
  const reply: unknown = await fetch(url, { cache: "no-store" })
    .then((response) => response.json())
    .catch(() => undefined);
  if (reply === undefined) return await problemOfOrigin(server);
  // Anything else has another version.
  if (!isRecord(reply) || !isRecord(reply.settings)) return undefined;
  const { auth, visitorRooms } = reply.settings;
  if (auth === "jwt") {
    return `${server} signs in only users of an application (AUTH=jwt): set data-token-url, or call useTokens`;
  }
  if (hasVisitor(room)) return problemOfVisitor({ server, room, visitorRooms });
  return reply.read === false ? problemOfReading(server, room) : undefined;
}

/** The room of a visitor must be private: its name is no secret. */
export function problemOfVisitor(
  { server, room, visitorRooms = [] }: {
    readonly server: string;
    readonly room: string;
    /** A setting of the server: patterns such as `room:support-*`. */
    readonly visitorRooms: unknown;
  },
): string | undefined {
  const pattern = `room:${room.slice(0, room.indexOf(VISITOR))}*`;
  if (!hasVisitor(room) || Array.isArray(visitorRooms) && visitorRooms.includes(pattern)) {
    return undefined;
  }
  return `room "${room}" would not be private on ${server}: set VISITOR_ROOMS=${
    pattern.slice(5)
  } there`;
}

/** Why the server refuses to let somebody read the room, by the code of its refusal. */
export function problemOfReading(server: string, room: string, code = "not_allowed"): string {
  const remedy = code === "too_many_rooms"
    ? "the limit of rooms (ROOMS) is reached"
    : "grant the right with GUEST_READ, or in the visitor's token";
  return `cannot read "room:${room}" on ${server}: ${remedy} (${code})`;
}

/**
 * A page cannot see the reason for which a request fails; but every page can load the library, if it is Halley that
 * answers. So a server that answers requests, but not those of this origin, does not allow it.
 */
export async function problemOfOrigin(server: string): Promise<string | undefined> {
  try {
    const init = { method: "HEAD", cache: "no-store" } as const;
    if (!(await fetch(`${server}halley.js`, init)).ok) return undefined;
    // The server may have come back in the meantime.
    const isAnswered = await fetch(`${server}api/session`, { cache: "no-store" })
      .then(() => true, () => false);
    if (isAnswered) return undefined;
  } catch {
    return undefined;
  }
  return `${server} does not allow this page. Add its origin there: ` +
    `ALLOWED_ORIGINS=${location.origin}. If it is there, a gateway answers without CORS headers, ` +
    "or a script adds a header that is not in ALLOWED_HEADERS";
}
