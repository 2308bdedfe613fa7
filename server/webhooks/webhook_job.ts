import type { MonotonicTime } from "../base/clock.ts";
import type { Runtime } from "../base/runtime.ts";
import { recipientOf } from "../core/conversations/receipts.ts";
import type { Hub } from "../core/hub/hub.ts";
import type { PresenceChanged } from "../core/model/hub_events.ts";
import { visitorOf } from "../core/model/rights.ts";
import type { Store } from "../core/model/store.ts";
import type { Change } from "../protocol/message.ts";
import { isChange, isMessage } from "../core/model/change.ts";
import { type Entry, inboxOf } from "../core/model/message.ts";
import type { DeliveryQueue, ScheduledTask } from "./delivery_queue.ts";
import { Dispatcher, type Outcome } from "./dispatcher.ts";
import { firstDeliveries, storeMissing } from "./first_deliveries.ts";
import { LogConsumer } from "./log_consumer.ts";
import type { CreatePost, PostEvent } from "./post_event.ts";
import { eventOf } from "./webhook_event.ts";
import type { WebhookReport } from "./webhook_report.ts";
import type { WebhookEventType, WebhookSettings } from "./webhook_settings.ts";
import type { WebhookTask } from "./webhook_task.ts";

/** What a job works with. */
export interface WebhookJobDeps {
  readonly store: Store;
  readonly hub: Pick<Hub, "receipts" | "events" | "sessions" | "accounts">;
  readonly queue: DeliveryQueue;
  readonly report: WebhookReport;
  /** Called for errors of the store, and for internal errors. */
  readonly onError: (error: unknown) => void;
  readonly runtime: Runtime;
  readonly createPost: CreatePost;
}

/** How a job works. */
export interface WebhookJobOptions extends WebhookSettings {
  /** How long to wait for the receiver's response. */
  readonly timeoutMs: number;
}

/** Events that are found in the log. */
const OF_THE_LOG: readonly WebhookEventType[] = [
  ...["message", "edited", "deleted", "undelivered", "unanswered"] as const,
];

/** Messages that are older when they are read from the log cause no events. */
const MAX_AGE_MS = 3 * 86_400_000;

/** Maximum time that readers have to come back after a start, before their messages count as undelivered. */
const RETURN_TIME_MS = 30_000;

/**
 * Turns messages, receipts and presence into tasks, and tasks into events, which it posts to the receiver. Each event is
 * posted at least once, also across restarts. Runs on one node at a time.
 */
export class WebhookJob implements AsyncDisposable {
  readonly #deps: WebhookJobDeps;
  readonly #options: WebhookJobOptions;
  readonly #post: PostEvent;
  readonly #dispatcher: Dispatcher;
  readonly #started = new AsyncDisposableStack();
  readonly #readersReturnedAt: MonotonicTime;

  /** Continues where the last job of this store stopped. */
  static async start(deps: WebhookJobDeps, options: WebhookJobOptions): Promise<WebhookJob> {
    const post = await deps.createPost(options);
    // Tasks in the queue are about messages that this node may not have received yet.
    await deps.store.log.newestId();
    const job = new WebhookJob(deps, options, post);
    // If it cannot follow the log, it must not send either: it will be started again.
    await using starting = new AsyncDisposableStack();
    starting.use(job);
    await job.#follow();
    starting.move();
    return job;
  }

