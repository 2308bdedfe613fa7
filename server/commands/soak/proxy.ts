import { Chance } from "./chance.ts";
import type { Faults } from "./faults.ts";
import { pause } from "./pause.ts";
import { Passage } from "./passage.ts";

/** Where a proxy leads, and what it may do. */
export interface ProxyOptions {
  /** The server's address. */
  readonly target: URL;
  readonly faults: Faults;
  readonly seed: number;
}

/** So much more often than a request, a connection or a moment is chosen. */
const WEIGHT = 5;

/** Nobody listens for at most so long (ms). */
const LONGEST_REFUSAL = 400;

/** Whether to refuse connections is thought of every so many ms. */
const ROUND = 1_000;

/** Stands between clients and their server, and treats them badly. Listens on loopback alone. */
export class Proxy implements AsyncDisposable {
  /** Where it listens, with the path of the target. */
  readonly url: string;
  readonly #options: ProxyOptions;
  readonly #port: number;
  readonly #passages = new Set<Passage>();
  readonly #end = new AbortController();
  readonly #refusing: Promise<void>;
  #listener: Deno.Listener | undefined;
  #number = 0;

  constructor(options: ProxyOptions) {
    this.#options = options;
    this.#port = this.#listen(0);
    this.url = `http://127.0.0.1:${this.#port}${options.target.pathname.replace(/\/*$/, "/")}`;
    this.#refusing = this.#refuseNowAndThen();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#end.abort();
    await this.#refusing;
    this.#listener?.close();
    await Promise.all([...this.#passages].map((passage) => passage[Symbol.asyncDispose]()));
  }

  #listen(port: number): number {
    const listener = Deno.listen({ hostname: "127.0.0.1", port });
    this.#listener = listener;
    this.#accept(listener);
    return listener.addr.port;
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
    const chance = new Chance(seed, `connection-${this.#number++}`);
    const isReset = faults.draw(chance, ["reset"], WEIGHT) !== undefined;
    const passage = new Passage({ client, target, faults, chance });
    this.#passages.add(passage);
    await (isReset ? passage.reset() : passage.run());
    this.#passages.delete(passage);
  }

  async #refuseNowAndThen(): Promise<void> {
    const { faults, seed } = this.#options;
    const chance = new Chance(seed, "listener");
    while (!this.#end.signal.aborted) {
      await pause(ROUND, this.#end.signal);
      const length = chance.between(0, LONGEST_REFUSAL);
      if (faults.draw(chance, ["refused"], WEIGHT) === undefined) continue;
      faults.count("refused");
      this.#listener?.close();
      await pause(length, this.#end.signal);
      this.#listen(this.#port);
    }
  }
}
