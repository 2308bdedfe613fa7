import { type Context, Hono, type MiddlewareHandler } from "hono";
import { methodNotAllowed } from "hono/method-not-allowed";
import { routePath } from "hono/route";
import { type Runtime, SYSTEM_RUNTIME } from "../base/runtime.ts";
import type { Hub } from "../core/hub/hub.ts";
import { Refused } from "../core/model/refused.ts";
import { userRightsOf } from "../core/model/rights.ts";
import type { KeyValue } from "../core/model/store.ts";
import type { HealthReply } from "../protocol/admin_replies.ts";
import { adminRoutes } from "./admin_routes.ts";
import { type ApiDeps, apiRoutes } from "./api_routes.ts";
import { assetResponse, type Assets } from "./assets.ts";
import { ApiKeys, type KeySetting } from "./auth/api_keys.ts";
import { ApplicationTokens } from "./auth/application_tokens.ts";
import { Authentication, PrivateTokens } from "./auth/authentication.ts";
import type { JwtSettings } from "./auth/jwt_settings.ts";
import { backendRoutes } from "./backend_routes.ts";
import { pathReader } from "./base_path.ts";
import { cors, type CorsSettings, refusePreflight } from "./cors.ts";
import { fileRoutes } from "./file_routes.ts";
import { Heartbeats } from "./heartbeats.ts";
import { legacyRoutes } from "./legacy/legacy_routes.ts";
import type { Limits } from "./limits/limits.ts";
import type { Metrics } from "./metrics/metrics.ts";
import { reportOf, type WorkerReport } from "./metrics/worker_report.ts";
import { PROMETHEUS_TYPE } from "./metrics/prometheus_format.ts";
import { internalErrorResponse, refusalResponse } from "./problem.ts";
import { jsonResponse, redirectResponse, textResponse } from "./responses.ts";
import { pushRoutes, type PushRouteSettings } from "./push_routes.ts";
import { searchRoutes } from "./search_routes.ts";

export interface AppDeps extends CorsSettings {
  readonly hub: Hub;
  readonly keyValue: KeyValue;
  readonly assets: Assets;
  /** The path of this server on its site, such as `/chat`; empty if it is the whole site. */
  readonly basePath: string;
  readonly metrics: Metrics;
  /** Asks the other workers of this process for their metrics; absent if there are none. */
  readonly otherReports?: (() => Promise<readonly WorkerReport[]>) | undefined;
  /**
   * Has another worker of this process answer a request for monitoring or administration, which concerns all workers; absent
   * if this worker answers it.
   */
  readonly forward?: ((c: Context) => Promise<Response>) | undefined;
  readonly limits: Limits;
  /** Time and timers; those of the process if absent. */
  readonly runtime?: Runtime | undefined;
  readonly apiKeys: readonly KeySetting[];
  /** With these settings people need a token of the application; without, they sign in with a name. */
  readonly jwt: JwtSettings | undefined;
  /** The origins of pictures of users that are shown; none if absent. */
  readonly pictureOrigins?: readonly string[] | undefined;
  /** What devices need for pushes; absent if there are none. */
  readonly push?: PushRouteSettings | undefined;
  /** Maximum time in ms that a held response is silent; 0 disables heartbeats. */
  readonly heartbeat: number;
  /** The settings that clients receive when they sign in. */
  readonly settings: ApiDeps["settings"];
  /** Why load balancers should not send requests here; `undefined` if the server is ready. */
  readonly notReadyReason: (ignoresStore: boolean) => string | undefined;
  /** Called for every request, if set. */
  readonly onRequest?: ((request: AnsweredRequest) => void) | undefined;
  /** Called for every refused request. */
  readonly onRefusal: (refused: Refused) => void;
  /** Called for every request that fails with another error. */
  readonly onInternalError: (error: unknown, request: { method: string; path: string }) => void;
}

/** A request for the log. It contains no names, no rooms and no tokens. */
export interface AnsweredRequest {
  readonly method: string;
  /** The path of the route, such as `/api/channels/:channel/messages`. */
  readonly route: string;
  readonly status: number;
  /** Time to the response, in ms. */
  readonly took: number;
}