  private constructor(deps: WebhookJobDeps, options: WebhookJobOptions, post: PostEvent) {
    const { queue, report, onError, runtime } = deps;
    this.#deps = deps;
    this.#options = options;
    this.#post = post;
    this.#readersReturnedAt = runtime.fromNow(Math.min(options.undeliveredAfterMs, RETURN_TIME_MS));
    this.#dispatcher = this.#started.use(
      new Dispatcher({
        queue,
        execute: (task, signal) => this.#execute(task, signal),
        onSent: () => report.onSent(),
        onFailed: (failure) => report.onFailed(failure),
        onGivenUp: (failure) => report.onGivenUp(failure),
        onError,
        runtime,
      }),
    );
  }

  /** Aborts the requests in progress; they are sent again after the next start. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.#started.disposeAsync();
  }

  async #follow(): Promise<void> {
    const { hub, store: { log, keyValue, bus }, queue, report, onError, runtime } = this.#deps;
    const { events } = this.#options;
    const onAdded = () => this.#dispatcher.wake();
    this.#started.use(bus.listen(({ type }) => {
      if (type === "tasks") onAdded();
    }));
    if (events.some((event) => OF_THE_LOG.includes(event))) {
      const tasksOf = (message: Entry) => this.#tasksOf(message);
      const onMissed = (count: number) => report.onDropped(count);
      const deps = { log, keyValue, queue, tasksOf, onAdded, onMissed, onError, runtime };
      this.#started.use(await LogConsumer.open(deps));
    }
    if (events.includes("presence")) {
      this.#started.use(hub.events.presenceChanged.add((change) => {
        const at = runtime.wallNow();
        const task = presenceTask(change, { event: runtime.randomUUID(), at });
        queue.add([{ due: at, task }]).then(onAdded, onError);
      }));
    }
  }

  #tasksOf(message: Entry): readonly ScheduledTask[] {
    if (isChange(message)) return this.#tasksOfChange(message);
    if (!isMessage(message)) return [];
    const { events, undeliveredAfterMs } = this.#options;
    const { title: _title, text: _text, data: _data, files: _files, ...head } = message;
    const { id, at, from, event } = head;
    const now = this.#deps.runtime.wallNow();
    if (at < now - MAX_AGE_MS) return [];
    const tasks: ScheduledTask[] = [];
    if (events.includes("message")) tasks.push({ due: now, task: { type: "message", id, at } });
    if (event !== undefined) return tasks;
    const visitor = visitorOf(this.#deps.hub.sessions.guestRights, message.channel);
    if (events.includes("unanswered") && visitor !== undefined && visitor === from?.publicToken) {
      const task = { type: "unanswered", id, at: at + undeliveredAfterMs } as const;
      tasks.push({ due: now + undeliveredAfterMs, task });
    }
    const recipient = visitor ?? recipientOf(message);
    const isForAnother = recipient !== undefined && recipient !== from?.publicToken;
    if (events.includes("undelivered") && isForAnother) {
      const task = { type: "undelivered", id, at: at + undeliveredAfterMs, head } as const;
      tasks.push({ due: now + undeliveredAfterMs, task });
    }
    return tasks;
  }

  #tasksOfChange({ id, at, message }: Change): readonly ScheduledTask[] {
    const now = this.#deps.runtime.wallNow();
    // The message is as it is now: it may have been deleted by a later change, which is told as that.
    if (at < now - MAX_AGE_MS || message.deletedAt !== undefined && message.deletedAt !== at) {
      return [];
    }
    const type = message.deletedAt === undefined ? "edited" : "deleted";
    if (!this.#options.events.includes(type)) return [];
    return [{ due: now, task: { type, id, of: message.id, at } }];
  }

  async #execute(task: WebhookTask, signal: AbortSignal): Promise<Outcome> {
    const { store: { log, receipts }, hub, report, runtime } = this.#deps;
    if (task.type === "receipt") {
      const { kind, publicToken, after } = task.receipt;
      const { trimmedUpTo } = await log.read([inboxOf(publicToken)], after, 0);
      // The process may have ended before it was stored. What has ended has no receipts.
      if (await hub.sessions.find(publicToken)) await storeMissing(task.receipt, receipts);
      // How many messages the receipt was for is not known any more: they count as one.
      if (kind === "delivered" && trimmedUpTo > after) report.onDropped(1);
      return {
        kind: "replaced",
        by: await firstDeliveries(task.receipt, { log, receipts, runtime }),
      };
    }
    if (task.type === "undelivered" && !runtime.hasPassed(this.#readersReturnedAt)) {
      return { kind: "postponed", due: runtime.wallTimeOf(this.#readersReturnedAt) };
    }
    const { receipts: delivered, sessions, accounts: { userIds } } = hub;
    const event = await eventOf(task, { log, receipts: delivered, sessions, userIds });
    if (event === "removed") report.onDropped(1);
    if (event === undefined || event === "removed") return { kind: "unneeded" };
    const reason = await this.#post(event, signal);
    return reason === undefined ? { kind: "sent" } : { kind: "failed", reason };
  }
}

function presenceTask(
  { channel, person: from, state }: PresenceChanged,
  { event, at }: { readonly event: string; readonly at: number },
): WebhookTask {
  return { type: "presence", event, channel, from, state, at };
}
