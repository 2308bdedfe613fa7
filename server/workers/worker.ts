// A worker of a server, from number 2 on: serves requests like the main isolate, and leaves everything else to it.
import type { Context } from "hono";
import { Calls, type Offered } from "../base/calls.ts";
import { alignMonotonicClock } from "../base/clock.ts";
import { startIntervalJob } from "../base/interval.ts";
import { logRuntimeWarnings, logUncaughtErrors } from "../base/uncaught_errors.ts";
import { type Config, readConfig } from "../config/config.ts";
import { NO_OTHERS } from "../core/model/others.ts";
import type { Store } from "../core/model/store.ts";
import { reportOf } from "../http/metrics/worker_report.ts";
import { openStore } from "../stores/open_store.ts";
import { connectToStore } from "../stores/thread/thread_store.ts";
import { Webhooks } from "../webhooks/webhooks.ts";
import { retentionOf } from "./process_store.ts";
import { ServerNode, workerLogger } from "./server_node.ts";
import {
  type MainFunctions,
  SIGN_OF_LIFE_MS,
  type WorkerFunctions,
  type WorkerStart,
} from "./worker_functions.ts";

/** How often a worker removes what has expired from its memory at least, in ms: others may remove guests who seem idle. */
const MAX_SWEEP_INTERVAL = 30_000;

/** An open worker. */
interface Opened {
  readonly start: WorkerStart;
  readonly node: ServerNode;
  readonly stack: AsyncDisposableStack;
}

const opening = Promise.withResolvers<Opened>();

const opened = () => opening.promise;

const functions: Offered<WorkerFunctions> = {
  open: async (start) => opening.resolve(await open(start)),
  listen: async (port) => {
    const { start: { certificate }, node } = await opened();
    await node.listen({ port, certificate, forward });
  },
  report: async () => {
    const { start: { worker }, node: { hub, metrics } } = await opened();
    return reportOf(worker, hub, metrics);
  },
  startDraining: async () => {
    const { node } = await opened();
    node.isDraining = true;
  },
  close: async () => {
    const { node, stack } = await opened();
    await node.close();
    await stack.disposeAsync();
  },
  progress: async (...args) => (await opened()).node.hub.answers.progress(...args),
  sessions: async (...args) => (await opened()).node.hub.answers.sessions(...args),
  messageTrace: async (...args) => (await opened()).node.hub.answers.messageTrace(...args),
  sessionTrace: async (...args) => (await opened()).node.hub.answers.sessionTrace(...args),
};

const main = new Calls<MainFunctions>({
  postMessage: (message, transfer) => self.postMessage(message, { transfer }),
  addEventListener: (type, listener) => self.addEventListener(type, listener),
}, functions);

setInterval(() => main.call("isAlive"), SIGN_OF_LIFE_MS);

async function open(start: WorkerStart): Promise<Opened> {
  alignMonotonicClock(await main.call("monotonicNow"));
  await using starting = new AsyncDisposableStack();
  const { worker, count, memory } = start;
  const config = readConfig(start.settings);
  const logger = workerLogger(config, worker, count);
  starting.use(logUncaughtErrors(logger));
  starting.use(logRuntimeWarnings(logger));
  const store = starting.use(await openWorkerStore(start, config));
  // Only the main isolate is asked about all workers.
  const membership = { worker, count, memory, others: NO_OTHERS };
  const node = starting.use(await ServerNode.open({ config, store, logger, membership }));
  const { hub, errorLog, metrics } = node;
  const onErrorIn = (job: string) => (error: unknown) => errorLog.onError(error, { job });
  const webhooks = starting.use(
    await Webhooks.start(
      { hub, store, logger, mayLead: false, onError: onErrorIn("webhooks") },
      config.webhooks,
    ),
  );
  if (webhooks !== undefined) metrics.include(() => webhooks.metrics);
  starting.use(startIntervalJob(() => hub.sweepWorker(), {
    intervalMs: Math.min(config.intervalTime, MAX_SWEEP_INTERVAL),
    onError: onErrorIn("sweep"),
  }));
  return { start, node, stack: starting.move() };
}

async function openWorkerStore({ store: port }: WorkerStart, config: Config): Promise<Store> {
  if (port !== undefined) return await connectToStore(port);
  const onLost = (reason: string) => void main.call("onStoreLost", reason);
  return await openStore(config.store, retentionOf(config), { onLost });
}

/** Has the main isolate answer a request. */
async function forward(c: Context): Promise<Response> {
  const { method, url, headers } = c.req.raw;
  const { hostname } = c.env.remoteAddr;
  // Without its origin: the headers that allow it to a page of another site are added here.
  const others = [...headers].filter(([name]) => name !== "origin");
  const request = { method, url, headers: others, hostname };
  const { status, headers: own, body } = await main.call("answer", request);
  return new Response(method === "HEAD" ? null : body, { status, headers: own });
}
