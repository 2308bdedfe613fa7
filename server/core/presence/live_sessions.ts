import type { Runtime } from "../../base/runtime.ts";
import type { LiveSession, LiveSessionsReply, LiveTab } from "../../protocol/admin_replies.ts";
import type { LiveSort } from "../../protocol/requests.ts";
import { channelsOf, type PresenceEntry, stateIn } from "./presence_entry.ts";
import type { Person } from "../../protocol/message.ts";
import type { LocalSession, OtherWorkers } from "../model/others.ts";
import type { Presence } from "./presence.ts";
import type { Sessions } from "../sessions/sessions.ts";
import type { WaitingRoom } from "../waiting/waiting_room.ts";

/** A query for sessions. */
export interface LiveQuery {
  /** Part of the name, case-insensitive, or the beginning of the public token. */
  readonly search: string;
  readonly sort: LiveSort;
  /** Only sessions after this one: the `next` of the page before. */
  readonly after: string;
  readonly limit: number;
}

/** What {@linkcode listLive} reads. */
export interface LiveSessionsDeps {
  readonly presence: Presence;
  readonly sessions: Sessions;
  readonly waiting: WaitingRoom;
  readonly others: OtherWorkers;
  readonly runtime: Runtime;
}

/** Number of sessions to visit in one turn of the event loop. */
const SLICE = 2_000;

/** The first `limit` present sessions that match. Visits all sessions. */
export async function listLive(
  deps: LiveSessionsDeps,
  query: LiveQuery,
): Promise<LiveSessionsReply> {
  const found = await first(deps, query);
  const listed = found.slice(0, query.limit);
  const elsewhere = await deps.others.ask("sessions", listed.map(tokenOf));
  const sessions = await Promise.all(listed.map((entry) => {
    const parts = elsewhere.map((part) => part.get(tokenOf(entry)));
    return describe(deps, entry, parts.filter((part) => part !== undefined));
  }));
  const last = listed.at(-1);
  if (last === undefined || found.length <= query.limit) return { sessions, more: false };
  return { sessions, more: true, next: formatPlace(placeOf(deps, last), query.sort) };
}

/** The first matching entries in order, one more than the limit if there are as many. */
async function first(
  deps: LiveSessionsDeps,
  query: LiveQuery,
): Promise<readonly PresenceEntry[]> {
  const { presence, runtime } = deps;
  const compare = ORDERS[query.sort];
  const after = parsePlace(query.after, query.sort);
  const found: { readonly entry: PresenceEntry; readonly place: Place }[] = [];
  let visited = 0;
  for (const entry of presence.entries()) {
    if (++visited % SLICE === 0) await runtime.delay(0);
    if (!matches(entry.person, query.search)) continue;
    const place = placeOf(deps, entry);
    const last = found.at(-1);
    const isFull = found.length > query.limit;
    if (isFull && last !== undefined && compare(place, last.place) > 0) continue;
    if (after !== undefined && compare(place, after) <= 0) continue;
    const index = found.findLastIndex((other) => compare(other.place, place) < 0) + 1;
    found.splice(index, 0, { entry, place });
    if (isFull) found.pop();
  }
  return found.map(({ entry }) => entry);
}

/** What the order of a session depends on. */
interface Place {
  readonly publicToken: string;
  readonly displayName: string;
  /** When it began to poll: Unix time in ms. */
  readonly since: number;
}

function placeOf({ runtime }: LiveSessionsDeps, { person, since }: PresenceEntry): Place {
  const { publicToken, displayName } = person;
  return { publicToken, displayName, since: runtime.wallTimeOf(since) };
}

type Order = (one: Place, other: Place) => number;

const names = new Intl.Collator("en", { numeric: true, sensitivity: "base" });

const byToken: Order = (one, other) =>
  one.publicToken < other.publicToken ? -1 : Number(one.publicToken > other.publicToken);

const ORDERS: Readonly<Record<LiveSort, Order>> = {
  token: byToken,
  name: (one, other) => names.compare(one.displayName, other.displayName) || byToken(one, other),
  since: (one, other) => other.since - one.since || byToken(one, other),
};

