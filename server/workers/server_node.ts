import { join } from "node:path";
import { monotonicNow, msSince } from "../base/clock.ts";
import { startIntervalJob } from "../base/interval.ts";
import { Logger } from "../base/logger.ts";
import { StartError } from "../base/start_error.ts";
import type { Config } from "../config/config.ts";
import { Hub } from "../core/hub/hub.ts";
import type { HubOptions, HubWorker } from "../core/hub/hub_options.ts";
import type { OtherWorkers } from "../core/model/others.ts";
import type { Refused } from "../core/model/refused.ts";
import type { Store } from "../core/model/store.ts";
import { type AppDeps, createApp } from "../http/app.ts";
import { readAssets } from "../http/assets.ts";
import { hasScope, type KeySetting } from "../http/auth/api_keys.ts";
import { guestRightsOf } from "../http/auth/auth_settings.ts";
import { ErrorLog } from "../http/error_log.ts";
import { guardHost } from "../http/host_guard.ts";
import { openLimits } from "../http/limits/limits.ts";
import { checkAddress, Listener, type RequestHandler } from "../http/listener.ts";
import { watchEventLoop } from "../http/metrics/gauges.ts";
import { Metrics } from "../http/metrics/metrics.ts";
import type { Certificate } from "../http/tls/certificate.ts";
import { CertificateReload } from "../http/tls/certificate_reload.ts";
import { guardUrl } from "../http/url_encoding.ts";
import { TABS_PER_SESSION, TEXT_BYTES } from "../protocol/limits.ts";
import { PushKeys } from "../push/push_key.ts";
import { openFiles } from "../files/open_files.ts";
import type { Files } from "../files/files.ts";
import { timedStore } from "../stores/timed_store.ts";
import type { SharedMemory } from "./shared_memory.ts";

/** A worker among those of its process. */
export interface Membership {
  /** Its number, from 1. */
  readonly worker: number;
  /** The number of workers. */
  readonly count: number;
  readonly memory: SharedMemory;
  readonly others: OtherWorkers;
}

/** What a node is opened with. The store stays with the caller. */
export interface NodeOptions {
  readonly config: Config;
  readonly store: Store;
  readonly logger: Logger;
  /** Absent if the process has only one worker. */
  readonly membership?: Membership | undefined;
}

/** How a node listens. */
export interface NodeListenOptions extends Pick<AppDeps, "forward" | "otherReports"> {
  readonly port: number;
  readonly certificate: Certificate | undefined;
}

/** Maximum number of messages in the recent window, whatever their size. */
const WINDOW_MESSAGES = 100_000;

/** Maximum size of the trace in bytes. */
const TRACE_BYTES = 8 * 2 ** 20;

/** When the node closes, the maximum time for sending the last responses. */
const LAST_RESPONSES_MS = 2_500;

/** The logger of a worker: its lines say which one it is if there are several. */
export function workerLogger({ logLevel }: Config, worker: number, count: number): Logger {
  return new Logger(logLevel, count > 1 ? { worker } : {});
}

/**
 * What every worker of a server does: a hub over the store, and the HTTP application on a port. Settings, signals and jobs
 * are left to the main isolate.
 */
export class ServerNode implements AsyncDisposable {
  readonly hub: Hub;
  readonly metrics: Metrics;
  readonly errorLog: ErrorLog;
  /** Absent if no files are stored. */
  readonly files: Files | undefined;
  /** While it is true, `/ready` is answered 503. */
  isDraining = false;
  readonly #options: NodeOptions;
  readonly #opened: AsyncDisposableStack;
  #listener: Listener | undefined;

  static async open(options: NodeOptions): Promise<ServerNode> {
    await using opened = new AsyncDisposableStack();
    const metrics = new Metrics();
    const timed = timedStore(options.store, (...measured) => metrics.onStore(...measured));
    const files = await openFiles(options.config.files, { store: timed, logger: options.logger });
    const hub = opened.use(await Hub.open(timed, { ...hubOptionsOf(options, metrics), files }));
    opened.use(watchEventLoop((lateMs) => metrics.onLag(lateMs)));
    return new ServerNode(options, { hub, files, metrics, opened: opened.move() });
  }

  private constructor(
    options: NodeOptions,
    { hub, files, metrics, opened }: {
      readonly hub: Hub;
      readonly files: Files | undefined;
      readonly metrics: Metrics;
      readonly opened: AsyncDisposableStack;
    },
  ) {
    this.#options = options;
    this.#opened = opened;
    this.hub = hub;
    this.files = files;
    this.metrics = metrics;
    this.errorLog = new ErrorLog(options.logger);
  }

