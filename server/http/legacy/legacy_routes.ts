import { type Context, Hono } from "hono";
import { ignoreUnavailable, Refused } from "../../core/model/refused.ts";
import { channelFor, mayRead } from "../../core/model/rights.ts";
import type { Session } from "../../core/model/session.ts";
import type { KeyValue } from "../../core/model/store.ts";
import type { PollConnection } from "../../core/waiting/seat.ts";
import { formatCursor } from "../../protocol/cursor.ts";
import type { ApiDeps } from "../api_routes.ts";
import { HttpPollConnection } from "../poll_connection.ts";
import { refusalResponse } from "../problem.ts";
import { readText } from "../request_body.ts";
import { textResponse } from "../responses.ts";
import { invalidEscapes } from "../url_encoding.ts";
import {
  formatLegacyMessage,
  formatLegacyOutcome,
  type LegacyFields,
  type LegacyPoll,
  type LegacySend,
  parseLegacyRequest,
} from "./legacy_codec.ts";
import { LegacyPositions } from "./legacy_positions.ts";

/** What the legacy routes need. The positions of the pages are in `keyValue`. */
export interface LegacyDeps extends ApiDeps {
  readonly keyValue: KeyValue;
}

/** The two endpoints of the comet pages from around 2010. docs/LEGACY.md describes them. */
export function legacyRoutes(deps: LegacyDeps): Hono {
  const positions = new LegacyPositions(deps.keyValue);
  deps.hub.sessions.removed.add((publicToken) => {
    positions.remove(publicToken).catch(ignoreUnavailable).catch(reportError);
  });
  const serve = async (c: Context): Promise<Response> => {
    const request = parseLegacyRequest(await readFields(c));
    if (request === undefined) {
      throw new Refused("invalid_request", 'Either "lastMessageId" or "message" is required');
    }
    if (request.kind === "poll") return await poll(deps, positions, c, request);
    if (c.req.method === "GET") return refuseGet();
    return await send(deps, c, request);
  };
  return new Hono().post("/ChatChannelHandler.ashx", serve).all("/ChatHandler.ashx", serve);
}

async function poll(
  deps: LegacyDeps,
  positions: LegacyPositions,
  c: Context,
  { privateToken, lastId }: LegacyPoll,
): Promise<Response> {
  const { hub, authentication, limits, settings } = deps;
  const session = await authentication.sessionOf(c, "polls", privateToken);
  const channels = readableRooms(session, settings.home);
  const connection = new HttpPollConnection(c, limits, session);
  let position = await positions.get(session, lastId);
  if (lastId > position) {
    const next = await hub.history.firstAfter(
      session,
      channels,
      position,
      () => connection.onPortion(),
    );
    // Only the next message can have been sent to the page: any other id acknowledges nothing.
    if (next !== undefined && lastId <= next.id) {
      await positions.set(session, lastId);
      position = lastId;
    }
  }
  return textResponse(await nextFor(deps, session, { channels, position, connection }));
}

/** A legacy page reads the home room, or only its own messages if its session has no right to read that room. */
function readableRooms(session: Session, home: string): readonly string[] {
  return mayRead(session, channelFor(session.publicToken, home)) ? [home] : [];
}

/** The reply to a poll: the first message after the position, or that there is none. */
async function nextFor(
  { hub, settings, runtime }: LegacyDeps,
  session: Session,
  { channels, position, connection }: {
    readonly channels: readonly string[];
    readonly position: number;
    readonly connection: PollConnection;
  },
): Promise<string> {
  const poll = {
    channels,
    tab: "legacy",
    state: "active",
    wantsSignals: false,
    // A reply has one message.
    maxMessages: 1,
    connection,
  } as const;
  let cursor = formatCursor({ epoch: hub.epoch, id: position });
  const end = runtime.fromNow(settings.hold);
  while (true) {
    const hold = Math.max(0, runtime.msUntil(end));
    const reply = await hub.poll(session, { ...poll, cursor, hold });
    if (reply?.outcome === "cancelled") return formatLegacyOutcome("cancelled");
    if (reply?.outcome !== "message") return formatLegacyOutcome("timedout");
    const [oldest] = reply.messages;
    if (oldest !== undefined) return formatLegacyMessage(oldest);
    // The reply reports only a gap or changes, which the legacy protocol cannot express.
    cursor = reply.cursor;
  }
}

async function send(
  { hub, authentication, settings }: LegacyDeps,
  c: Context,
  { privateToken, sendTo, text }: LegacySend,
): Promise<Response> {
  const session = await authentication.sessionOf(c, "sends", privateToken);
  const channel = sendTo === undefined ? settings.home : `direct:${sendTo}`;
  await hub.send(session, { channel, text });
  return textResponse("OK");
}

function refuseGet(): Response {
  const refused = new Refused("method_not_allowed", "A message must be sent by POST");
  return refusalResponse(refused, { allow: "POST" });
}

/** The fields of the form in the body or, with GET, of the query. */
async function readFields(c: Context): Promise<LegacyFields> {
  if (c.req.method === "GET") return new Map(Object.entries(c.req.query()));
  const form = await readText(c.req.raw);
  const invalid = invalidEscapes(form);
  if (invalid !== undefined) {
    throw new Refused("invalid_request", `The form contains ${invalid}, which is not UTF-8`);
  }
  return new Map(new URLSearchParams(form));
}
