import { Listeners } from "../../base/listeners.ts";
import { isNodeEvent, type NodeEvent } from "../../core/model/node_event.ts";
import type { NodeBus } from "../../core/model/store.ts";
import type { NatsClient } from "./nats_client.ts";
import { parseJson } from "./nats_jetstream.ts";

/** Sends events through a NATS subject to the nodes that are connected. */
export class NatsBus implements NodeBus, Disposable {
  readonly #client: NatsClient;
  readonly #subject: string;
  readonly #listeners = new Listeners<NodeEvent>();
  readonly #subscription: Disposable;

  constructor(client: NatsClient, subject: string) {
    this.#client = client;
    this.#subject = subject;
    this.#subscription = client.subscribe(subject, (message) => {
      const event = parseJson<unknown>(message.string());
      if (isNodeEvent(event)) this.#listeners.emit(event);
    });
  }

  broadcast(event: NodeEvent): void {
    this.#client.publish(this.#subject, JSON.stringify(event));
  }

  listen(onEvent: (event: NodeEvent) => void): Disposable {
    return this.#listeners.add(onEvent);
  }

  [Symbol.dispose](): void {
    this.#subscription[Symbol.dispose]();
  }
}
