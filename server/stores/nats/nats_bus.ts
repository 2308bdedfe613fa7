import { Listeners } from "../../base/listeners.ts";
import { isNodeEvent, type NodeEvent } from "../../core/model/node_event.ts";
import type { NodeBus } from "../../core/model/store.ts";
import { parseJson } from "./nats_jetstream.ts";
import type { NatsClient } from "./nats_client.ts";

/** Carries events over a subject of NATS, to those who are connected. */
export class NatsBus implements NodeBus, Disposable {
  readonly #link: NatsClient;
  readonly #subject: string;
  readonly #listeners = new Listeners<NodeEvent>();
  readonly #listening: Disposable;

  constructor(link: NatsClient, subject: string) {
    this.#link = link;
    this.#subject = subject;
    this.#listening = link.subscribe(subject, (message) => {
      const event = parseJson<unknown>(message.string());
      if (isNodeEvent(event)) this.#listeners.emit(event);
    });
  }

  broadcast(event: NodeEvent): void {
    this.#link.publish(this.#subject, JSON.stringify(event));
  }

  listen(onEvent: (event: NodeEvent) => void): Disposable {
    return this.#listeners.add(onEvent);
  }

  [Symbol.dispose](): void {
    this.#listening[Symbol.dispose]();
  }
}