/** Creates the HTTP application: the API, the legacy endpoints, the static files, and what monitoring needs. */
export function createApp(deps: AppDeps): Hono {
  const { hub, keyValue, metrics, limits, jwt, allowedOrigins, onRequest } = deps;
  const { runtime = SYSTEM_RUNTIME, pictureOrigins } = deps;
  const onRefusal = (refused: Refused) => {
    metrics.onRefusal(refused.refusal);
    deps.onRefusal(refused);
  };
  const tokens = jwt === undefined
    ? new PrivateTokens(hub)
    : new ApplicationTokens(hub, jwt, { runtime, pictureOrigins });
  const keys = new ApiKeys(deps.apiKeys, {
    rights: userRightsOf(hub.sessions.guestRights),
    runtime,
  });
  const authentication = new Authentication({ tokens, keys, limits, bans: hub.bans });
  const heartbeats = createHeartbeats({ ...deps, onRefusal });
  const { settings, forward, otherReports } = deps;
  const reports = async () => [reportOf(1, hub, metrics), ...await otherReports?.() ?? []];
  const api = {
    ...{ hub, metrics, reports, limits, authentication, heartbeats, settings },
    ...{ onRefusal, runtime },
  };

  const app = new Hono({ getPath: pathReader(deps.basePath) });
  // Each middleware costs a poll a tenth of its time, so there is none without a purpose.
  if (onRequest !== undefined) app.use(requestLog(onRequest, runtime));
  if (allowedOrigins.length > 0) app.use("/api/*", cors(deps));
  if (forward !== undefined) { for (const path of FORWARDED) app.get(path, forward); }
  app.route("/api", apiRoutes(api));
  app.route("/api", searchRoutes(api));
  app.route("/api", pushRoutes(api, deps.push));
  app.route("/api", fileRoutes(api));
  app.route("/api", backendRoutes(api));
  app.route("/api/admin", adminRoutes(api));
  app.route("/", legacyRoutes({ ...api, keyValue }));
  addMonitoring(app, { ...deps, reports });
  addAssets(app, deps);
  handleErrors(app, { ...deps, onRefusal });
  return app;
}

function createHeartbeats({ heartbeat, onRefusal, onInternalError, runtime }: AppDeps) {
  if (heartbeat === 0) return undefined;
  const onLateError = (error: unknown) => {
    if (!(error instanceof Refused)) {
      return onInternalError(error, { method: "POST", path: "/api/poll" });
    }
    onRefusal(error);
  };
  return new Heartbeats({ interval: heartbeat, onLateError, runtime });
}

function requestLog(
  onRequest: (request: AnsweredRequest) => void,
  runtime: Runtime,
): MiddlewareHandler {
  return async (c, next) => {
    const start = runtime.monotonicNow();
    await next();
    const [method, route] = [c.req.method, routePath(c, -1)];
    onRequest({ method, route, status: c.res.status, took: Math.round(runtime.msSince(start)) });
  };
}

/** What is asked of all workers of a process. */
const FORWARDED = ["/metrics", "/api/admin/*", "/api/trace", "/api/messages/:id/deliveries"];

function addMonitoring(
  app: Hono,
  { metrics, limits, notReadyReason, reports }: AppDeps & Pick<ApiDeps, "reports">,
): void {
  const health = (reply: HealthReply, status = 200) => jsonResponse(reply, status);
  app.get("/live", () => health({ status: "live" }));
  app.get("/ready", (c) => {
    // While the store that all nodes share fails, polls continue from memory: a balancer must not take all nodes out.
    const reason = notReadyReason(c.req.query("ignore") === "store");
    if (reason === undefined) return health({ status: "ready" });
    return health({ status: "unready", reason }, 503);
  });
  app.get("/metrics", async (c) => {
    limits.checkAnonymous(c);
    return textResponse(metrics.format(await reports()), PROMETHEUS_TYPE);
  });
}

function addAssets(app: Hono, { assets, basePath }: AppDeps): void {
  for (const [path, asset] of assets) {
    app.get(path, ({ req }) => {
      // The addresses in a page are relative: with a slash at its end they would lead elsewhere.
      const hasSlash = path !== "/" && new URL(req.url).pathname.endsWith("/");
      if (hasSlash) return redirectResponse(`../${path.slice(path.lastIndexOf("/") + 1)}`);
      return assetResponse(asset, req.raw);
    });
  }
  if (basePath !== "") app.get(basePath, () => redirectResponse(`${basePath}/`));
}

function handleErrors(app: Hono, { metrics, limits, onRefusal, onInternalError }: AppDeps): void {
  const unmatched = unmatchedRequests(app);
  app.notFound(async (c) => {
    refusePreflight(c);
    const response = await unmatched.fetch(c.req.raw);
    metrics.onRefusal(response.status === 405 ? "method_not_allowed" : "not_found");
    return response;
  });
  app.onError((thrown, c) => {
    const error = limitWrongTokens(thrown, limits, c);
    if (error instanceof Refused) {
      onRefusal(error);
      return refusalResponse(error);
    }
    onInternalError(error, c.req);
    return internalErrorResponse();
  });
}

/** Returns the error of a request or, if it has a wrong token and its address sent too many of them, that refusal. */
function limitWrongTokens(error: unknown, limits: Limits, c: Context): unknown {
  if (!(error instanceof Refused) || error.refusal !== "not_signed_in") return error;
  try {
    limits.checkWrongToken(c);
    return error;
  } catch (refused) {
    return refused;
  }
}

/** Answers requests that match no route of `app`. As a middleware of `app` it would slow down every request. */
function unmatchedRequests(app: Hono): Hono {
  return new Hono({ getPath: app.getPath })
    .use(methodNotAllowed({ app, onMethodNotAllowed: refuseMethod }))
    .notFound((c) => refusalResponse(new Refused("not_found", `There is no ${c.req.path}`)));
}

function refuseMethod(c: Context, allowed: string[]): Response {
  const methods = allowed.join(", ");
  const refused = new Refused("method_not_allowed", `${c.req.path} only allows ${methods}`);
  return refusalResponse(refused, { allow: methods });
}
