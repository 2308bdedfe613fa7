import type { PresenceChange } from "../../core/audience.ts";
import type { Hub } from "../../core/hub.ts";
import type { Message } from "../../core/message.ts";
import { recipientOf } from "../../core/receipts.ts";
import { steadyNow } from "../../core/steady_time.ts";
import type { Receipt, Store } from "../../core/store.ts";
import { Backlog, type Todo } from "./backlog.ts";
import { Dispatcher, type Outcome } from "./dispatcher.ts";
import { firstDeliveries } from "./first_deliveries.ts";
import { LogIntake } from "./log_intake.ts";
import { openPost, type PostEvent } from "./post_event.ts";
import { eventOf } from "./webhook_event.ts";
import { type Tell, type WebhookCounts, WebhookReport } from "./webhook_report.ts";
import type { WebhookSettings } from "./webhook_settings.ts";
import type { WebhookTask } from "./webhook_task.ts";

/** What webhooks are made from. */
export interface WebhookParts {
  readonly store: Store;
  readonly hub: Pick<Hub, "receipts" | "audience" | "sessions">;
  readonly tell: Tell;
  /** Told of refusals of the store, and of defects. */
  readonly onError: (error: unknown) => void;
}

/** So many tasks wait at most, and the receiver may think for so long (ms). */
const BOUNDS = { waiting: 100_000, patience: 10_000 };

/** What is older than this (ms) when it is taken from the log is told no more. */
const OLD = 3 * 86_400_000;

/** After a start, readers have so long (ms), at most, to come back before anything is called undelivered. */
const RETURN = 30_000;

/** Tells a receiver what happens, by HTTP: each event at least once, over restarts too. */
export class Webhooks implements AsyncDisposable {
  readonly #parts: WebhookParts;
  readonly #settings: WebhookSettings;
  readonly #post: PostEvent;
  readonly #backlog: Backlog;
  readonly #report: WebhookReport;
  readonly #dispatcher: Dispatcher;
  readonly #started = new AsyncDisposableStack();
  /** From then on (Unix time in ms) readers have had the time to come back. */
  readonly #returned: number;

  /** Goes on where the last process stopped that told the events of this store. */
  static async start(
    parts: WebhookParts,
    settings: WebhookSettings,
    bounds = BOUNDS,
  ): Promise<Webhooks> {
    const report = new WebhookReport(parts.tell);
    const onDropped = (count: number) => report.onDropped(count);
    const { queue } = parts.store;
    const backlog = await Backlog.open(queue, { limit: bounds.waiting, onDropped });
    const post = await openPost({ ...settings, patience: bounds.patience });
    const webhooks = new Webhooks(parts, settings, { report, backlog, post });
    await webhooks.#follow();
    return webhooks;
  }

  private constructor(
    parts: WebhookParts,
    settings: WebhookSettings,
    own: { report: WebhookReport; backlog: Backlog; post: PostEvent },
  ) {
    this.#parts = parts;
    this.#settings = settings;
    this.#post = own.post;
    this.#backlog = own.backlog;
    this.#report = own.report;
    this.#returned = steadyNow() + Math.min(settings.undeliveredAfter, RETURN);
    this.#dispatcher = this.#started.use(
      new Dispatcher({
        backlog: own.backlog,
        carryOut: (task, signal) => this.#carryOut(task, signal),
        onSent: () => own.report.onSent(),
        onFailed: (failure) => own.report.onFailed(failure),
        onGivenUp: (failure) => own.report.onGivenUp(failure),
        onError: parts.onError,
      }),
    );
  }

  get counts(): WebhookCounts {
    return this.#report.counts;
  }

  /** How many tasks wait, more or less. */
  get waiting(): number {
    return this.#backlog.size;
  }

  /** What is on its way is given up, and sent again after the next start. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.#started.disposeAsync();
  }

  async #follow(): Promise<void> {
    const { hub: { receipts, audience }, store: { log, notebook }, onError } = this.#parts;
    const { events } = this.#settings;
    const backlog = this.#backlog;
    if (events.includes("message") || events.includes("undelivered")) {
      const todosOf = (message: Message) => this.#todosOf(message);
      const onAdded = () => this.#dispatcher.wake();
      const parts = { log, notebook, backlog, todosOf, onAdded, onError };
      this.#started.use(await LogIntake.open(parts));
    }
    if (events.includes("delivered")) {
      this.#started.use(receipts.follow((batch) => this.#addNow(batch.map(taskOfReceipt))));
    }
    if (events.includes("presence")) {
      this.#started.use(audience.follow((change) => this.#addNow([taskOfPresence(change)])));
    }
  }

  #todosOf(message: Message): readonly Todo[] {
    const { events, undeliveredAfter } = this.#settings;
    const { id, at, from } = message;
    const now = steadyNow();
    if (at < now - OLD) return [];
    const todos: Todo[] = [];
    if (events.includes("message")) todos.push({ due: now, task: { type: "message", id, at } });
    const recipient = recipientOf(message);
    if (!events.includes("undelivered") || recipient === undefined) return todos;
    if (recipient === from?.publicToken) return todos;
    const due = now + undeliveredAfter;
    return [...todos, { due, task: { type: "undelivered", id, at: at + undeliveredAfter } }];
  }

  /** In this turn of the event loop: what they tell of is kept together with them, or not at all. */
  #addNow(tasks: readonly WebhookTask[]): void {
    const now = steadyNow();
    this.#backlog.add(tasks.map((task) => ({ due: now, task })))
      .then(() => this.#dispatcher.wake(), this.#parts.onError);
  }

  async #carryOut(task: WebhookTask, signal: AbortSignal): Promise<Outcome> {
    const { store: { log, receipts }, hub } = this.#parts;
    if (task.type === "receipt") {
      return { kind: "replaced", by: await firstDeliveries(task.receipt, { log, receipts }) };
    }
    if (task.type === "undelivered" && steadyNow() < this.#returned) {
      return { kind: "early", due: this.#returned };
    }
    const event = await eventOf(task, { log, receipts: hub.receipts, sessions: hub.sessions });
    if (event === undefined) return { kind: "unneeded" };
    const reason = await this.#post(event, signal);
    return reason === undefined ? { kind: "sent" } : { kind: "failed", reason };
  }
}

function taskOfReceipt(receipt: Receipt): WebhookTask {
  return { type: "receipt", receipt, at: receipt.at };
}

function taskOfPresence({ channel, from, state, at }: PresenceChange): WebhookTask {
  return { type: "presence", event: crypto.randomUUID(), channel, from, state, at };
}
