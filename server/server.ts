import manifest from "../deno.json" with { type: "json" };
import { monotonicNow, msSince } from "./base/clock.ts";
import { delay } from "./base/delay.ts";
import { startIntervalJob } from "./base/interval.ts";
import type { Logger } from "./base/logger.ts";
import { reachableHost } from "./base/loopback.ts";
import type { Environment } from "./base/setting_reader.ts";
import { stopRequested } from "./base/stop_signals.ts";
import { logRuntimeWarnings, logUncaughtErrors } from "./base/uncaught_errors.ts";
import { type Config, inspectSettings } from "./config/config.ts";
import { ignoredSettings } from "./config/ignored_settings.ts";
import { mergeSettings, readSettingSources } from "./config/setting_sources.ts";
import { SearchReport } from "./core/log/search_report.ts";
import { Leader } from "./core/cluster/leader.ts";
import type { Hub } from "./core/hub/hub.ts";
import type { Store } from "./core/model/store.ts";
import type { Erasure } from "./protocol/admin_replies.ts";
import type { RequestHandler } from "./http/listener.ts";
import { hubMetrics, processMetrics, storeMetrics } from "./http/metrics/gauges.ts";
import { type Certificate, readCertificate } from "./http/tls/certificate.ts";
import { Notices } from "./notices/notices.ts";
import { Pushes } from "./push/pushes.ts";
import { openStore, type StoreEvents } from "./stores/open_store.ts";
import { Webhooks } from "./webhooks/webhooks.ts";
import { openProcessStore, type ProcessStore, retentionOf } from "./workers/process_store.ts";
import { ServerNode, workerLogger } from "./workers/server_node.ts";
import { allocateMemory, type SharedMemory } from "./workers/shared_memory.ts";
import { workerCount } from "./workers/worker_count.ts";
import type { ForwardedRequest, ForwardedResponse } from "./workers/worker_functions.ts";
import { WorkerGroup } from "./workers/worker_group.ts";

/** A running server. Disposing stops it as fast as possible without losing acknowledged messages. */
export interface RunningServer extends AsyncDisposable {
  readonly url: string;
  /**
   * Stops the server without failing requests: answers 503 at `/ready`, continues to serve during the drain delay, then
   * answers every parked poll, tells its client when to come back, and closes.
   */
  drain(): Promise<void>;
}

/** Interval of the sweeps of files, in ms: each of them looks at every file. */
const FILE_SWEEP_MS = 600_000;

const ALL_ADDRESSES = " and all other addresses of this machine";

/** What the main isolate works with. */
interface Parts {
  readonly config: Config;
  readonly logger: Logger;
  readonly store: Store;
  readonly node: ServerNode;
}

/** Starts the server, and stops it at SIGINT or SIGTERM. */
export async function serve(): Promise<void> {
  // First of all, because a signal can arrive while the server starts.
  const stop = stopRequested();
  const sources = await readSettingSources();
  const settings = mergeSettings(sources);
  const { config, read } = inspectSettings(settings);
  const logger = workerLogger(config, 1, config.workers);
  for (const reason of ignoredSettings(sources, read.settings)) {
    logger.write("warn", "setting_ignored", { reason });
  }
  read.throwIfInvalid();
  using _errors = logUncaughtErrors(logger);
  using _warnings = logRuntimeWarnings(logger);
  await using server = await startServer(config, settings, logger);
  const others = reachableHost(config.host) === config.host ? "" : ALL_ADDRESSES;
  console.log(`Halley ${manifest.version} listens on ${server.url}${others}`);
  await stop;
  await server.drain();
}

/** Opens the store, starts the workers and the background tasks, and listens. Throws a `StartError`. */
async function startServer(
  config: Config,
  settings: Environment,
  logger: Logger,
): Promise<RunningServer> {
  await using starting = new AsyncDisposableStack();
  const certificate = config.certificate && await readCertificate(config.certificate);
  const count = workerCount(config, logger);
  const events = storeEvents(logger);
  const { store, connect } = count === 1
    ? await openSingleStore(config, events)
    : await openProcessStore(config, events);
  starting.use(store);
  const memory = count === 1 ? undefined : allocateMemory(config);
  const group = memory &&
    starting.use(
      await startWorkers({ settings, certificate, memory, connect, count, logger }),
    );
  const membership = group && memory && { worker: 1, count, memory, others: group };
  const node = starting.use(await ServerNode.open({ config, store, logger, membership }));
  const { hub, metrics } = node;
  metrics.include(() => [...hubMetrics(hub), ...storeMetrics(store), ...processMetrics()]);
  const parts = { config, logger, store, node };
  starting.use(await startJobs(parts));
  const otherReports = group && (() => group.reports());
  const { port } = config;
  const { handler, listener } = await node.listen({ port, certificate, otherReports });
  await group?.listen(listener.port, (request) => answerForwarded(handler, request));
  const running = starting.move();
  return {
    url: listener.url + config.basePath,
    drain: async () => {
      await drain(parts, group);
      await running.disposeAsync();
      logger.write("info", "stopped");
    },
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  };
}

