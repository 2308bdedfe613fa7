import type { ServerSettings } from "../../protocol/replies.ts";
import { type Context, Hono } from "hono";
import type { Hub } from "../../core/hub/hub.ts";
import { Refused } from "../../core/model/refused.ts";
import { channelFor, mayRead } from "../../core/model/rights.ts";
import type { Session } from "../../core/sessions/sessions.ts";
import type { Authentication } from "../auth/authentication.ts";
import { readText } from "../body.ts";
import { PollConnection } from "../poll_connection.ts";
import {
  formatLegacyMessage,
  formatLegacyOutcome,
  type LegacyFields,
  type LegacyRequest,
  parseLegacyRequest,
} from "./legacy_codec.ts";
import type { Limits } from "../limits/limits.ts";
import { refusalResponse } from "../problem.ts";
import { SECURITY_HEADERS } from "../security_headers.ts";

/** What the routes of the old pages are given. */
export interface LegacyDeps {
  readonly hub: Hub;
  readonly who: Authentication;
  readonly limits: Limits;
  readonly settings: ServerSettings;
}

/** The two endpoints of the old comet pages. docs/LEGACY.md describes them. */
export function legacyRoutes(deps: LegacyDeps): Hono {
  const serve = async (c: Context): Promise<Response> => {
    const request = parseLegacyRequest(await readFields(c));
    if (request === undefined) {
      throw new Refused("invalid_request", 'There is neither "lastMessageId" nor "message"');
    }
    if (request.wants === "poll") return await poll(deps, c, request);
    if (c.req.method === "GET") return refuseGet();
    return await send(deps, c, request);
  };
  return new Hono().post("/ChatChannelHandler.ashx", serve).all("/ChatHandler.ashx", serve);
}

async function poll(
  { hub, who, limits, settings }: LegacyDeps,
  c: Context,
  request: LegacyRequest & { wants: "poll" },
): Promise<Response> {
  const session = await who.sessionOf(c, request.privateToken, "polls");
  const rooms = roomsFor(session, settings);
  await hub.acknowledge(session, rooms, request.acknowledged);
  return plainText(await nextFor(hub, { session, rooms, request: new PollConnection(c, limits) }));
}

/** A legacy page reads the home room; one whose session may not read it gets only its own messages. */
function roomsFor(session: Session, { home }: ServerSettings): readonly string[] {
  return mayRead(session, channelFor(session.publicToken, home)) ? [home] : [];
}

/** The oldest message that the page has not acknowledged, when there is one. */
async function nextFor(
  hub: Hub,
  { session, rooms, request }: {
    readonly session: Session;
    readonly rooms: readonly string[];
    readonly request: PollConnection;
  },
): Promise<string> {
  const poll = { channels: rooms, tab: "legacy", state: "active", wantsSignals: false } as const;
  for (let cursor = hub.cursorOf(session);;) {
    const answer = await hub.poll(session, { ...poll, cursor, request });
    if (answer === undefined || answer.outcome === "timedout") {
      return formatLegacyOutcome("timedout");
    }
    if (answer.outcome === "cancelled") return formatLegacyOutcome("cancelled");
    const [oldest] = answer.messages;
    if (oldest !== undefined) return formatLegacyMessage(oldest);
    // An old page cannot be told of a gap, and must not be answered early for one.
    cursor = answer.cursor;
  }
}

async function send(
  { hub, who, settings }: LegacyDeps,
  c: Context,
  request: LegacyRequest & { wants: "send" },
): Promise<Response> {
  const session = await who.sessionOf(c, request.privateToken, "sends");
  const channel = request.sendTo === undefined ? settings.home : `direct:${request.sendTo}`;
  await hub.send(session, { channel, text: request.text });
  return plainText("OK");
}

function refuseGet(): Response {
  const refused = new Refused("method_not_allowed", "A message is sent by POST");
  return refusalResponse(refused, { allow: "POST" });
}

/** A form in the body, or, of a GET, in the query. */
async function readFields(c: Context): Promise<LegacyFields> {
  if (c.req.method === "GET") return new Map(Object.entries(c.req.query()));
  return new Map(new URLSearchParams(await readText(c.req.raw)));
}

function plainText(text: string): Response {
  return new Response(text, {
    headers: { "content-type": "text/plain; charset=utf-8", ...SECURITY_HEADERS },
  });
}
