import type { ServerSettings } from "../protocol/replies.ts";
import { Hono } from "hono";
import type { Hub } from "../core/hub/hub.ts";
import { encode } from "../core/model/message.ts";
import type { Poll } from "../core/polls/poll.ts";
import type { Session } from "../core/model/session.ts";
import type { Authentication } from "./auth/authentication.ts";
import { HttpPollConnection } from "./poll_connection.ts";
import { emptyResponse, fit, jsonResponse, rawJsonResponse, readJson } from "./json.ts";
import type { Heartbeats } from "./heartbeats.ts";
import type { Limits } from "./limits/limits.ts";
import type { Metrics } from "./metrics/metrics.ts";
import { AnswerEncoder, askAgain } from "./poll_codec.ts";
import { schemas } from "../protocol/requests.ts";

/** What the routes of the native API are given. */
export interface ApiDeps {
  readonly hub: Hub;
  readonly who: Authentication;
  readonly limits: Limits;
  readonly metrics: Metrics;
  /** What clients are told about this deployment. */
  readonly settings: ServerSettings;
  /** Where polls that wait have to say so now and then. */
  readonly heartbeats: Heartbeats | undefined;
}

/** The native API for whoever reads and writes, to be mounted at `/api`. docs/API.md describes it. */
export function nativeRoutes(deps: ApiDeps): Hono {
  const { hub, who, limits, metrics, settings, heartbeats } = deps;
  const answers = new AnswerEncoder();
  const answer = async (session: Session, poll: Poll) => {
    // The session was seen when this request was authenticated, a moment ago.
    const { seenAt } = session;
    const reply = await hub.poll(session, poll);
    metrics.onAnswer(reply, seenAt);
    return reply && answers.encode(reply);
  };
  return new Hono()
    .post("/poll", async (c) => {
      const session = await who.reader(c, "polls");
      const { channels = [], tab = "", state = "active", cursor, hold, turn } = await readJson(
        c,
        schemas.poll,
      );
      const client = new HttpPollConnection(c, limits);
      const common = { cursor, channels, hold, tab, turn, state, wantsSignals: true };
      // Without a cursor it is answered at once.
      if (heartbeats !== undefined && cursor !== undefined) {
        return await heartbeats.reply({
          client,
          ask: (connection) => answer(session, { ...common, connection }),
          askAgain: (retryAfter) => answers.encode(askAgain(cursor, retryAfter)),
        });
      }
      const json = await answer(session, { ...common, connection: client });
      // Nobody is there to read this; but a handler that never answered would hold its socket for ever.
      return json === undefined ? emptyResponse(499) : rawJsonResponse(json);
    })
    .post("/messages", async (c) => {
      const session = await who.session(c, "sends");
      const sending = await readJson(c, schemas.send);
      const { message, repeated } = await hub.send(session, sending);
      if (!repeated) metrics.onSent();
      return rawJsonResponse(encode(message).json, repeated ? 200 : 201);
    })
    .post("/sessions", async (c) => {
      who.checkTakesNames();
      const { displayName, userId } = await readJson(c, schemas.signIn);
      if (userId === undefined) {
        limits.checkSignIn(c);
        return jsonResponse({ ...await hub.signIn(displayName), settings }, 201);
      }
      who.key(c, "publish");
      return jsonResponse({ ...await hub.signInUser(userId, displayName), userId, settings }, 201);
    })
    .get("/session", async (c) => {
      const { person } = await who.session(c);
      return jsonResponse({ ...person, settings });
    })
    .delete("/session", async (c) => {
      await hub.accounts.signOut(await who.session(c));
      return emptyResponse(204);
    })
    .get("/channels/:channel/messages", async (c) => {
      const session = await who.reader(c);
      const page = fit(schemas.history, c.req.query());
      const { messages, more } = await hub.history(session, c.req.param("channel"), page);
      const list = messages.map((message) => encode(message).json).join(",");
      return rawJsonResponse(`{"messages":[${list}],"more":${more}}`);
    })
    .get("/channels/:channel/presence", async (c) => {
      const session = await who.reader(c);
      return jsonResponse(await hub.channelPresence.of(session, c.req.param("channel")));
    })
    .get("/rooms", async (c) => {
      return jsonResponse(hub.channelPresence.rooms(await who.reader(c)));
    })
    .get("/conversations", async (c) => {
      return jsonResponse(await hub.conversations.list(await who.session(c)));
    })
    .put("/conversations/:channel", async (c) => {
      const session = await who.session(c);
      const reading = await readJson(c, schemas.conversation);
      await hub.conversations.open(session, c.req.param("channel"), reading);
      return emptyResponse(204);
    })
    .delete("/conversations/:channel", async (c) => {
      await hub.conversations.close(await who.session(c), c.req.param("channel"));
      return emptyResponse(204);
    })
    .post("/signals", async (c) => {
      const session = await who.session(c);
      const { channel } = await readJson(c, schemas.signal);
      hub.typing(session, channel);
      return emptyResponse(202);
    });
}
