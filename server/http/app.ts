import type { ServerSettings } from "../protocol/replies.ts";
import { type Context, Hono, type MiddlewareHandler } from "hono";
import { methodNotAllowed } from "hono/method-not-allowed";
import { routePath } from "hono/route";
import type { Hub } from "../core/hub/hub.ts";
import { Refused } from "../core/model/refused.ts";
import type { KeyValue } from "../core/model/store.ts";
import { adminRoutes } from "./admin_routes.ts";
import { ApiKeys, type KeySetting } from "./auth/api_keys.ts";
import { assetResponse, type Assets } from "./assets.ts";
import { Authentication } from "./auth/authentication.ts";
import { backendRoutes } from "./backend_routes.ts";
import { checkPreflight, cors } from "./cors.ts";
import { ApplicationTokens } from "./auth/application_tokens.ts";
import type { JwtSettings } from "./auth/jwt_settings.ts";
import { PrivateTokens } from "./auth/private_tokens.ts";
import { Heartbeats } from "./heartbeats.ts";
import { jsonResponse } from "./json.ts";
import { legacyRoutes } from "./legacy/legacy_routes.ts";
import type { Limits } from "./limits/limits.ts";
import type { Metrics } from "./metrics/metrics.ts";
import { nativeRoutes } from "./native_routes.ts";
import { defectResponse, refusalResponse } from "./problem.ts";
import { SECURITY_HEADERS } from "./security_headers.ts";

/** What the app is made of. */
export interface AppDeps {
  readonly hub: Hub;
  readonly keyValue: KeyValue;
  readonly assets: Assets;
  /** Why no more requests should be sent here; `undefined` while they may. */
  readonly unreadiness: () => string | undefined;
  readonly metrics: Metrics;
  /** How often (ms) polls that wait say so; 0: never. */
  readonly heartbeat: number;
  /** How often one may ask. */
  readonly limits: Limits;
  readonly apiKeys: readonly KeySetting[];
  /** What clients are told about this deployment. */
  readonly settings: ServerSettings;
  /** The application's tokens that count instead of private tokens, if any do. */
  readonly jwt: JwtSettings | undefined;
  /** The origins of foreign pages that may use the API; `*` stands for all. */
  readonly allowedOrigins: readonly string[];
  /** Told of each request that was answered, if anybody wants to know. */
  readonly onRequest?: ((request: AnsweredRequest) => void) | undefined;
  /** Told of each request that was turned down. */
  readonly onRefusal: (refused: Refused) => void;
  /** Told of each error that is no refusal. */
  readonly onInternalError: (error: unknown, request: { method: string; path: string }) => void;
}

/** A request that was answered: nothing in it names a person, a room or a token. */
export interface AnsweredRequest {
  readonly method: string;
  /** Which route it took, such as `/api/channels/:channel/messages`. */
  readonly route: string;
  readonly status: number;
  /** How long it took, in ms. */
  readonly took: number;
}

/** Everything that Halley answers over HTTP. */
export function createApp(deps: AppDeps): Hono {
  const { hub, assets, metrics, limits, unreadiness, onRefusal, onInternalError } = deps;
  const app = new Hono();
  if (deps.onRequest !== undefined) app.use(telling(deps.onRequest));
  const { allowedOrigins, jwt } = deps;
  // A middleware costs each poll a tenth: only where there is something for it to do.
  if (allowedOrigins.length > 0) app.use("/api/*", cors(allowedOrigins));
  const identity = jwt === undefined ? new PrivateTokens(hub) : new ApplicationTokens(hub, jwt);
  const who = new Authentication({ identity, keys: new ApiKeys(deps.apiKeys), limits });
  const { settings } = deps;
  const native = { hub, metrics, limits, who, settings, heartbeats: heartbeatsOf(deps) };
  app.route("/api", nativeRoutes(native));
  app.route("/api", backendRoutes(native));
  app.route("/api/admin", adminRoutes(native));
  app.route("/", legacyRoutes({ ...native, keyValue: deps.keyValue }));
  app.get("/live", () => jsonResponse({ status: "live" }));
  app.get("/ready", () => {
    const reason = unreadiness();
    return reason === undefined
      ? jsonResponse({ status: "ready" })
      : jsonResponse({ status: "unready", reason }, 503);
  });
  app.get("/metrics", (c) => {
    limits.checkAnonymous(c);
    return metricsResponse(metrics.format());
  });
  for (const [path, asset] of assets) app.get(path, (c) => assetResponse(asset, c.req.raw));
  const unrouted = unroutedRequests(app);
  app.notFound(async (c) => {
    checkPreflight(c);
    const response = await unrouted.fetch(c.req.raw);
    metrics.onRefusal(response.status === 405 ? "method_not_allowed" : "not_found");
    return response;
  });
  app.onError((thrown, c) => {
    const error = answerable(thrown, () => limits.checkWrongToken(c));
    if (error instanceof Refused) {
      metrics.onRefusal(error.refusal);
      onRefusal(error);
      return refusalResponse(error);
    }
    onInternalError(error, c.req);
    return defectResponse();
  });
  return app;
}

function telling(onRequest: (request: AnsweredRequest) => void): MiddlewareHandler {
  return async (c, next) => {
    const start = performance.now();
    await next();
    const [method, route] = [c.req.method, routePath(c, -1)];
    onRequest({ method, route, status: c.res.status, took: Math.round(performance.now() - start) });
  };
}

function heartbeatsOf({ heartbeat, metrics, onRefusal, onInternalError }: AppDeps) {
  if (heartbeat === 0) return undefined;
  const onLateError = (error: unknown) => {
    if (!(error instanceof Refused)) {
      return onInternalError(error, { method: "POST", path: "/api/poll" });
    }
    metrics.onRefusal(error.refusal);
    onRefusal(error);
  };
  return new Heartbeats({ interval: heartbeat, onLateError });
}

/** The same error; or, of a token that is none, that there were too many of them. */
function answerable(error: unknown, checkWrongToken: () => void): unknown {
  if (!(error instanceof Refused) || error.refusal !== "not_signed_in") return error;
  try {
    checkWrongToken();
    return error;
  } catch (refused) {
    return refused;
  }
}

/** Answers what no route of `app` answers. An app of its own: as a middleware it would cost each request something. */
function unroutedRequests(app: Hono): Hono {
  return new Hono()
    .use(methodNotAllowed({ app, onMethodNotAllowed: refuseMethod }))
    .notFound((c) => refusalResponse(new Refused("not_found", `There is no ${c.req.path} here`)));
}

function refuseMethod(c: Context, allowed: string[]): Response {
  const refused = new Refused("method_not_allowed", `${c.req.path} takes ${allowed.join(", ")}`);
  return refusalResponse(refused, { allow: allowed.join(", ") });
}

function metricsResponse(text: string): Response {
  return new Response(text, {
    headers: { "content-type": "text/plain; version=0.0.4; charset=utf-8", ...SECURITY_HEADERS },
  });
}
