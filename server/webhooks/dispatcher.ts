import { type Runtime, SYSTEM_RUNTIME } from "../base/runtime.ts";
import { Wakeup } from "../base/wakeup.ts";
import type { QueuedTask } from "../core/model/store.ts";
import { CircuitBreaker } from "./circuit_breaker.ts";
import type { DeliveryQueue } from "./delivery_queue.ts";
import { parseTask, type WebhookTask } from "./webhook_task.ts";

/** The result of executing a task. */
export type Outcome =
  /** The receiver accepted the event. */
  | { readonly kind: "sent" }
  /** There is nothing to send (any more). */
  | { readonly kind: "unneeded" }
  /** It is too early: the task is due at this Unix time in ms. */
  | { readonly kind: "postponed"; readonly due: number }
  /** Other tasks take its place. */
  | { readonly kind: "replaced"; readonly by: readonly WebhookTask[] }
  /** The attempt failed. */
  | { readonly kind: "failed"; readonly reason: string };

/** A failed attempt. */
export interface Failure {
  readonly type: WebhookTask["type"];
  /** Number of failed attempts of this task. */
  readonly tries: number;
  readonly reason: string;
}

/** What a dispatcher works with. */
export interface DispatcherDeps {
  readonly queue: DeliveryQueue;
  /** Executes a task; returns soon after `signal` is aborted. */
  readonly execute: (task: WebhookTask, signal: AbortSignal) => Promise<Outcome>;
  readonly onSent: () => void;
  readonly onFailed: (failure: Failure) => void;
  /** Called after `onFailed` if there will be no further attempt. */
  readonly onGivenUp: (failure: Failure) => void;
  readonly onError: (error: unknown) => void;
  readonly runtime?: Runtime | undefined;
}

/** Maximum number of tasks that are executed at the same time. */
const SLOTS = 4;

/** Delays in ms between the attempts of a task, and the age at which it is given up. */
const RETRY = { first: 1_000, max: 600_000, giveUpAfter: 3 * 86_400_000 } as const;

/** Delays in ms between attempts of any tasks, after as many failures in a row as there are slots. */
const BREAKER = { threshold: SLOTS, firstDelay: 1_000, maxDelay: 10_000 } as const;

/** The delay before the store is called again after an error. */
const STORE_RETRY_MS = 2_000;

/**
 * Maximum time between two reads of the queue: due times are wall time, which can be changed, and what other nodes say about
 * new tasks can be lost.
 */
const MAX_WAIT_MS = 10_000;

/**
 * Executes the tasks of a queue when they are due, several at a time. A task that fails is tried again with growing
 * delays. A task leaves the queue only after the receiver accepted its event, or it was given up.
 *
 * One loop reads the queue, starts the tasks that are due, and waits until the next one is due or until it is woken: by
 * new tasks, and by the end of a task.
 */
export class Dispatcher implements AsyncDisposable {
  readonly #deps: DispatcherDeps;
  readonly #stop = new AbortController();
  readonly #runtime: Runtime;
  readonly #wakeup: Wakeup;
  readonly #breaker: CircuitBreaker;
  /** By the ids of the tasks. */
  readonly #inProgress = new Map<number, Promise<void>>();
  readonly #running: Promise<void>;

  constructor(deps: DispatcherDeps) {
    const { runtime = SYSTEM_RUNTIME } = deps;
    this.#deps = deps;
    this.#runtime = runtime;
    this.#wakeup = new Wakeup(runtime);
    this.#breaker = new CircuitBreaker(BREAKER, runtime);
    this.#running = this.#run();
  }

