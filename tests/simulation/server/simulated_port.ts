import type { SeededRandom } from "../../../server/commands/soak/seeded_random.ts";
import type { Port } from "../../../server/stores/thread/port_messages.ts";
import type { Actor } from "../actor.ts";

/** How long a message takes, in ms; one of `1 / rare` takes longer. */
const LATENCY = { min: 0.01, max: 1, rare: 50, longest: 60 } as const;

/** Two ports that are connected, as those of a `MessageChannel`. */
export function simulatedChannel(
  one: Actor,
  other: Actor,
  random: SeededRandom,
): readonly [SimulatedPort, SimulatedPort] {
  const ports = [new SimulatedPort(one, random), new SimulatedPort(other, random)] as const;
  ports[0].peer = ports[1];
  ports[1].peer = ports[0];
  return ports;
}

/** A `MessagePort` of one isolate: what it posts is copied, and arrives later and in order. */
export class SimulatedPort implements Port {
  peer: SimulatedPort | undefined;
  readonly #owner: Actor;
  readonly #random: SeededRandom;
  /** What has arrived before somebody listens. */
  #early: unknown[] = [];
  #onmessage: Port["onmessage"] = null;
  #arrivesAt = 0;
  #isClosed = false;

  constructor(owner: Actor, random: SeededRandom) {
    this.#owner = owner;
    this.#random = random;
  }

  get onmessage(): Port["onmessage"] {
    return this.#onmessage;
  }

  set onmessage(listener: Port["onmessage"]) {
    this.#onmessage = listener;
    const early = this.#early;
    this.#early = [];
    for (const data of early) this.#owner.after(0, "gets a message", () => this.#deliver(data));
  }

  postMessage(message: unknown): void {
    if (!this.#isClosed) this.peer?.receive(structuredClone(message));
  }

  close(): void {
    this.#isClosed = true;
  }

  receive(data: unknown): void {
    const { now } = this.#owner;
    const isLong = this.#random.next() < 1 / LATENCY.rare;
    const max = isLong ? LATENCY.longest : LATENCY.max;
    this.#arrivesAt = Math.max(this.#arrivesAt, now + this.#random.between(LATENCY.min, max));
    this.#owner.after(this.#arrivesAt - now, "gets a message", () => this.#deliver(data));
  }

  #deliver(data: unknown): void {
    if (this.#isClosed) return;
    if (this.#onmessage === null) this.#early.push(data);
    else this.#onmessage(new MessageEvent("message", { data }));
  }
}