async function openSingleStore(config: Config, events: StoreEvents): Promise<ProcessStore> {
  const store = await openStore(config.store, retentionOf(config), events);
  return { store, connect: () => undefined };
}

/** Starts the workers from number 2 on. If one of them ends, the process does. */
function startWorkers(
  { settings, certificate, memory, connect, count, logger }: {
    readonly settings: Environment;
    readonly certificate: Certificate | undefined;
    readonly memory: SharedMemory;
    readonly connect: ProcessStore["connect"];
    readonly count: number;
    readonly logger: Logger;
  },
): Promise<WorkerGroup> {
  return WorkerGroup.start({
    count,
    startOf: (worker) => ({ worker, count, settings, certificate, memory, store: connect() }),
    logger,
    onStoreLost: (reason) => storeEvents(logger).onLost?.(reason),
  });
}

/** How often in ms the store is asked how far its index of words is. */
const SEARCH_REPORT_MS = 5_000;

/** What a job is started with. */
interface JobDeps {
  readonly hub: Hub;
  readonly store: Store;
  readonly logger: Logger;
  readonly onError: (error: unknown) => void;
}

/** Starts what only one worker of the process does. */
async function startJobs({ config, logger, store, node }: Parts): Promise<AsyncDisposable> {
  const { hub, metrics, errorLog } = node;
  await using starting = new AsyncDisposableStack();
  const deps = (job: string): JobDeps => ({
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
  const pushes = starting.use(await Pushes.start(deps("push"), config.push));
  for (const feature of [notices, webhooks, pushes]) {
    if (feature !== undefined) metrics.include(() => feature.metrics);
  }
  starting.use(await startErasing(deps("erasures")));
  const search = new SearchReport(store.log.search, logger);
  metrics.include(() => search.metrics);
  starting.use(startIntervalJob(() => search.update(), {
    intervalMs: SEARCH_REPORT_MS,
    onError: deps("search").onError,
  }));
  starting.use(await startSweepingFiles(node, deps("files")));
  starting.use(startIntervalJob(async () => {
    const start = monotonicNow();
    await hub.sweep();
    metrics.onSweep(msSince(start));
  }, { intervalMs, onError: deps("sweep").onError }));
  return starting.move();
}

/** Removes the files whose messages are gone, on one node at a time. */
async function startSweepingFiles(
  { files, hub }: ServerNode,
  { store: { keyValue }, onError }: JobDeps,
): Promise<AsyncDisposable | undefined> {
  if (files === undefined) return undefined;
  const lead = () => {
    const stop = new AbortController();
    const sweep = () => files.sweep(stop.signal);
    const job = startIntervalJob(sweep, { intervalMs: FILE_SWEEP_MS, onError });
    return Promise.resolve({
      async [Symbol.asyncDispose]() {
        stop.abort();
        await job[Symbol.asyncDispose]();
      },
    });
  };
  return await Leader.start({ keyValue, name: "files", node: hub.node, lead, onError });
}

/** Erases the people whose erasure was requested, on one node at a time. */
function startErasing({ hub, store, logger, onError }: JobDeps): Promise<Leader> {
  const onDone = ({ startedAt, doneAt = startedAt, scanned, erased }: Erasure) => {
    const seconds = Math.round((doneAt - startedAt) / 1_000);
    logger.write("info", "erasure_done", { scanned, erased, seconds });
  };
  return Leader.start({
    keyValue: store.keyValue,
    name: "erasures",
    node: hub.node,
    lead: () => Promise.resolve(hub.erasures.startJob({ onDone, onError })),
    onError,
  });
}

/** Answers a request that another worker has accepted. */
async function answerForwarded(
  handler: RequestHandler,
  { method, url, headers, hostname }: ForwardedRequest,
): Promise<ForwardedResponse> {
  const remoteAddr = { transport: "tcp", hostname, port: 0 } as const;
  const request = new Request(url, { method, headers });
  const response = await handler(request, { remoteAddr, completed: Promise.resolve() });
  return {
    status: response.status,
    headers: [...response.headers],
    body: await response.bytes(),
  };
}

async function drain(
  { config, logger, node }: Parts,
  group: WorkerGroup | undefined,
): Promise<void> {
  node.isDraining = true;
  await group?.startDraining();
  logger.write("info", "draining", { parked: node.hub.allParked });
  await delay(config.drainDelay);
  await Promise.all([node.close(), group?.close()]);
}

const MEMORY_INSTEAD = "Messages and sessions are in memory only, and are lost when this " +
  "instance stops. On Deno Deploy, create a Deno KV database under Databases, assign it to this " +
  "application, and deploy again.";

function storeEvents(logger: Logger): StoreEvents {
  return {
    onMemoryFallback: (reason) =>
      logger.write("warn", "memory_instead", { reason, meaning: MEMORY_INSTEAD }),
    onDoubt: (reason) => logger.write("warn", "store_doubtful", { reason }),
    onLost: (reason) => {
      // Everything this process knows may be wrong. Its supervisor starts it again.
      logger.write("error", "store_lost", { reason });
      Deno.exit(1);
    },
  };
}