  /** The queue may have new tasks. */
  wake(): void {
    this.#wakeup.wake();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    this.#wakeup.wake();
    await Promise.all([this.#running, ...this.#inProgress.values()]);
  }

  async #run(): Promise<void> {
    while (!this.#stop.signal.aborted) {
      let waitMs = STORE_RETRY_MS;
      try {
        waitMs = await this.#startDueTasks();
      } catch (error) {
        this.#deps.onError(error);
      }
      await this.#wakeup.wait(waitMs);
    }
  }

  /** Starts as many tasks as possible; returns how long to wait until the next one can be started. */
  async #startDueTasks(): Promise<number> {
    const free = (this.#breaker.isOpen ? 1 : SLOTS) - this.#inProgress.size;
    if (free <= 0) return Infinity;
    if (this.#breaker.waitMs > 0) return this.#breaker.waitMs;
    // From before the queue is read: a task that ends meanwhile may still be in the result.
    const busy = new Set(this.#inProgress.keys());
    const first = await this.#deps.queue.first(busy.size + free);
    if (this.#stop.signal.aborted) return Infinity;
    const now = this.#runtime.wallNow();
    for (const task of first.filter(({ id }) => !busy.has(id)).slice(0, free)) {
      if (task.due > now) return Math.min(task.due - now, MAX_WAIT_MS);
      this.#start(task);
    }
    return MAX_WAIT_MS;
  }

  #start(task: QueuedTask): void {
    const done = this.#process(task).catch(this.#deps.onError).finally(() => {
      this.#inProgress.delete(task.id);
      this.wake();
    });
    this.#inProgress.set(task.id, done);
  }

  async #process(queued: QueuedTask): Promise<void> {
    const { queue, onSent } = this.#deps;
    const task = parseTask(queued.body);
    const outcome: Outcome = task ? await this.#execute(task) : { kind: "unneeded" };
    if (task === undefined || outcome.kind === "unneeded") {
      return await this.#persist(() => queue.remove(queued));
    }
    switch (outcome.kind) {
      case "sent":
        this.#breaker.onSuccess();
        onSent();
        return await this.#persist(() => queue.remove(queued));
      case "postponed":
        return await this.#persist(() => queue.postpone({ ...queued, due: outcome.due }));
      case "replaced": {
        const tasks = outcome.by.map((task) => ({ due: this.#runtime.wallNow(), task }));
        // Stores over the network can do the second without the first, and then the events would be lost.
        return await this.#persist(() => queue.add(tasks), () => queue.remove(queued));
      }
      case "failed":
        // An attempt that was aborted does not count.
        if (!this.#stop.signal.aborted) await this.#retry(queued, task, outcome.reason);
    }
  }

  async #execute(task: WebhookTask): Promise<Outcome> {
    try {
      return await this.#deps.execute(task, this.#stop.signal);
    } catch (error) {
      this.#deps.onError(error);
      return { kind: "failed", reason: "internal error" };
    }
  }

  async #retry(queued: QueuedTask, { type, at }: WebhookTask, reason: string): Promise<void> {
    const { queue, onFailed, onGivenUp } = this.#deps;
    this.#breaker.onFailure();
    const tries = queued.tries + 1;
    onFailed({ type, tries, reason });
    if (this.#runtime.wallNow() - at < RETRY.giveUpAfter) {
      const due = this.#runtime.wallNow() + retryDelay(tries, this.#runtime);
      return await this.#persist(() => queue.postpone({ ...queued, due, tries }));
    }
    onGivenUp({ type, tries, reason });
    await this.#persist(() => queue.remove(queued));
  }

  /**
   * Does writes one after the other, each until it succeeds. The task stays in progress meanwhile: it must not be executed
   * again.
   */
  async #persist(...writes: readonly (() => Promise<unknown>)[]): Promise<void> {
    for (const write of writes) {
      while (!await this.#succeeds(write)) if (this.#stop.signal.aborted) return;
    }
  }

  async #succeeds(write: () => Promise<unknown>): Promise<boolean> {
    try {
      await write();
      return true;
    } catch (error) {
      this.#deps.onError(error);
      await this.#runtime.delay(STORE_RETRY_MS, this.#stop.signal);
      return false;
    }
  }
}

/** Doubles with each attempt. Random, so that tasks that failed together are not tried together again. */
function retryDelay(tries: number, runtime: Runtime): number {
  const max = Math.min(RETRY.first * 2 ** (tries - 1), RETRY.max);
  return Math.round(max * (1 - 0.5 * runtime.random()));
}
