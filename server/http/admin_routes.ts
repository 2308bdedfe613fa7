import { Hono } from "hono";
import manifest from "../../deno.json" with { type: "json" };
import { wallNow } from "../base/clock.ts";
import type { AdminOverview } from "../protocol/admin_replies.ts";
import { fit, jsonResponse } from "./json.ts";
import type { ApiDeps } from "./native_routes.ts";
import { schemas } from "../protocol/requests.ts";

/** What the admin page asks for, to be mounted at `/api/admin`. Everything is counted and listed when it is asked for. */
export function adminRoutes({ hub, who, metrics }: ApiDeps): Hono {
  const startedAt = wallNow();
  return new Hono()
    .get("/overview", (c) => {
      who.key(c, "admin");
      const { presence } = hub;
      const overview: AdminOverview = {
        version: manifest.version,
        node: hub.node,
        startedAt,
        now: wallNow(),
        parked: hub.parked,
        present: presence.size,
        sessions: hub.sessions.count,
        rooms: presence.channels,
        windowBytes: hub.windowBytes,
        memoryBytes: Deno.memoryUsage().rss,
        isTraced: hub.trace !== undefined,
        counts: metrics.counts,
      };
      return jsonResponse(overview);
    })
    .get("/sessions", async (c) => {
      who.key(c, "admin");
      return jsonResponse(await hub.liveSessions(fit(schemas.liveSessions, c.req.query())));
    })
    .get("/rooms", (c) => {
      who.key(c, "admin");
      return jsonResponse(hub.channelPresence.allRooms());
    });
}
