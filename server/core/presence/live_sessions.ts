import type { LiveSession, LiveSessionsReply } from "../../protocol/admin_replies.ts";
import { channelsOf, type PresenceEntry, stateIn } from "./presence_entry.ts";
import type { Person } from "../../protocol/message.ts";
import type { Presence } from "./presence.ts";
import type { Sessions } from "../sessions/sessions.ts";
import type { WaitingRoom } from "../waiting/waiting_room.ts";

/** Which sessions are wanted. */
export interface LiveQuery {
  /** A part of the name, in whatever case, or the beginning of the public token. */
  readonly search: string;
  /** Those behind this public token. */
  readonly after: string;
  readonly limit: number;
}

/** What is looked at. */
export interface LiveSessionsDeps {
  readonly presence: Presence;
  readonly sessions: Sessions;
  readonly waiting: WaitingRoom;
}

/** So many sessions are looked at in one turn of the event loop. */
const SLICE = 2_000;

/** The first `limit` sessions that are wanted, of those who are here. Nothing is kept for it: each time, all are looked at. */
export async function listLive(
  deps: LiveSessionsDeps,
  query: LiveQuery,
): Promise<LiveSessionsReply> {
  const found = await first(deps.presence, query);
  const sessions = await Promise.all(
    found.slice(0, query.limit).map((attendant) => describe(deps, attendant)),
  );
  return { sessions, more: found.length > query.limit };
}

/** One more than are wanted, in order, if there are as many. */
async function first(presence: Presence, query: LiveQuery): Promise<readonly PresenceEntry[]> {
  const found: PresenceEntry[] = [];
  let looked = 0;
  for (const attendant of presence.attendants()) {
    if (++looked % SLICE === 0) await new Promise((resolve) => setTimeout(resolve, 0));
    const { publicToken } = attendant.person;
    const isBeyond = found.length > query.limit && publicToken > tokenOf(found.at(-1));
    if (publicToken <= query.after || isBeyond || !fits(attendant.person, query.search)) continue;
    const place = found.findLastIndex((other) => tokenOf(other) < publicToken) + 1;
    found.splice(place, 0, attendant);
    if (found.length > query.limit + 1) found.pop();
  }
  return found;
}

function fits({ publicToken, displayName }: Person, search: string): boolean {
  return search === "" || publicToken.startsWith(search) ||
    displayName.toLowerCase().includes(search.toLowerCase());
}

async function describe(deps: LiveSessionsDeps, attendant: PresenceEntry): Promise<LiveSession> {
  const { person, since, lastSeen, leases, elsewhere } = attendant;
  const { userId } = await deps.sessions.find(person.publicToken) ?? {};
  const tabs = [...leases].map(([tab, { subscription: { state, channels: rooms } }]) => {
    const parked = deps.waiting.isParked(person.publicToken, tab);
    return { tab, state, parked, rooms };
  });
  const rooms = new Set([
    ...tabs.flatMap((tab) => tab.rooms),
    ...[...elsewhere.values()].flatMap(channelsOf),
  ]);
  return {
    ...person,
    ...(userId !== undefined && { userId }),
    state: stateIn(attendant),
    since,
    lastSeen,
    rooms: [...rooms],
    tabs,
    elsewhere: elsewhere.size,
  };
}

function tokenOf(attendant: PresenceEntry | undefined): string {
  return attendant?.person.publicToken ?? "";
}
