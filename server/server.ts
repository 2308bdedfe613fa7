import { join } from "node:path";
import manifest from "../deno.json" with { type: "json" };
import { monotonicNow, msSince } from "./base/clock.ts";
import { delay } from "./base/delay.ts";
import { startIntervalJob } from "./base/interval.ts";
import { Logger } from "./base/logger.ts";
import { reachableHost } from "./base/loopback.ts";
import { stopRequested } from "./base/stop_signals.ts";
import { logRuntimeWarnings, logUncaughtErrors } from "./base/uncaught_errors.ts";
import { type Config, inspectSettings } from "./config/config.ts";
import { ignoredSettings } from "./config/ignored_settings.ts";
import { mergeSettings, readSettingSources } from "./config/setting_sources.ts";
import { Hub, type HubOptions } from "./core/hub/hub.ts";
import type { Retention, Store } from "./core/model/store.ts";
import type { Refused } from "./core/model/refused.ts";
import { type AppDeps, createApp } from "./http/app.ts";
import { readAssets } from "./http/assets.ts";
import { hasScope } from "./http/auth/api_keys.ts";
import { guestRightsOf } from "./http/auth/auth_settings.ts";
import { ErrorLog } from "./http/error_log.ts";
import { guardHost } from "./http/host_guard.ts";
import { openLimits } from "./http/limits/limits.ts";
import { Listener } from "./http/listener.ts";
import { hubMetrics, processMetrics, storeMetrics, watchEventLoop } from "./http/metrics/gauges.ts";
import { Metrics } from "./http/metrics/metrics.ts";
import { readCertificate } from "./http/tls/certificate.ts";
import { CertificateReload } from "./http/tls/certificate_reload.ts";
import { guardUrl } from "./http/url_encoding.ts";
import { Notices } from "./notices/notices.ts";
import { TABS_PER_SESSION, TEXT_BYTES } from "./protocol/limits.ts";
import { openStore, type StoreEvents } from "./stores/open_store.ts";
import { timedStore } from "./stores/timed_store.ts";
import { Webhooks } from "./webhooks/webhooks.ts";

/** A running server. Disposing stops it as fast as possible without losing acknowledged messages. */
export interface RunningServer extends AsyncDisposable {
  readonly url: string;
  /**
   * Stops the server without failing requests: answers 503 at `/ready`, continues to serve during the drain delay, then
   * answers every parked poll, tells its client when to come back, and closes.
   */
  drain(): Promise<void>;
}

/** Maximum number of messages in the recent window, whatever their size. */
const WINDOW_MESSAGES = 100_000;

/** Maximum size of the trace in bytes. */
const TRACE_BYTES = 8 * 2 ** 20;

const ALL_ADDRESSES = " and all other addresses of this machine";

/** After the drain delay, the maximum time for sending the last responses. */
const LAST_RESPONSES_MS = 2_500;

/** The parts of a server that do not listen. */
interface Parts {
  readonly config: Config;
  readonly logger: Logger;
  readonly errorLog: ErrorLog;
  readonly metrics: Metrics;
  readonly store: Store;
  readonly hub: Hub;
}

/** Starts the server, and stops it at SIGINT or SIGTERM. */
export async function serve(): Promise<void> {
  // First of all, because a signal can arrive while the server starts.
  const stop = stopRequested();
  const sources = await readSettingSources();
  const { config, read } = inspectSettings(mergeSettings(sources));
  const logger = new Logger(config.logLevel);
  for (const reason of ignoredSettings(sources, read.settings)) {
    logger.write("warn", "setting_ignored", { reason });
  }
  read.throwIfInvalid();
  using _errors = logUncaughtErrors(logger);
  using _warnings = logRuntimeWarnings(logger);
  await using server = await startServer(config);
  const others = reachableHost(config.host) === config.host ? "" : ALL_ADDRESSES;
  console.log(`Halley ${manifest.version} listens on ${server.url}${others}`);
  await stop;
  await server.drain();
}

/** Opens the store, starts the background tasks, and listens. Throws a `StartError`. */
export async function startServer(config: Config): Promise<RunningServer> {
  await using starting = new AsyncDisposableStack();
  const certificate = config.certificate && await readCertificate(config.certificate);
  const logger = new Logger(config.logLevel);
  const errorLog = new ErrorLog(logger);
  const metrics = new Metrics();
  const store = starting.use(
    await openStore(config.store, retentionOf(config), storeEvents(logger)),
  );
  const timed = timedStore(store, (...measured) => metrics.onStore(...measured));
  const hub = starting.use(await Hub.open(timed, hubOptionsOf(config, { logger, metrics })));
  metrics.include(() => [...hubMetrics(hub), ...storeMetrics(store), ...processMetrics()]);
  const parts = { config, logger, errorLog, metrics, store, hub };
  starting.use(await startBackgroundTasks(parts));
  const state = { isDraining: false };
  const app = await openApp(parts, state);
  const onRefusal = ({ refusal }: Refused) => metrics.onRefusal(refusal);
  const handler = guardHost(guardUrl(app.fetch, onRefusal), config, onRefusal);
  const listener = starting.use(Listener.open({ ...config, certificate }, handler, logger));
  starting.use(startCertificateReload(parts, listener));
  const running = starting.move();
  return {
    url: listener.url,
    drain: async () => {
      state.isDraining = true;
      await drain(parts, listener);
      await running.disposeAsync();
      logger.write("info", "stopped");
    },
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  };
}

