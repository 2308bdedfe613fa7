import { join } from "node:path";
import type { Config } from "./config.ts";
import { Hub } from "./core/hub.ts";
import { type Refusal, Refused } from "./core/refusal.ts";
import { EventLog } from "./event_log.ts";
import { allows } from "./http/api_keys.ts";
import { createApp } from "./http/app.ts";
import { readAssets } from "./http/assets.ts";
import { type Figure, Metrics } from "./http/metrics.ts";
import { startIntervalJob } from "./jobs/interval_job.ts";
import type { Tell } from "./jobs/webhooks/webhook_report.ts";
import { Webhooks } from "./jobs/webhooks/webhooks.ts";
import { Listener } from "./listener.ts";
import { type NoticeFigures, type Notices, type NoticesParts, startNotices } from "./notices.ts";
import { openStore } from "./open_store.ts";

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

/** So many tabs of one session may poll at once. */
const TABS = 8;

/** So long (ms) after the drain delay, at most, the last answers are on their way; what is not by then is cut off. */
const LAST_ANSWERS = 2_500;

/** Opens the store, starts the jobs, and listens. Throws `StoreUnusable`, `SourceError` and `CannotListen`. */
export async function startServer(config: Config): Promise<RunningServer> {
  await using opened = new AsyncDisposableStack();
  const events = new EventLog(config.logLevel);
  const store = opened.use(openStore(config.store));
  const hub = opened.use(await Hub.open(store, hubOptionsOf(config)));
  const state = { isDraining: false };
  const tellTrouble = troubleTeller(events);
  const metrics = new Metrics();
  const app = createApp({
    hub,
    assets: await readAssets(join(import.meta.dirname ?? ".", "..", "static")),
    unreadiness: () => state.isDraining ? "The server is about to stop" : undefined,
    metrics,
    allowedOrigins: config.allowedOrigins,
    apiKeys: config.apiKeys,
    onRefusal: tellTrouble,
    onDefect: (error, { method, path }) => events.defect(error, { method, path }),
  });
  const notices = opened.use(await openNotices(config, { hub, notebook: store.notebook, events }));
  if (notices !== undefined) metrics.include(() => figuresOfNotices(notices.figures));
  if (config.webhooks !== undefined) {
    const tell: Tell = (...line) => events.write(...line);
    const onError = (error: unknown) =>
      error instanceof Refused ? tellTrouble(error) : events.defect(error, { job: "webhooks" });
    const webhooks = opened.use(
      await Webhooks.start({ store, hub, tell, onError }, config.webhooks),
    );
    metrics.include(() => figuresOfWebhooks(webhooks));
  }
  opened.use(startIntervalJob(() => hub.sweep(), {
    interval: config.intervalTime,
    onError: (error) =>
      error instanceof Refused ? tellTrouble(error) : events.defect(error, { job: "sweep" }),
  }));
  const listener = opened.use(Listener.open(config, app.fetch, events));
  const open = opened.move();

  const drain = async () => {
    state.isDraining = true;
    events.write("info", "draining", { parked: hub.parked });
    await new Promise((resolve) => setTimeout(resolve, config.drainDelay));
    const end = performance.now() + LAST_ANSWERS;
    await hub.close(slotOf);
    await listener.finish(end - performance.now());
    await open.disposeAsync();
    events.write("info", "stopped");
  };
  return { url: listener.url, drain, [Symbol.asyncDispose]: () => open.disposeAsync() };
}

async function openNotices(
  { notices: settings, intervalTime: interval }: Config,
  parts: NoticesParts,
): Promise<Notices | undefined> {
  const { isOn, database } = settings;
  if (!isOn || database === undefined) return undefined;
  return await startNotices(parts, { database, settings, interval });
}

function figuresOfNotices(figures: NoticeFigures): readonly Figure[] {
  const { published, skipped, failures, isReadable } = figures;
  return [
    counter("notices_published_total", "Rows of the database that became notices", published),
    counter("notices_skipped_total", "Rows that cannot become notices", skipped),
    counter("notices_failures_total", "How often the database could not be read", failures),
    {
      name: "notices_database_up",
      type: "gauge",
      help: "Whether the database could be read the last time",
      value: isReadable ? 1 : 0,
    },
  ];
}

function figuresOfWebhooks({ counts, waiting }: Webhooks): readonly Figure[] {
  const { sent, failed, givenUp, dropped } = counts;
  return [
    counter("webhooks_sent_total", "Events that the receiver has taken", sent),
    counter("webhooks_failed_total", "Tries that have failed", failed),
    counter("webhooks_given_up_total", "Events that were tried in vain for too long", givenUp),
    counter("webhooks_dropped_total", "Events for which there was no room", dropped),
    { name: "webhooks_waiting", type: "gauge", help: "Tasks in the queue", value: waiting },
  ];
}

function counter(name: string, help: string, value: number): Figure {
  return { name, type: "counter", help, value };
}

/** Refusals that tell of trouble on our side, not on the client's. */
const TROUBLE: readonly Refusal[] = ["store_unavailable", "too_many_polls"];

/** Trouble is told at once, and then so often (ms) while it lasts. */
const REMINDER = 10_000;

function troubleTeller(events: EventLog): (refused: Refused) => void {
  const told = new Map<Refusal, number>();
  return ({ refusal, message }) => {
    if (!TROUBLE.includes(refusal) || performance.now() < (told.get(refusal) ?? 0)) return;
    told.set(refusal, performance.now() + REMINDER);
    events.write("error", refusal, { reason: message });
  };
}

function hubOptionsOf(config: Config) {
  return {
    hold: config.connectInterval,
    window: { messages: WINDOW_MESSAGES, bytes: config.windowBytes },
    waiting: { seats: config.parkedPolls, seatsPerSession: TABS },
    retention: {
      messages: config.retainMessages,
      age: config.retainAge,
      keyAge: config.keyAge,
    },
    sessionAge: config.sessionAge,
    listsRooms: config.listsRooms,
    // Only an administrator may ask for it.
    tracedEvents: config.apiKeys.some((key) => allows(key, "admin")) ? TRACED_EVENTS : 0,
  };
}

/** Spreads the return of parked readers: 500 a second, over at least one second and at most fifteen. */
function slotOf(n: number, of: number): number {
  const spread = Math.min(Math.max(of * 2, 1_000), 15_000);
  return Math.round(1_000 + spread * n / of);
}
