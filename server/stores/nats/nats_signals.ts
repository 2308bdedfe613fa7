import type { NatsConnection, Subscription } from "@nats-io/transport-node";
import type { Signal } from "../../core/signal.ts";
import type { SignalBus } from "../../core/store.ts";
import { LocalSignals } from "../local_signals.ts";

/** Carries signals over a subject of NATS. To this process's own listeners they go at once. */
export class NatsSignals implements SignalBus, Disposable {
  readonly #connection: NatsConnection;
  readonly #subject: string;
  readonly #local = new LocalSignals();
  readonly #subscription: Subscription;

  /** The connection must be one without echo. */
  constructor(connection: NatsConnection, subject: string) {
    this.#connection = connection;
    this.#subject = subject;
    this.#subscription = connection.subscribe(subject, {
      callback: (error, msg) => {
        if (error === null) this.#local.broadcast(msg.json<Signal>());
      },
    });
  }

  broadcast(signal: Signal): void {
    this.#local.broadcast(signal);
    if (!this.#connection.isClosed()) {
      this.#connection.publish(this.#subject, JSON.stringify(signal));
    }
  }

  listen(onSignal: (signal: Signal) => void): Disposable {
    return this.#local.listen(onSignal);
  }

  [Symbol.dispose](): void {
    this.#subscription.unsubscribe();
  }
}
