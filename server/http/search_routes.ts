import { type Context, Hono } from "hono";
import { encode } from "../core/model/message.ts";
import type { Session } from "../core/model/session.ts";
import type { FirstReply } from "../protocol/replies.ts";
import { schemas } from "../protocol/request_schemas.ts";
import type { ApiDeps } from "./api_routes.ts";
import { validate } from "./request_body.ts";
import { jsonResponse, rawJsonResponse } from "./responses.ts";

/** A search counts as this number of further requests, and each portion that is read for it as one. */
const CALLS = 4;

/** The routes that find messages, below `/api`. */
export function searchRoutes({ hub, authentication, limits }: ApiDeps): Hono {
  const charge = (c: Context, session: Session, count: number) =>
    limits.charge(c, session, { kind: "calls", count });
  return new Hono()
    .get("/search", async (c) => {
      const session = await authentication.session(c);
      const query = validate(schemas.search, c.req.query());
      charge(c, session, CALLS);
      const onPortion = () => charge(c, session, 1);
      const { hits, ...rest } = await hub.history.search.page(session, { ...query, onPortion });
      const list = hits.map(({ message, words }) =>
        `{"message":${encode(message).json},"words":${JSON.stringify(words)}}`
      );
      const others = JSON.stringify(rest).slice(1, -1);
      return rawJsonResponse(`{"hits":[${list.join(",")}]${others && `,${others}`}}`);
    })
    .get("/channels/:channel/first", async (c) => {
      const session = await authentication.session(c);
      const { since } = validate(schemas.first, c.req.query());
      const onPortion = () => charge(c, session, 1);
      const channel = c.req.param("channel");
      const message = await hub.history.search.first(session, channel, { since, onPortion });
      const reply: FirstReply = message === undefined ? {} : { message };
      return jsonResponse(reply);
    });
}
