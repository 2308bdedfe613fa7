import { SeededRandom } from "../../../server/commands/soak/seeded_random.ts";
import type { Actor } from "../actor.ts";
import type { Scheduler } from "../scheduler.ts";
import type { Connections } from "./connections.ts";
import { Exchange } from "./exchange.ts";
import { drawFate, type FaultRates, type NetworkFault } from "./network_faults.ts";

/** A node, as the network sees it. */
export interface Upstream {
  readonly name: string;
  readonly isUp: boolean;
  /** Rejects if the node ends before it has answered. */
  handle(request: Request, address: string): Promise<Response>;
  /** Rejects when the process that runs now has ended. */
  readonly ended: Promise<never>;
}

export interface NetworkOptions {
  readonly scheduler: Scheduler;
  readonly seed: number;
  readonly upstreams: readonly Upstream[];
  /** Called for each fault that happens to a request to `path`. */
  readonly onFault?: (fault: NetworkFault, path: string) => void;
}

/** Who sends a request. */
export interface Sender {
  readonly actor: Actor;
  /** The address that the server sees. */
  readonly address: string;
  readonly isOnline: boolean;
  readonly connections: Connections;
}

/** The network between the tabs and the nodes, with a balancer in front of these. */
export class Network {
  /** Which faults happen from now on. */
  rates: FaultRates = {};
  /** Carries what is under way; it never crashes. */
  readonly wire: Actor;
  readonly #options: NetworkOptions;
  readonly #randoms = new Map<string, SeededRandom>();
  readonly #exchanges = new Set<Exchange>();

  constructor(options: NetworkOptions) {
    this.#options = options;
    this.wire = options.scheduler.actor("network");
  }

  /** As the `fetch` of browsers. */
  fetch(sender: Sender, url: string, init: RequestInit): Promise<Response> {
    const fate = drawFate(this.#randomOf(sender.actor.name), this.rates);
    const path = new URL(url).pathname;
    const exchange = new Exchange({
      ...{ sender, url, init, fate },
      wire: this.wire,
      upstream: (balance) => this.#balance(balance),
      onFault: (fault) => {
        this.wire.note(`${fault}: ${init.method} ${path} of ${sender.actor.name}`);
        this.#options.onFault?.(fault, path);
      },
      onEnd: () => this.#exchanges.delete(exchange),
    });
    this.#exchanges.add(exchange);
    return exchange.start();
  }

  /** The requests under way of an actor fail, as when a laptop wakes up in another network. */
  breakConnections(actor: Actor): void {
    for (const exchange of this.#of(actor)) exchange.fail("The network has changed");
  }

  /** The actor is gone: the servers see its connections end. */
  disconnect(actor: Actor): void {
    for (const exchange of this.#of(actor)) exchange.hangUp();
  }

  #of(actor: Actor): Exchange[] {
    return [...this.#exchanges].filter((exchange) => exchange.actor === actor);
  }

  /** A node that is up, or sometimes one that the balancer believes to be up. */
  #balance(balance: number): Upstream {
    const { upstreams } = this.#options;
    const up = upstreams.filter(({ isUp }) => isUp);
    const candidates = up.length > 0 && balance < 0.95 ? up : upstreams;
    return candidates[Math.floor(balance * 997 % 1 * candidates.length)]!;
  }

  #randomOf(name: string): SeededRandom {
    const random = this.#randoms.get(name) ??
      new SeededRandom(this.#options.seed, `network of ${name}`);
    this.#randoms.set(name, random);
    return random;
  }
}
