import { Hono } from "hono";
import manifest from "../../deno.json" with { type: "json" };
import type { BanTarget } from "../core/hub/banning.ts";
import { Refused } from "../core/model/refused.ts";
import type { AdminOverview } from "../protocol/admin_replies.ts";
import { schemas } from "../protocol/request_schemas.ts";
import type { ApiDeps } from "./api_routes.ts";
import { overviewCounts } from "./metrics/metrics.ts";
import { totalOf, type WorkerReport } from "./metrics/worker_report.ts";
import { parseNetwork } from "./limits/client_address.ts";
import { readJson, validate } from "./request_body.ts";
import { emptyResponse, jsonResponse } from "./responses.ts";

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
    .get("/audit", async (c) => {
      authentication.apiKey(c, "admin");
      return jsonResponse(await hub.audit.list(validate(schemas.audit, c.req.query())));
    })
    .get("/bans", async (c) => {
      authentication.apiKey(c, "admin");
      return jsonResponse(await hub.banning.list(validate(schemas.bans, c.req.query())));
    })
    .post("/bans", async (c) => {
      const { name } = authentication.apiKey(c, "admin");
      const { duration, reason, ...who } = await readJson(c, schemas.ban);
      const by = `api:${name}`;
      const ban = await hub.banning.ban(banTarget(who), { duration, reason, by });
      const { kind, id: target, until } = ban;
      await hub.audit.record({ by, action: "ban", kind, target, until });
      return jsonResponse(ban, 201);
    })
    .delete("/bans", async (c) => {
      const { name } = authentication.apiKey(c, "admin");
      const target = banTarget(validate(schemas.liftBan, c.req.query()));
      const { kind, id } = await hub.banning.lift(target);
      await hub.audit.record({ by: `api:${name}`, action: "lift", kind, target: id });
      return emptyResponse(204);
    })
    .get("/rooms", (c) => {
      authentication.apiKey(c, "admin");
      return jsonResponse(hub.channelPresence.allRooms());
    });
}

interface BannedNames {
  readonly session?: string;
  readonly user?: string;
  readonly address?: string;
}

/** Who is banned, of whom a request names one. */
function banTarget({ session, user, address }: BannedNames): BanTarget {
  const names = [session, user, address].filter((name) => name !== undefined);
  if (names.length !== 1) {
    const detail = 'Name one of "session" (a public token), "user" (a user id) and "address"';
    throw new Refused("invalid_request", detail);
  }
  if (session !== undefined) return { kind: "session", id: session };
  if (user !== undefined) return { kind: "user", id: user };
  const network = parseNetwork(address ?? "");
  if (network !== undefined) return { kind: "address", network };
  throw new Refused(
    "invalid_request",
    '"address" must be an IP address or a network such as 203.0.113.0/24 (at least /8) or ' +
      "2001:db8::/32 (at least /16), and not this machine",
  );
}