/** Formats a place with what its order needs. */
function formatPlace({ publicToken, displayName, since }: Place, sort: LiveSort): string {
  if (sort === "token") return publicToken;
  return `${publicToken} ${sort === "name" ? displayName : since}`;
}

/** Returns `undefined` for the beginning of the list. */
function parsePlace(text: string, sort: LiveSort): Place | undefined {
  if (text === "") return undefined;
  const [, publicToken = "", rest = ""] = /^(\S*) ?(.*)$/s.exec(text) ?? [];
  return { publicToken, displayName: rest, since: sort === "since" ? Number(rest) || 0 : 0 };
}

function matches({ publicToken, displayName }: Person, search: string): boolean {
  return search === "" || publicToken.startsWith(search) ||
    displayName.toLowerCase().includes(search.toLowerCase());
}

/** The sessions that poll this worker, of those with these public tokens. */
export function localSessions(
  deps: Pick<LiveSessionsDeps, "presence" | "waiting" | "runtime">,
  publicTokens: readonly string[],
): ReadonlyMap<string, LocalSession> {
  const found = new Map<string, LocalSession>();
  for (const publicToken of publicTokens) {
    const entry = deps.presence.entryOf(publicToken);
    const local = entry && localSession(deps, entry);
    if (local !== undefined) found.set(publicToken, local);
  }
  return found;
}

/** The tabs of a session that poll this worker; `undefined` if there are none. */
function localSession(
  { waiting, runtime }: Pick<LiveSessionsDeps, "waiting" | "runtime">,
  { person, since, lastSeen, leases }: PresenceEntry,
): LocalSession | undefined {
  if (leases.size === 0) return undefined;
  const tabs = leases.keys().flatMap((tab) => {
    const { subscription } = leases.get(tab) ?? {};
    if (subscription === undefined) return [];
    const { state, channels: rooms, notices } = subscription;
    const parked = waiting.isParked(person.publicToken, tab);
    const address = waiting.addressOf(person.publicToken, tab);
    return {
      ...{ tab, state, parked, ...(address !== undefined && { address }), rooms },
      ...(!notices && { notices }),
    };
  });
  return { since: runtime.wallTimeOf(since), lastSeen: runtime.wallTimeOf(lastSeen), tabs };
}

/** `parts`: what the other workers of this process know of the session. */
async function describe(
  { sessions, waiting, runtime }: LiveSessionsDeps,
  entry: PresenceEntry,
  parts: readonly LocalSession[],
): Promise<LiveSession> {
  const { person, since, lastSeen, remote } = entry;
  const { userId } = await sessions.find(person.publicToken) ?? {};
  const local = localSession({ waiting, runtime }, entry);
  const all = local === undefined ? parts : [local, ...parts];
  const rooms = new Set([
    ...all.flatMap(({ tabs }) => tabs).flatMap((tab) => tab.rooms),
    ...[...remote.values()].flatMap(channelsOf),
  ]);
  return {
    ...person,
    ...(userId !== undefined && { userId }),
    state: stateIn(entry),
    since: Math.min(runtime.wallTimeOf(since), ...all.map((part) => part.since)),
    lastSeen: all.length === 0
      ? runtime.wallTimeOf(lastSeen)
      : Math.max(...all.map((part) => part.lastSeen)),
    rooms: [...rooms],
    tabs: merged(all.flatMap(({ tabs }) => tabs)),
    elsewhere: Math.max(0, remote.size - parts.length),
  };
}

/** Each tab once: it may have polled one worker after the other. */
function merged(tabs: readonly LiveTab[]): readonly LiveTab[] {
  const byName = new Map<string, LiveTab>();
  for (const tab of tabs) {
    if (tab.parked || !byName.has(tab.tab)) byName.set(tab.tab, tab);
  }
  return [...byName.values()];
}

function tokenOf(entry: PresenceEntry | undefined): string {
  return entry?.person.publicToken ?? "";
}
