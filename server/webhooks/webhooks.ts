import type { PresenceChanged } from "../core/model/hub_events.ts";
import type { Hub } from "../core/hub/hub.ts";
import type { Message } from "../protocol/message.ts";
import { recipientOf } from "../core/conversations/receipts.ts";
import { steadyNow, wallNow } from "../base/clock.ts";
import type { Store } from "../core/model/store.ts";
import type { DeliveryQueue, Todo } from "./delivery_queue.ts";
import { Dispatcher, type Outcome } from "./dispatcher.ts";
import { firstDeliveries } from "./first_deliveries.ts";
import { LogConsumer } from "./log_consumer.ts";
import { openPost, type PostEvent } from "./post_event.ts";
import { eventOf } from "./webhook_event.ts";
import type { WebhookReport } from "./webhook_report.ts";
import type { WebhookSettings } from "./webhook_settings.ts";
import type { WebhookTask } from "./webhook_task.ts";

/** What webhooks are made from. */
export interface WebhooksDeps {
  readonly store: Store;
  readonly hub: Pick<Hub, "receipts" | "events" | "sessions">;
  readonly deliveryQueue: DeliveryQueue;
  readonly report: WebhookReport;
  /** Told of refusals of the store, and of defects. */
  readonly onError: (error: unknown) => void;
}

/** The receiver may think for so long (ms). */
const PATIENCE = 10_000;

/** What is older than this (ms) when it is taken from the log is told no more. */
const OLD = 3 * 86_400_000;

/** After a start, readers have so long (ms), at most, to come back before anything is called undelivered. */
const RETURN = 30_000;

/** Tells a receiver what happens, by HTTP: each event at least once, over restarts too. One node does so for all. */
export class Webhooks implements AsyncDisposable {
  readonly #deps: WebhooksDeps;
  readonly #settings: WebhookSettings;
  readonly #post: PostEvent;
  readonly #dispatcher: Dispatcher;
  readonly #started = new AsyncDisposableStack();
  /** From then on (Unix time in ms) readers have had the time to come back. */
  readonly #returned: number;

  /** Goes on where the last process stopped that told the events of this store. */
  static async start(
    deps: WebhooksDeps,
    settings: WebhookSettings,
    patience = PATIENCE,
  ): Promise<Webhooks> {
    const webhooks = new Webhooks(deps, settings, await openPost({ ...settings, patience }));
    // What cannot follow must not tell either: another one will be started.
    await using starting = new AsyncDisposableStack();
    starting.use(webhooks);
    await webhooks.#follow();
    starting.move();
    return webhooks;
  }

  private constructor(deps: WebhooksDeps, settings: WebhookSettings, post: PostEvent) {
    const { deliveryQueue, report } = deps;
    this.#deps = deps;
    this.#settings = settings;
    this.#post = post;
    this.#returned = steadyNow() + Math.min(settings.undeliveredAfter, RETURN);
    this.#dispatcher = this.#started.use(
      new Dispatcher({
        deliveryQueue,
        execute: (task, signal) => this.#execute(task, signal),
        onSent: () => report.onSent(),
        onFailed: (failure) => report.onFailed(failure),
        onGivenUp: (failure) => report.onGivenUp(failure),
        onError: deps.onError,
      }),
    );
  }

  /** What is on its way is given up, and sent again after the next start. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.#started.disposeAsync();
  }

  async #follow(): Promise<void> {
    const { hub, store: { log, keyValue, bus }, deliveryQueue, onError } = this.#deps;
    const { events } = this.#settings;
    this.#started.use(bus.listen(({ type }) => {
      if (type === "tasks") this.#dispatcher.wake();
    }));
    if (events.includes("message") || events.includes("undelivered")) {
      const todosOf = (message: Message) => this.#todosOf(message);
      const onAdded = () => this.#dispatcher.wake();
      const deps = { log, keyValue, deliveryQueue, todosOf, onAdded, onError };
      this.#started.use(await LogConsumer.open(deps));
    }
    if (events.includes("presence")) {
      this.#started.use(hub.events.presenceChanged.add((change) => this.#addPresence(change)));
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

  #addPresence(change: PresenceChanged): void {
    this.#deps.deliveryQueue.add([{ due: steadyNow(), task: taskOfPresence(change) }])
      .then(() => this.#dispatcher.wake(), this.#deps.onError);
  }

  async #execute(task: WebhookTask, signal: AbortSignal): Promise<Outcome> {
    const { store: { log, receipts }, hub } = this.#deps;
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

function taskOfPresence({ channel, person: from, state }: PresenceChanged): WebhookTask {
  return { type: "presence", event: crypto.randomUUID(), channel, from, state, at: wallNow() };
}
