import { type Context, Hono } from "hono";
import type { MonotonicTime } from "../base/clock.ts";
import type { Runtime } from "../base/runtime.ts";
import type { Hub } from "../core/hub/hub.ts";
import { encode } from "../core/model/message.ts";
import { Refused } from "../core/model/refused.ts";
import {
  type Asker,
  channelFor,
  mayRead,
  mayWrite,
  readablePatterns,
} from "../core/model/rights.ts";
import type { SignedInUser } from "../protocol/admin_replies.ts";
import type { Message, Person } from "../protocol/message.ts";
import type { Session } from "../core/model/session.ts";
import type { Poll } from "../core/polls/poll.ts";
import type { PollConnection } from "../core/waiting/seat.ts";
import type { PollRequest } from "../protocol/requests.ts";
import type { GuestAccess, PollReply, ServerSettings } from "../protocol/replies.ts";
import { isUsualSend, schemas } from "../protocol/request_schemas.ts";
import type { Authentication, Editor } from "./auth/authentication.ts";
import type { Heartbeats } from "./heartbeats.ts";
import { Identification } from "./identification.ts";
import type { Limits } from "./limits/limits.ts";
import type { Metrics } from "./metrics/metrics.ts";
import type { WorkerReport } from "./metrics/worker_report.ts";
import { emptyReply, PollReplyEncoder } from "./poll_codec.ts";
import { HttpPollConnection } from "./poll_connection.ts";
import { readJson, readPoll, validate } from "./request_body.ts";
import { emptyResponse, jsonResponse, postResponse, rawJsonResponse } from "./responses.ts";

/** A list of conversations counts as one more request for this number of portions, at least one for each conversation. */
const PORTIONS_PER_CALL = 10;

/** What all routes below `/api` need. */
export interface ApiDeps {
  readonly hub: Hub;
  readonly authentication: Authentication;
  readonly limits: Limits;
  readonly metrics: Metrics;
  /** Asks all workers of this process for their metrics. */
  readonly reports: () => Promise<readonly WorkerReport[]>;
  /** The settings that clients receive when they sign in, without `home` if they may not read it. */
  readonly settings: ServerSettings & { readonly home: string };
  /** Sends heartbeats on held polls, if they are enabled. */
  readonly heartbeats: Heartbeats | undefined;
  readonly runtime: Runtime;
  /** Counts and logs a refusal. */
  readonly onRefusal: (refused: Refused) => void;
}

/** This number of people in a list counts as one more request. */
const PEOPLE_PER_CALL = 100;
/** Number of rooms that are searched for one call. */
const ROOMS_PER_CALL = 10_000;

const ROOM_LIMIT = new Refused("too_many_rooms", "The server has reached its limit of rooms");