  /** Accepts requests. Returns how they are answered, and the listener. Throws a `StartError`. */
  async listen(
    options: NodeListenOptions,
  ): Promise<{ readonly handler: RequestHandler; readonly listener: Listener }> {
    const { config, logger, membership } = this.#options;
    const { port, certificate } = options;
    const app = await this.#createApp(options);
    const onRefusal = ({ refusal }: Refused) => this.metrics.onRefusal(refusal);
    const handler = guardHost(guardUrl(app.fetch, onRefusal), config, onRefusal);
    // Another program's listener would not keep those from listening that share their port. Checked as late as possible: two
    // servers may start at the same moment.
    if (membership?.worker === 1 && port !== 0) {
      const inUse = checkAddress({ host: config.host, port });
      if (inUse !== undefined) throw new StartError(inUse.reason);
    }
    const listening = { host: config.host, port, certificate, isShared: membership !== undefined };
    const listener = this.#opened.use(Listener.open(listening, handler, logger));
    this.#listener = listener;
    if (config.certificate !== undefined) {
      const reload = new CertificateReload(config.certificate, listener, logger);
      this.#opened.use(startIntervalJob(() => reload.run(), {
        intervalMs: config.intervalTime,
        onError: (error) => this.errorLog.onError(error, { job: "certificate_reload" }),
      }));
    }
    return { handler, listener };
  }

  /** Answers all parked polls, tells their clients when to come back, and sends the last responses. */
  async close(): Promise<void> {
    const workers = this.#options.membership?.count ?? 1;
    const start = monotonicNow();
    await this.hub.close((n, count) => returnDelay(n, count, workers));
    await this.#listener?.close(LAST_RESPONSES_MS - msSince(start));
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#opened.disposeAsync();
  }

  async #createApp({ forward, otherReports }: NodeListenOptions) {
    const { hub, metrics, errorLog } = this;
    const { config, logger, store, membership } = this.#options;
    const folder = join(import.meta.dirname ?? ".", "..", "..", "static");
    return createApp({
      hub,
      keyValue: store.keyValue,
      assets: await readAssets(folder, {
        auth: authOf(config),
        languages: config.languages,
        pushes: config.push !== undefined,
        ...config.auth.page,
      }),
      basePath: config.basePath,
      notReadyReason: (ignoresStore) => {
        if (this.isDraining) return "The server is stopping";
        return ignoresStore ? undefined : store.unavailableReason;
      },
      metrics,
      otherReports,
      forward,
      heartbeat: config.pollHeartbeat,
      limits: openLimits(config.limits, {
        logger,
        onLimited: (limit) => metrics.onLimited(limit),
        memory: membership?.memory.limits,
      }),
      allowedOrigins: config.allowedOrigins,
      allowedHeaders: config.allowedHeaders,
      apiKeys: config.apiKeys,
      jwt: config.auth.jwt,
      pictureOrigins: config.auth.page.pictureOrigins,
      push: config.push && {
        hosts: config.push.hosts,
        publicKey: (await PushKeys.load(store.keyValue, config.push.key)).publicKey,
      },
      settings: settingsOf(config),
      onRequest: config.logLevel === "debug"
        ? (request) => logger.write("debug", "request", { ...request })
        : undefined,
      onRefusal: (refused) => errorLog.onRefusal(refused),
      onInternalError: (error, { method, path }) => logger.internalError(error, { method, path }),
    });
  }
}

/**
 * When the n-th of `count` clients of a worker should come back, in ms: 500 per second at all workers, spread over 1 to 15
 * s.
 */
function returnDelay(n: number, count: number, workers: number): number {
  const spread = Math.min(Math.max(count * workers * 2, 1_000), 15_000);
  return Math.round(1_000 + spread * n / count);
}

/** The names under which back ends publish: no guest may look like one of them. */
function speakerNames(keys: readonly KeySetting[]): readonly string[] {
  return keys.flatMap(({ speakers = [] }) => speakers.map(({ displayName }) => displayName));
}

function hubOptionsOf({ config, logger, membership }: NodeOptions, metrics: Metrics): HubOptions {
  const { limits, auth: { guests, visitorRooms }, apiKeys } = config;
  return {
    hold: config.connectInterval,
    window: { messages: WINDOW_MESSAGES, bytes: config.windowBytes },
    waiting: {
      seats: config.parkedPolls,
      tabsPerSession: TABS_PER_SESSION,
      tabsPerNetwork: limits.parkedPollsPerAddress,
    },
    sessionAge: config.sessionAge,
    editTime: config.editTime,
    retain: config.retain,
    max: { sessions: config.sessions, rooms: config.rooms },
    listsRooms: config.listsRooms,
    home: config.home,
    guestRights: guestRightsOf(guests, visitorRooms),
    reservedNames: [...guests.reservedNames, ...speakerNames(apiKeys)],
    // Only administrators can read the trace.
    traceBytes: apiKeys.some((key) => hasScope(key, "admin")) ? TRACE_BYTES : 0,
    onAcknowledged: (ms) => metrics.onAcknowledged(ms),
    onClockAhead: (ms) =>
      logger.write("warn", "clock_ahead", {
        hours: Math.round(ms / 3_600_000),
        meaning: "Nothing is removed by age for a day: check the clock of this machine",
      }),
    worker: membership && hubWorkerOf(membership),
  };
}

function hubWorkerOf({ worker, memory: { tabs, sessions }, others }: Membership): HubWorker {
  return { tabs: { worker, ...tabs }, sessions, others };
}

/** The settings that clients need. */
function settingsOf(config: Config): AppDeps["settings"] {
  const { keyAge, editTime, connectInterval: hold, pollHeartbeat: heartbeat, home } = config;
  const { auth: { visitorRooms, page: { pictureOrigins } }, files } = config;
  return {
    ...{ keyAge, textBytes: TEXT_BYTES, editTime, hold, heartbeat, auth: authOf(config), home },
    ...(visitorRooms.length > 0 && { visitorRooms }),
    ...(pictureOrigins.length > 0 && { pictureOrigins }),
    ...(files.place !== undefined && { fileBytes: files.fileBytes }),
  };
}

function authOf({ auth }: Config): "guest" | "jwt" {
  return auth.jwt === undefined ? "guest" : "jwt";
}
