import { createServer } from "node:net";
import { SeededRandom } from "./seeded_random.ts";
import type { Faults } from "./faults.ts";
import { freePort } from "./free_port.ts";
import { pause } from "./pause.ts";
import { ProxyConnection } from "./proxy_connection.ts";

/** Where a proxy leads, and what it may do. */
export interface ProxyOptions {
  /** The server's address. */
  readonly target: URL;
  readonly faults: Faults;
  readonly seed: number;
}

/** Whether to turn connections away is thought of every so many ms, and decided for more often than for a request. */
const ROUND = 500;
const WEIGHT = 15;

/** Connections are turned away for so long, in ms. */
const OUTAGE = { least: 50, most: 400 } as const;

/** Stands between clients and their server, and treats them badly. Listens on loopback alone. */
export class Proxy implements AsyncDisposable {
  /** Where it listens, with the path of the target. */
  readonly url: string;
  readonly #options: ProxyOptions;
  readonly #port = freePort();
  readonly #passages = new Set<ProxyConnection>();
  readonly #end = new AbortController();
  readonly #outages: Promise<void>;
  #listener: Deno.Listener;
  /** Resolves when the listener is closed and its port free. */
  #accepting: Promise<void>;
  #number = 0;

  constructor(options: ProxyOptions) {
    this.#options = options;
    this.#listener = this.#listen();
    this.#accepting = this.#accept(this.#listener);
    this.url = `http://127.0.0.1:${this.#port}${options.target.pathname.replace(/\/*$/, "/")}`;
    this.#outages = this.#turnAwayNowAndThen();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#end.abort();
    await this.#outages;
    await this.#close();
    await Promise.all([...this.#passages].map((passage) => passage[Symbol.asyncDispose]()));
  }

  #listen(): Deno.Listener {
    return Deno.listen({ hostname: "127.0.0.1", port: this.#port });
  }

  async #close(): Promise<void> {
    this.#listener.close();
    await this.#accepting;
  }

  async #accept(listener: Deno.Listener): Promise<void> {
    try {
      for await (const connection of listener) this.#serve(connection);
    } catch (error) {
      // The listener is closed on purpose while a connection comes in.
      if (!(error instanceof Deno.errors.BadResource)) throw error;
    }
  }

  async #serve(client: Deno.Conn): Promise<void> {
    const { target, faults, seed } = this.#options;
    const chance = new SeededRandom(seed, `connection-${this.#number++}`);
    const passage = new ProxyConnection({ client, target, faults, chance });
    this.#passages.add(passage);
    await passage.run();
    this.#passages.delete(passage);
  }

  async #turnAwayNowAndThen(): Promise<void> {
    const { faults, seed } = this.#options;
    const chance = new SeededRandom(seed, "listener");
    while (!this.#end.signal.aborted) {
      await pause(ROUND, this.#end.signal);
      const length = chance.between(OUTAGE.least, OUTAGE.most);
      const fault = faults.draw(chance, ["refused", "reset"], WEIGHT);
      if (fault === undefined) continue;
      await this.#close();
      if (fault === "refused") await this.#refuse(length);
      else await this.#reset(length);
      this.#listener = this.#listen();
      this.#accepting = this.#accept(this.#listener);
    }
  }

  async #refuse(length: number): Promise<void> {
    this.#options.faults.count("refused");
    await pause(length, this.#end.signal);
  }

  /** Takes connections, and breaks each as soon as it has something to say. Only Node's sockets can send an RST. */
  async #reset(length: number): Promise<void> {
    const server = createServer((socket) => {
      socket.on("error", () => {}); // The other side may be first.
      socket.once("data", () => {
        this.#options.faults.count("reset");
        socket.resetAndDestroy();
      });
    });
    server.listen(this.#port, "127.0.0.1");
    await pause(length, this.#end.signal);
    await new Promise<void>((resolve) => {
      server.close(() => resolve());
    });
  }
}
