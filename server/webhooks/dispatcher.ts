import { steadyNow } from "../base/clock.ts";
import type { QueuedTask } from "../core/model/store.ts";
import { delay } from "../base/delay.ts";
import type { DeliveryQueue } from "./delivery_queue.ts";
import { parseTask, type WebhookTask } from "./webhook_task.ts";

/**
 * What became of a task: it was told; there was nothing to tell; it is to be done later; others take its place; or it
 * could not be told, and is tried again.
 */
export type Outcome =
  | { readonly kind: "sent" }
  | { readonly kind: "unneeded" }
  | { readonly kind: "early"; readonly due: number }
  | { readonly kind: "replaced"; readonly by: readonly WebhookTask[] }
  | { readonly kind: "failed"; readonly reason: string };

/** Of a try that failed. */
export interface Failure {
  readonly type: WebhookTask["type"];
  /** How many tries there were. */
  readonly tries: number;
  readonly reason: string;
}

/** What a dispatcher is made from. */
export interface DispatcherDeps {
  readonly deliveryQueue: DeliveryQueue;
  /** Does what a task wants done, and stops at once when `signal` is aborted. */
  readonly execute: (task: WebhookTask, signal: AbortSignal) => Promise<Outcome>;
  readonly onSent: () => void;
  /** A try has failed; another one will follow. */
  readonly onFailed: (failure: Failure) => void;
  /** The last try has failed. */
  readonly onGivenUp: (failure: Failure) => void;
  readonly onError: (error: unknown) => void;
}

/** So many tasks are carried out at once. */
const SLOTS = 4;

/** Tries (ms): the first two are about so far apart, the last ones so far; what is older than that is given up. */
const RETRY = { first: 1_000, most: 600_000, giveUp: 3 * 86_400_000 } as const;

/** When as many tries as there are slots have failed in a row, there is a pause (ms) after each further one. */
const PAUSE = { first: 1_000, most: 10_000 } as const;

/** The store is asked again so long (ms) after it failed. */
const STORE_PAUSE = 2_000;

/** No timer is set for longer than this (ms). */
const LONGEST = 3_600_000;

/** Carries out the tasks of a deliveryQueue when they are due, and again, ever more seldom, while they fail. */
export class Dispatcher implements AsyncDisposable {
  readonly #deps: DispatcherDeps;
  readonly #end = new AbortController();
  readonly #inFlight = new Map<number, Promise<void>>();
  #timer: ReturnType<typeof setTimeout> | undefined;
  #looking: Promise<void> | undefined;
  #isLooking = false;
  #mustLook = false;
  /** How many tries have failed in a row; until when (Unix time in ms) there is a pause. */
  #failures = 0;
  #resumes = 0;

  constructor(deps: DispatcherDeps) {
    this.#deps = deps;
    this.wake();
  }

  /** Looks whether there is something to do. */
  wake(): void {
    this.#mustLook = true;
    if (!this.#isLooking) this.#looking = this.#look();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#end.abort();
    clearTimeout(this.#timer);
    await Promise.all([this.#looking, ...this.#inFlight.values()]);
  }

  async #look(): Promise<void> {
    this.#isLooking = true;
    while (this.#mustLook && !this.#end.signal.aborted) {
      this.#mustLook = false;
      try {
        await this.#startDue();
      } catch (error) {
        this.#deps.onError(error);
        this.#wakeIn(STORE_PAUSE);
      }
    }
    this.#isLooking = false;
  }

  async #startDue(): Promise<void> {
    const now = steadyNow();
    const isTroubled = this.#failures >= SLOTS;
    const free = (isTroubled ? 1 : SLOTS) - this.#inFlight.size;
    // Whoever ends wakes.
    if (free <= 0) return;
    if (now < this.#resumes) return this.#wakeIn(this.#resumes - now);
    // What ends while the queue is read must not be started again.
    const busy = new Set(this.#inFlight.keys());
    const first = await this.#deps.deliveryQueue.first(busy.size + free);
    if (this.#end.signal.aborted) return;
    for (const task of first.filter(({ id }) => !busy.has(id)).slice(0, free)) {
      if (task.due > now) return this.#wakeIn(task.due - now);
      this.#start(task);
    }
  }

  #wakeIn(delay: number): void {
    clearTimeout(this.#timer);
    if (this.#end.signal.aborted) return;
    this.#timer = setTimeout(() => this.wake(), Math.min(delay, LONGEST));
  }

  #start(task: QueuedTask): void {
    const done = this.#perform(task).catch(this.#deps.onError).finally(() => {
      this.#inFlight.delete(task.id);
      this.wake();
    });
    this.#inFlight.set(task.id, done);
  }

  async #perform(queued: QueuedTask): Promise<void> {
    const { signal } = this.#end;
    const { deliveryQueue } = this.#deps;
    const task = parseTask(queued.body);
    const outcome: Outcome = task ? await this.#execute(task) : { kind: "unneeded" };
    if (task === undefined || outcome.kind === "unneeded") {
      return await this.#persist(() => deliveryQueue.remove(queued));
    }
    switch (outcome.kind) {
      case "sent":
        this.#failures = 0;
        this.#deps.onSent();
        return await this.#persist(() => deliveryQueue.remove(queued));
      case "early":
        return await this.#persist(() => deliveryQueue.postpone({ ...queued, due: outcome.due }));
      case "replaced": {
        const todos = outcome.by.map((task) => ({ due: steadyNow(), task }));
        return await this.#persist(() =>
          Promise.all([deliveryQueue.add(todos), deliveryQueue.remove(queued)])
        );
      }
      case "failed":
        if (!signal.aborted) await this.#retry(queued, task, outcome.reason);
    }
  }

  async #execute(task: WebhookTask): Promise<Outcome> {
    try {
      return await this.#deps.execute(task, this.#end.signal);
    } catch (error) {
      this.#deps.onError(error);
      return { kind: "failed", reason: "an error of ours" };
    }
  }

  async #retry(queued: QueuedTask, { type, at }: WebhookTask, reason: string): Promise<void> {
    const { deliveryQueue, onFailed, onGivenUp } = this.#deps;
    this.#failures++;
    const excess = this.#failures - SLOTS;
    if (excess >= 0) this.#resumes = steadyNow() + Math.min(PAUSE.first * 2 ** excess, PAUSE.most);
    const tries = queued.tries + 1;
    onFailed({ type, tries, reason });
    if (steadyNow() - at < RETRY.giveUp) {
      const due = steadyNow() + delayAfter(tries);
      return await this.#persist(() => deliveryQueue.postpone({ ...queued, due, tries }));
    }
    onGivenUp({ type, tries, reason });
    await this.#persist(() => deliveryQueue.remove(queued));
  }

  /** Keeps the slot until the store has taken what became of a task: else the task would be carried out again at once. */
  async #persist(write: () => Promise<unknown>): Promise<void> {
    do {
      try {
        await write();
        return;
      } catch (error) {
        this.#deps.onError(error);
        await delay(STORE_PAUSE, this.#end.signal);
      }
    } while (!this.#end.signal.aborted);
  }
}

/** About twice as long after each try, so that not all come at once. */
function delayAfter(tries: number): number {
  const most = Math.min(RETRY.first * 2 ** (tries - 1), RETRY.most);
  return Math.round(most * (1 - 0.5 * Math.random()));
}
