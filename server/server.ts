import type { ServerSettings } from "./protocol/replies.ts";
import { TABS_PER_SESSION, TEXT_BYTES } from "./protocol/limits.ts";
import { join } from "node:path";
import { guestRightsOf } from "./http/auth/auth_settings.ts";
import { readCertificate } from "./http/tls/certificate.ts";
import type { Config } from "./config/config.ts";
import { Hub } from "./core/hub/hub.ts";
import { type Refusal } from "./protocol/refusal.ts";
import { Refused } from "./core/model/refused.ts";
import type { Retention } from "./core/model/store.ts";
import { type EventFields, Logger } from "./base/logger.ts";
import { hubMetrics, processMetrics, storeMetrics, watchEventLoop } from "./http/metrics/gauges.ts";
import { hasScope } from "./http/auth/api_keys.ts";
import { createApp } from "./http/app.ts";
import { readAssets } from "./http/assets.ts";
import { Limits } from "./http/limits/limits.ts";
import { Metrics } from "./http/metrics/metrics.ts";
import { startIntervalJob } from "./base/interval.ts";
import { Listener } from "./http/listener.ts";
import { CertificateReload } from "./http/tls/certificate_reload.ts";
import { openStore } from "./stores/open_store.ts";
import { timedStore } from "./stores/timed_store.ts";
import { startNoticeJob, startWebhookJob } from "./sole_jobs.ts";
import { SourceError } from "./notices/sources/notice_source.ts";

/** A server that runs. Disposed, it stops as fast as it can without losing what it has acknowledged. */
export interface RunningServer extends AsyncDisposable {
  readonly url: string;
  /**
   * Stops the server so that nobody notices more than a pause: says at `/ready` that it will stop, serves on for the
   * drain delay, answers every parked poll with a time of its own to come back, and closes.
   */
  drain(): Promise<void>;
}

/** So many messages are in the recent window at most, whatever their size. */
const WINDOW_MESSAGES = 100_000;

/** So many events are kept to tell what happened to a message and to polls: some megabytes of them. */
const TRACED_EVENTS = 20_000;

/** So long (ms) after the drain delay, at most, the last answers are on their way; what is not by then is cut off. */
const LAST_ANSWERS = 2_500;

/** What it means that there is no database. */
const MEMORY_INSTEAD =
  "Messages and sessions stay on this one instance, and end with it. On Deno " +
  "Deploy, provision a Deno KV database, and assign it to this application, under Databases; " +
  "then deploy again.";

/** Opens the store, starts the jobs, and listens. Throws a `StartError`. */
export async function startServer(config: Config): Promise<RunningServer> {
  await using opened = new AsyncDisposableStack();
  const certificate = config.certificate && await readCertificate(config.certificate);
  const events = new Logger(config.logLevel);
  const store = opened.use(
    await openStore(
      config.store,
      retentionOf(config),
      {
        onMemoryFallback: (reason) =>
          events.write("warn", "memory_instead", { reason, meaning: MEMORY_INSTEAD }),
        onLost: (reason) => stopAtOnce(events, reason),
      },
    ),
  );
  const metrics = new Metrics();
  const timed = timedStore(store, (...took) => metrics.onStore(...took));
  const hub = opened.use(await Hub.open(timed, hubOptionsOf(config, metrics, events)));
  const state = { isDraining: false };
  const tellTrouble = troubleTeller(events);
  const app = createApp({
    hub,
    keyValue: store.keyValue,
    assets: await readAssets(join(import.meta.dirname ?? ".", "..", "static"), authOf(config)),
    notReadyReason: () =>
      state.isDraining ? "The server is about to stop" : store.unavailableReason,
    metrics,
    heartbeat: config.pollHeartbeat,
    limits: openLimits(config, events, metrics),
    allowedOrigins: config.allowedOrigins,
    apiKeys: config.apiKeys,
    jwt: config.auth.jwt,
    settings: settingsOf(config),
    onRequest: config.logLevel === "debug"
      ? (request) => events.write("debug", "request", { ...request })
      : undefined,
    onRefusal: tellTrouble,
    onInternalError: (error, { method, path }) => events.internalError(error, { method, path }),
  });
  const onError = (job: string, error: unknown) => {
    if (error instanceof Refused) tellTrouble(error);
    else if (error instanceof SourceError) {
      events.write("error", "notices_unavailable", { reason: error.message });
    } else events.internalError(error, { job });
  };
  for (const start of [startNoticeJob, startWebhookJob]) {
    const job = opened.use(await start({ hub, store, events, onError }, config));
    if (job !== undefined) metrics.include(() => job.figures);
  }
  metrics.include(() => [...hubMetrics(hub), ...storeMetrics(store), ...processMetrics()]);
  opened.use(watchEventLoop((ms) => metrics.onLag(ms)));
  opened.use(startIntervalJob(() => sweep(hub, metrics), {
    intervalMs: config.intervalTime,
    onError: (error) => onError("sweep", error),
  }));
  const address = { ...config, certificate };
  const listener = opened.use(Listener.open(address, app.fetch, events));
  if (config.certificate !== undefined) {
    const reload = new CertificateReload(config.certificate, listener, events);
    opened.use(startIntervalJob(() => reload.run(), {
      intervalMs: config.intervalTime,
      onError: (error) => onError("certificate_reload", error),
    }));
  }
  const open = opened.move();

  const drain = async () => {
    state.isDraining = true;
    events.write("info", "draining", { parked: hub.parked });
    await new Promise((resolve) => setTimeout(resolve, config.drainDelay));
    const end = performance.now() + LAST_ANSWERS;
    await hub.close(slotOf);
    await listener.close(end - performance.now());
    await open.disposeAsync();
    events.write("info", "stopped");
  };
  return { url: listener.url, drain, [Symbol.asyncDispose]: () => open.disposeAsync() };
}

