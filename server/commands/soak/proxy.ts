import { createServer } from "node:net";
import { delay } from "../../base/delay.ts";
import { ReservedPort } from "../../base/reserved_port.ts";
import type { Faults } from "./faults.ts";
import { ProxyConnection } from "./proxy_connection.ts";
import { SeededRandom } from "./seeded_random.ts";

/** Where a proxy forwards to, and which faults it injects. */
export interface ProxyOptions {
  /** The server's address. */
  readonly target: URL;
  readonly faults: Faults;
  readonly seed: number;
}

/** How often (ms) to decide on an outage. The weight compensates for deciding less often than once per request. */
const INTERVAL = 500;
const WEIGHT = 15;

/** When to listen again if the port is still in use, in ms. */
const RETRY = 5;

/** Length of an outage, in ms. While something else answers, it is longer by that factor. */
const OUTAGE = { min: 50, max: 400 } as const;
const GATE_FACTOR = 5;

/** An HTTP proxy between the participants and the server that injects faults. Listens only on loopback. */
export class Proxy implements AsyncDisposable {
  /** Its address, with the path of the target. */
  readonly url: string;
  readonly #options: ProxyOptions;
  readonly #port = new ReservedPort();
  readonly #connections = new Set<ProxyConnection>();
  readonly #end = new AbortController();
  readonly #outages: Promise<void>;
  #listener: Deno.Listener;
  /** Resolves when the listener is closed, and its port free. */
  #accepting: Promise<void>;
  #count = 0;
  #isGated = false;

  constructor(options: ProxyOptions) {
    this.#options = options;
    this.#listener = this.#listen();
    this.#accepting = this.#accept(this.#listener);
    this.url = `http://127.0.0.1:${this.#port.number}${
      options.target.pathname.replace(/\/*$/, "/")
    }`;
    this.#outages = this.#injectOutages();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#end.abort();
    await this.#outages;
    await this.#close();
    await Promise.all([...this.#connections].map((one) => one[Symbol.asyncDispose]()));
    this.#port[Symbol.dispose]();
  }

  #listen(): Deno.Listener {
    return Deno.listen({ hostname: "127.0.0.1", port: this.#port.number });
  }

  /** A program that another thread is just starting has a copy of the closed listener for a moment. */
  async #listenAgain(): Promise<Deno.Listener> {
    while (true) {
      try {
        return this.#listen();
      } catch (error) {
        if (!(error instanceof Deno.errors.AddrInUse)) throw error;
        await delay(RETRY);
      }
    }
  }

  async #close(): Promise<void> {
    this.#listener.close();
    await this.#accepting;
  }

  async #accept(listener: Deno.Listener): Promise<void> {
    try {
      for await (const connection of listener) this.#serve(connection);
    } catch (error) {
      // The listener was closed while a connection arrived.
      if (!(error instanceof Deno.errors.BadResource)) throw error;
    }
  }

  async #serve(client: Deno.Conn): Promise<void> {
    const { target, faults, seed } = this.#options;
    const random = new SeededRandom(seed, `connection-${this.#count++}`);
    const isGated = () => this.#isGated;
    const connection = new ProxyConnection({ client, target, faults, random, isGated });
    this.#connections.add(connection);
    await connection.run();
    this.#connections.delete(connection);
  }

  async #injectOutages(): Promise<void> {
    const { faults, seed } = this.#options;
    const random = new SeededRandom(seed, "listener");
    while (!this.#end.signal.aborted) {
      await delay(INTERVAL, this.#end.signal);
      const length = random.between(OUTAGE.min, OUTAGE.max);
      const fault = faults.draw(random, ["refused", "reset", "gate"], WEIGHT);
      if (fault === undefined) continue;
      if (fault === "gate") {
        await this.#answerForServer(length * GATE_FACTOR);
        continue;
      }
      await this.#close();
      if (fault === "refused") await this.#refuseConnections(length);
      else await this.#resetConnections(length);
      this.#listener = await this.#listenAgain();
      this.#accepting = this.#accept(this.#listener);
    }
  }

  async #answerForServer(length: number): Promise<void> {
    this.#options.faults.count("gate");
    this.#isGated = true;
    await delay(length, this.#options.faults.signal);
    this.#isGated = false;
  }

  async #refuseConnections(length: number): Promise<void> {
    this.#options.faults.count("refused");
    await delay(length, this.#end.signal);
  }

  /** Accepts connections, and resets each when its request arrives. Only Node's sockets can send an RST. */
  async #resetConnections(length: number): Promise<void> {
    const server = createServer((socket) => {
      socket.on("error", () => {}); // The client may reset it first.
      socket.once("data", () => {
        this.#options.faults.count("reset");
        socket.resetAndDestroy();
      });
    });
    let isOver = false;
    const listen = () => isOver || server.listen(this.#port.number, "127.0.0.1");
    server.on("error", () => setTimeout(listen, RETRY)); // As in #listenAgain.
    listen();
    await delay(length, this.#end.signal);
    isOver = true;
    await new Promise<void>((resolve) => {
      server.close(() => resolve());
    });
  }
}