async function startBackgroundTasks(parts: Parts): Promise<AsyncDisposable> {
  const { config, logger, errorLog, metrics, store, hub } = parts;
  await using starting = new AsyncDisposableStack();
  const deps = (job: string) => ({
    hub,
    store,
    logger,
    onError: (error: unknown) => errorLog.onError(error, { job }),
  });
  const { intervalTime: intervalMs } = config;
  const notices = starting.use(
    await Notices.start(deps("notices"), config.notices, intervalMs),
  );
  const webhooks = starting.use(await Webhooks.start(deps("webhooks"), config.webhooks));
  for (const feature of [notices, webhooks]) {
    if (feature !== undefined) metrics.include(() => feature.metrics);
  }
  starting.use(watchEventLoop((lateMs) => metrics.onLag(lateMs)));
  starting.use(startIntervalJob(async () => {
    const start = monotonicNow();
    await hub.sweep();
    metrics.onSweep(msSince(start));
  }, { intervalMs, onError: deps("sweep").onError }));
  return starting.move();
}

async function openApp(parts: Parts, state: { readonly isDraining: boolean }) {
  const { config, logger, errorLog, metrics, store, hub } = parts;
  const folder = join(import.meta.dirname ?? ".", "..", "static");
  return createApp({
    hub,
    keyValue: store.keyValue,
    assets: await readAssets(folder, authOf(config)),
    notReadyReason: (ignoresStore) => {
      if (state.isDraining) return "The server is stopping";
      return ignoresStore ? undefined : store.unavailableReason;
    },
    metrics,
    heartbeat: config.pollHeartbeat,
    limits: openLimits(config.limits, { logger, onLimited: (limit) => metrics.onLimited(limit) }),
    allowedOrigins: config.allowedOrigins,
    allowedHeaders: config.allowedHeaders,
    apiKeys: config.apiKeys,
    jwt: config.auth.jwt,
    settings: settingsOf(config),
    onRequest: config.logLevel === "debug"
      ? (request) => logger.write("debug", "request", { ...request })
      : undefined,
    onRefusal: (refused) => errorLog.onRefusal(refused),
    onInternalError: (error, { method, path }) => logger.internalError(error, { method, path }),
  });
}

function startCertificateReload(
  { config, logger, errorLog }: Parts,
  listener: Listener,
): AsyncDisposable | undefined {
  if (config.certificate === undefined) return undefined;
  const reload = new CertificateReload(config.certificate, listener, logger);
  return startIntervalJob(() => reload.run(), {
    intervalMs: config.intervalTime,
    onError: (error) => errorLog.onError(error, { job: "certificate_reload" }),
  });
}

async function drain({ config, logger, hub }: Parts, listener: Listener): Promise<void> {
  logger.write("info", "draining", { parked: hub.parked });
  await delay(config.drainDelay);
  const start = monotonicNow();
  await hub.close(returnDelay);
  await listener.close(LAST_RESPONSES_MS - msSince(start));
}

/** When the n-th of `count` clients should come back, in ms: 500 per second, spread over 1 to 15 s. */
function returnDelay(n: number, count: number): number {
  const spread = Math.min(Math.max(count * 2, 1_000), 15_000);
  return Math.round(1_000 + spread * n / count);
}

const MEMORY_INSTEAD = "Messages and sessions are in memory only, and are lost when this " +
  "instance stops. On Deno Deploy, create a Deno KV database under Databases, assign it to this " +
  "application, and deploy again.";

function storeEvents(logger: Logger): StoreEvents {
  return {
    onMemoryFallback: (reason) =>
      logger.write("warn", "memory_instead", { reason, meaning: MEMORY_INSTEAD }),
    onLost: (reason) => {
      // Everything this process knows may be wrong. Its supervisor starts it again.
      logger.write("error", "store_lost", { reason });
      Deno.exit(1);
    },
  };
}

function hubOptionsOf(
  config: Config,
  { logger, metrics }: Pick<Parts, "logger" | "metrics">,
): HubOptions {
  const { limits, auth: { guests }, apiKeys } = config;
  return {
    hold: config.connectInterval,
    window: { messages: WINDOW_MESSAGES, bytes: config.windowBytes },
    waiting: {
      seats: config.parkedPolls,
      tabsPerSession: TABS_PER_SESSION,
      tabsPerNetwork: limits.parkedPollsPerAddress,
    },
    sessionAge: config.sessionAge,
    max: { sessions: config.sessions, rooms: config.rooms },
    listsRooms: config.listsRooms,
    home: config.home,
    guestRights: guestRightsOf(guests),
    reservedNames: guests.reservedNames,
    // Only administrators can read the trace.
    traceBytes: apiKeys.some((key) => hasScope(key, "admin")) ? TRACE_BYTES : 0,
    onAcknowledged: (ms) => metrics.onAcknowledged(ms),
    onClockAhead: (ms) =>
      logger.write("warn", "clock_ahead", {
        hours: Math.round(ms / 3_600_000),
        meaning: "Nothing is removed by age for a day: check the clock of this machine",
      }),
  };
}

function retentionOf(config: Config): Retention {
  return {
    maxMessages: config.retainMessages,
    maxPrivate: config.retainPrivate,
    maxBytes: config.retainBytes,
    maxAgeMs: config.retainAge,
    keyAgeMs: config.keyAge,
  };
}

/** The settings that clients need. */
function settingsOf(config: Config): AppDeps["settings"] {
  const { keyAge, connectInterval: hold, pollHeartbeat: heartbeat, home } = config;
  return { keyAge, textBytes: TEXT_BYTES, hold, heartbeat, auth: authOf(config), home };
}

function authOf({ auth }: Config): "guest" | "jwt" {
  return auth.jwt === undefined ? "guest" : "jwt";
}
