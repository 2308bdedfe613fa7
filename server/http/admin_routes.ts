import { Hono } from "hono";
import manifest from "../../deno.json" with { type: "json" };
import type { AdminOverview } from "../protocol/admin_replies.ts";
import { schemas } from "../protocol/request_schemas.ts";
import type { ApiDeps } from "./api_routes.ts";
import { overviewCounts } from "./metrics/metrics.ts";
import { totalOf, type WorkerReport } from "./metrics/worker_report.ts";
import { validate } from "./request_body.ts";
import { jsonResponse } from "./responses.ts";

/** The routes of the admin page, below `/api/admin`. */
export function adminRoutes({ hub, authentication, reports, runtime }: ApiDeps): Hono {
  const startedAt = runtime.wallNow();
  return new Hono()
    .get("/overview", async (c) => {
      authentication.apiKey(c, "admin");
      const { presence } = hub;
      const workers = await reports();
      const sum = (valueOf: (report: WorkerReport) => number) =>
        workers.reduce((total, report) => total + valueOf(report), 0);
      const overview: AdminOverview = {
        version: manifest.version,
        node: hub.node,
        startedAt,
        now: runtime.wallNow(),
        parked: sum(({ parked }) => parked),
        present: presence.size,
        sessions: hub.sessions.count,
        rooms: presence.channels,
        windowBytes: sum(({ windowBytes }) => windowBytes),
        memoryBytes: Deno.memoryUsage().rss,
        isTraced: hub.trace !== undefined,
        counts: overviewCounts(totalOf(workers)),
      };
      return jsonResponse(overview);
    })
    .get("/sessions", async (c) => {
      authentication.apiKey(c, "admin");
      return jsonResponse(await hub.liveSessions(validate(schemas.liveSessions, c.req.query())));
    })
    .get("/rooms", (c) => {
      authentication.apiKey(c, "admin");
      return jsonResponse(hub.channelPresence.allRooms());
    });
}
