import { LONG_AGO, type MonotonicTime } from "../../base/clock.ts";
import type { Runtime, Timer } from "../../base/runtime.ts";
import type { Refused } from "../../core/model/refused.ts";
import { unavailable } from "./nats_client.ts";

/** In ms: how long to wait for the delivery of a message, and after which time the consumer is restarted. */
export const DELIVERY = { timeout: 5_000, restartAfter: 1_000, checkInterval: 250 } as const;

/** A caller that waits until a message is delivered to this node. */
interface DeliveryWaiter {
  readonly id: number;
  readonly since: MonotonicTime;
  resolve(): void;
  reject(error: Refused): void;
}

/** Callers of a log that wait until messages are delivered to this node. If that takes long, the consumer is restarted. */
export class DeliveryWaiters implements Disposable {
  readonly #runtime: Runtime;
  readonly #restart: () => void;
  readonly #waiters = new Set<DeliveryWaiter>();
  #timer: Timer | undefined;
  /** When the consumer was last restarted on behalf of a waiter. */
  #restartedAt = LONG_AGO;

  /** `restart`: restarts the consumer. */
  constructor(runtime: Runtime, restart: () => void) {
    this.#runtime = runtime;
    this.#restart = restart;
  }

  /** Resolves when `onDelivered` is called for this id or a later one. Refuses if that takes too long. */
  wait(id: number): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.#waiters.add({ id, since: this.#runtime.monotonicNow(), resolve, reject });
    this.#timer ??= this.#runtime.setTimeout(() => this.#check(), DELIVERY.checkInterval);
    return promise;
  }

  onDelivered(id: number): void {
    for (const waiter of this.#waiters) {
      if (waiter.id > id) continue;
      this.#waiters.delete(waiter);
      waiter.resolve();
    }
  }

  [Symbol.dispose](): void {
    this.#runtime.clearTimeout(this.#timer);
    for (const { reject } of this.#waiters) reject(unavailable("The store is closed"));
    this.#waiters.clear();
  }

  /** Called regularly while there are waiters. */
  #check(): void {
    this.#timer = undefined;
    let longestWait = 0;
    for (const waiter of this.#waiters) {
      const wait = this.#runtime.msSince(waiter.since);
      longestWait = Math.max(longestWait, wait);
      if (wait < DELIVERY.timeout) continue;
      this.#waiters.delete(waiter);
      waiter.reject(unavailable("NATS did not deliver a message in time"));
    }
    const { restartAfter } = DELIVERY;
    if (longestWait > restartAfter && this.#runtime.msSince(this.#restartedAt) > restartAfter) {
      this.#restartedAt = this.#runtime.monotonicNow();
      this.#restart();
    }
    if (this.#waiters.size > 0) {
      this.#timer = this.#runtime.setTimeout(() => this.#check(), DELIVERY.checkInterval);
    }
  }
}