async function sweep(hub: Hub, metrics: Metrics): Promise<void> {
  const start = performance.now();
  await hub.sweep();
  metrics.onSweep(performance.now() - start);
}

/** How often one may ask; what is refused is counted, and told of at most every ten seconds. */
function openLimits({ limits }: Config, events: Logger, metrics: Metrics): Limits {
  const until = new Map<string, number>();
  const tell = (event: string, key: string, fields: EventFields) => {
    if (performance.now() < (until.get(key) ?? 0)) return;
    until.set(key, performance.now() + REMINDER);
    events.write("warn", event, fields);
  };
  return new Limits(limits, {
    onLimited: (limit, network) => {
      metrics.onLimited(limit);
      tell("limited", limit, { limit, ...(network !== undefined && { address: network }) });
    },
    onUntrusted: () => tell("proxy_not_trusted", "proxy", { setting: "TRUST_PROXY" }),
  });
}

/** Whatever is served from now on would be wrong. Whoever has started this process starts it again. */
function stopAtOnce(events: Logger, reason: string): void {
  events.write("error", "store_lost", { reason });
  Deno.exit(1);
}

function authOf({ auth }: Config): "guest" | "jwt" {
  return auth.jwt === undefined ? "guest" : "jwt";
}

/** Refusals that tell of trouble on our side, not on the client's. */
const TROUBLE: readonly Refusal[] = [
  "store_unavailable",
  "keys_unavailable",
  "too_many_polls",
  "too_many_rooms",
  "too_many_sessions",
];

/** Trouble is told at once, and then so often (ms) while it lasts. */
const REMINDER = 10_000;

function troubleTeller(events: Logger): (refused: Refused) => void {
  const told = new Map<Refusal, number>();
  return ({ refusal, message }) => {
    if (!TROUBLE.includes(refusal) || performance.now() < (told.get(refusal) ?? 0)) return;
    told.set(refusal, performance.now() + REMINDER);
    events.write("error", refusal, { reason: message });
  };
}

/** What clients are told about this deployment. */
function settingsOf(config: Config): ServerSettings {
  const { keyAge, connectInterval: hold, home } = config;
  return { keyAge, textBytes: TEXT_BYTES, hold, auth: authOf(config), home };
}

function hubOptionsOf(config: Config, metrics: Metrics, events: Logger) {
  return {
    hold: config.connectInterval,
    window: { messages: WINDOW_MESSAGES, bytes: config.windowBytes },
    waiting: {
      seats: config.parkedPolls,
      tabsPerSession: TABS_PER_SESSION,
      tabsPerNetwork: config.limits.parkedPollsPerAddress,
    },
    sessionAge: config.sessionAge,
    max: { sessions: config.sessions, rooms: config.rooms },
    listsRooms: config.listsRooms,
    onAcknowledged: (milliseconds: number) => metrics.onAcknowledged(milliseconds),
    onClockAhead: (milliseconds: number) =>
      events.write("warn", "clock_ahead", {
        hours: Math.round(milliseconds / 3_600_000),
        meaning: "Nothing is removed by age for a day: check the clock of this machine",
      }),
    guestRights: guestRightsOf(config.auth.guests),
    reservedNames: config.auth.guests.reservedNames,
    // Only an administrator may ask for it.
    traceCapacity: config.apiKeys.some((key) => hasScope(key, "admin")) ? TRACED_EVENTS : 0,
  };
}

function retentionOf({ retainMessages, retainAge, keyAge }: Config): Retention {
  return { maxMessages: retainMessages, maxAgeMs: retainAge, keyAgeMs: keyAge };
}

/** Spreads the return of parked readers: 500 a second, over at least one second and at most fifteen. */
function slotOf(n: number, of: number): number {
  const spread = Math.min(Math.max(of * 2, 1_000), 15_000);
  return Math.round(1_000 + spread * n / of);
}