/** The routes of the API for people who read and write, below `/api`. docs/API.md describes them. */
export function apiRoutes(deps: ApiDeps): Hono {
  const { hub, authentication, limits, metrics, settings, heartbeats, onRefusal } = deps;
  const replies = new PollReplyEncoder();
  /** Counts the reply to a poll that began at `start`, and encodes it. */
  const encodeReply = (reply: PollReply | undefined, start: MonotonicTime) => {
    metrics.onPollAnswered(reply, start);
    // The poll succeeds without that room, but an administrator should know.
    if (reply?.refused?.some(({ code }) => code === "too_many_rooms")) onRefusal(ROOM_LIMIT);
    return reply && replies.encode(reply);
  };
  const identification = new Identification(hub.accounts.userIds);
  const answer = (session: Session, poll: Poll) => {
    const reply = hub.poll(session, poll);
    return session.isApiKey ? reply.then((answered) => identification.poll(answered)) : reply;
  };
  /** Responds to a poll with heartbeats while it is held. Without a cursor it would be answered at once. */
  const respondHeld = (heartbeats: Heartbeats, session: Session, poll: Poll) => {
    const { seenAt } = session;
    const { cursor = "" } = poll;
    return heartbeats.respond({
      connection: poll.connection,
      answer: async (connection) =>
        encodeReply(await answer(session, { ...poll, connection }), seenAt),
      pollAgain: (retryAfter) => replies.encode(emptyReply(cursor, retryAfter)),
    });
  };
  /** A function of its own: what the route needs until the poll is read would take memory while it is held. */
  const respond = (session: Session, poll: Poll, start: MonotonicTime) =>
    answer(session, poll).then((reply) => {
      const json = encodeReply(reply, start);
      // The client has disconnected, but without a response Deno would not release its socket.
      return json === undefined ? emptyResponse(499) : postResponse(json);
    });
  /** Adds a reaction to a message, or removes it. */
  const react = (on: boolean) => async (c: Context) => {
    const session = await authentication.session(c, "sends");
    const { id } = validate(schemas.messageId, { id: c.req.param("id") });
    const message = await hub.react(session, id, { emoji: c.req.param("emoji") ?? "", on });
    return rawJsonResponse(encode(message).json);
  };
  const { home, ...others } = settings;
  const settingsFor = (asker: Asker): ServerSettings => {
    const own = mayRead(asker, channelFor(asker.publicToken, home)) ? settings : others;
    const patterns = readablePatterns(asker.rights);
    return patterns.length > 0 ? { ...own, patterns } : own;
  };
  /** What somebody who signs in with a name may do then. The rights do not depend on who it is, but for direct channels. */
  const guestAccess = (address: string): GuestAccess => {
    const guest = { publicToken: "", rights: hub.sessions.guestRights };
    const channel = channelFor(guest.publicToken, address);
    const isOpen = authentication.allowsGuests;
    return {
      settings: settingsFor(guest),
      read: isOpen && mayRead(guest, channel),
      write: isOpen && mayWrite(guest, channel),
    };
  };
  /** A new session, which has the rights of guests. */
  const signedIn = <T extends Person>(session: T) => {
    const { guestRights: rights } = hub.sessions;
    return { ...session, settings: settingsFor({ publicToken: session.publicToken, rights }) };
  };
  return new Hono()
    .post("/poll", async (c) => {
      const found = authentication.reader(c, "polls");
      const session = found instanceof Promise ? await found : found;
      // The time of authentication, a moment ago: reading the clock again would be a cost without a benefit.
      const { seenAt } = session;
      const poll = pollOf(await readPoll(c), new HttpPollConnection(c, limits, session));
      if (heartbeats !== undefined && poll.cursor !== undefined) {
        return await respondHeld(heartbeats, session, poll);
      }
      return respond(session, poll, seenAt);
    })
    .post("/messages", async (c) => {
      const session = await authentication.session(c, "sends");
      const request = await readJson(c, schemas.send, { isUsual: isUsualSend });
      const { message, repeated } = await hub.send(session, request);
      if (!repeated) metrics.onMessage();
      return postResponse(encode(message).json, repeated ? 200 : 201);
    })
    .patch("/messages/:id", async (c) => {
      const editor = await authentication.editor(c);
      const { id } = validate(schemas.messageId, { id: c.req.param("id") });
      const content = await readJson(c, schemas.edit);
      const message = await hub.change(editor.session, id, content);
      await recordChange(hub, editor, "edit", message);
      const shown = editor.session === undefined ? await identification.message(message) : message;
      return rawJsonResponse(encode(shown).json);
    })
    .delete("/messages/:id", async (c) => {
      const editor = await authentication.editor(c);
      const { id } = validate(schemas.messageId, { id: c.req.param("id") });
      const message = await hub.change(editor.session, id);
      await recordChange(hub, editor, "delete", message);
      return emptyResponse(204);
    })
    .put("/messages/:id/reactions/:emoji", react(true))
    .delete("/messages/:id/reactions/:emoji", react(false))
    .post("/sessions", async (c) => {
      authentication.checkAllowsGuests();
      const { displayName, userId } = await readJson(c, schemas.signIn);
      if (userId === undefined) {
        authentication.checkAddress(c);
        limits.checkSignIn(c);
        return jsonResponse(signedIn(await hub.signIn(displayName)), 201);
      }
      authentication.apiKey(c, "users");
      const user: SignedInUser = signedIn({ ...await hub.signInUser(userId, displayName), userId });
      return jsonResponse(user, 201);
    })
    .get("/session", async (c) => {
      const session = await authentication.session(c);
      return jsonResponse({ ...session.person, settings: settingsFor(session) });
    })
    .patch("/session", async (c) => {
      const session = await authentication.session(c, "sends");
      const { displayName } = await readJson(c, schemas.rename);
      const renamed = await hub.accounts.rename(session, displayName);
      return jsonResponse({ ...renamed, settings: settingsFor(session) });
    })
    .post("/session/transfer", async (c) => {
      const session = await authentication.session(c);
      await readJson(c, schemas.createTransfer);
      return jsonResponse(await hub.accounts.transfers.create(session), 201);
    })
    .post("/transfers/preview", async (c) => {
      authentication.checkAllowsGuests();
      authentication.checkAddress(c);
      limits.checkAnonymous(c);
      const { code } = await readJson(c, schemas.transfer);
      return jsonResponse(await hub.accounts.transfers.find(code));
    })
    .post("/transfers", async (c) => {
      authentication.checkAllowsGuests();
      authentication.checkAddress(c);
      limits.checkAnonymous(c);
      const { code } = await readJson(c, schemas.transfer);
      return jsonResponse(signedIn(await hub.accounts.transfers.use(code)), 201);
    })
    .delete("/session", async (c) => {
      await hub.accounts.signOut(await authentication.session(c));
      return emptyResponse(204);
    })
    .get("/channels/:channel/guest-access", (c) => {
      authentication.checkAddress(c);
      limits.checkAnonymous(c);
      return jsonResponse(guestAccess(c.req.param("channel")));
    })
    .get("/channels/:channel/messages", async (c) => {
      const session = await authentication.reader(c);
      const { ids, ...page } = validate(schemas.history, c.req.query());
      const onPortion = () => limits.charge(c, session, { kind: "calls", count: 1 });
      const channel = c.req.param("channel");
      const found = ids === undefined
        ? await hub.history.page(session, channel, { ...page, onPortion })
        : await hub.history.named(session, channel, {
          ids: ids.split(",").map(Number),
          onPortion,
        });
      const reply = session.isApiKey ? await identification.history(found) : found;
      const { messages, ...others } = reply;
      const list = messages.map((message) => encode(message).json).join(",");
      const rest = JSON.stringify(others).slice(1);
      return rawJsonResponse(`{"messages":[${list}],${rest}`);
    })
    .get("/channels/:channel/presence", async (c) => {
      const session = await authentication.reader(c);
      const presence = await hub.channelPresence.list(session, c.req.param("channel"));
      const count = Math.floor(presence.present.length / PEOPLE_PER_CALL);
      if (count > 0) limits.charge(c, session, { kind: "calls", count });
      return jsonResponse(session.isApiKey ? await identification.presence(presence) : presence);
    })
    .get("/rooms", async (c) => {
      const session = await authentication.reader(c);
      const { prefix, all, search, after, present = 0, ...page } = validate(
        schemas.rooms,
        c.req.query(),
      );
      if (prefix === undefined && all === undefined) {
        const count = search || after ? hub.presence.channels / ROOMS_PER_CALL : 0;
        if (count > 0) limits.charge(c, session, { kind: "calls", count });
        const wanted = { search, ...(after && { after: { channel: after, present } }) };
        return jsonResponse(hub.channelPresence.rooms(session, wanted));
      }
      if (prefix === undefined || all === undefined) {
        throw new Refused("invalid_request", '"prefix" and "all=true" belong together');
      }
      const count = 1 / PORTIONS_PER_CALL;
      const onPortion = () => limits.charge(c, session, { kind: "calls", count });
      const list = await hub.roomLists.list(session, { prefix, ...page, onPortion });
      return jsonResponse(session.isApiKey ? await identification.roomList(list) : list);
    })
    .get("/conversations", async (c) => {
      const session = await authentication.session(c);
      const count = 1 / PORTIONS_PER_CALL;
      const onPortion = () => limits.charge(c, session, { kind: "calls", count });
      return jsonResponse(await hub.conversations.list(session, onPortion));
    })
    .put("/conversations/:channel", async (c) => {
      const session = await authentication.session(c);
      const reading = await readJson(c, schemas.conversation);
      const onPortion = () => limits.charge(c, session, { kind: "calls", count: 1 });
      await hub.conversations.open(session, c.req.param("channel"), { ...reading, onPortion });
      return emptyResponse(204);
    })
    .delete("/conversations/:channel", async (c) => {
      await hub.conversations.close(await authentication.session(c), c.req.param("channel"));
      return emptyResponse(204);
    })
    .post("/signals", async (c) => {
      const session = await authentication.session(c);
      const { channel } = await readJson(c, schemas.signal);
      hub.typing(session, channel);
      return emptyResponse(202);
    });
}

/** Lists the change of a message by somebody else than its author. */
async function recordChange(
  { audit }: Hub,
  { name: by, session }: Editor,
  action: "edit" | "delete",
  { id, from }: Message,
): Promise<void> {
  if (session !== undefined && session.publicToken === from?.publicToken) return;
  await audit.record({ by, action, kind: "message", target: String(id) });
}

function pollOf(
  { channels = [], notices = true, tab = "", state = "active", cursor, hold, turn }: PollRequest,
  connection: PollConnection,
): Poll {
  return { cursor, channels, notices, hold, tab, turn, state, wantsSignals: true, connection };
}
