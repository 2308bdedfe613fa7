import type { NodeEvent } from "../../core/node_event.ts";
import type { NodeBus } from "../../core/store.ts";
import { readJson } from "./nats_jetstream.ts";
import type { NatsLink } from "./nats_link.ts";

/** Carries events over a subject of NATS, to those who are connected. */
export class NatsBus implements NodeBus, Disposable {
  readonly #link: NatsLink;
  readonly #subject: string;
  readonly #listeners = new Set<(event: NodeEvent) => void>();
  readonly #listening: Disposable;

  constructor(link: NatsLink, subject: string) {
    this.#link = link;
    this.#subject = subject;
    this.#listening = link.listen(subject, (message) => {
      const event = readJson<NodeEvent>(message.string());
      if (typeof event?.type !== "string") return;
      for (const onEvent of this.#listeners) onEvent(event);
    });
  }

  broadcast(event: NodeEvent): void {
    this.#link.tell(this.#subject, JSON.stringify(event));
  }

  listen(onEvent: (event: NodeEvent) => void): Disposable {
    this.#listeners.add(onEvent);
    return { [Symbol.dispose]: () => this.#listeners.delete(onEvent) };
  }

  [Symbol.dispose](): void {
    this.#listening[Symbol.dispose]();
  }
}
