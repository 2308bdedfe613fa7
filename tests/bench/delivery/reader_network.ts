import { connect, createServer, type Server, type Socket } from "node:net";
import { delay } from "../../../server/base/delay.ts";
import { ReservedPort } from "../../../server/base/reserved_port.ts";
import type { NetworkFault } from "./schedule.ts";

/** How long (ms) everything takes in each direction without a fault: what is under way when a connection is cut is lost. */
const LATENCY = 20;

/** How long (ms) after the start of the fault a dead connection is reset. */
export const DEAD_FOR = 15_000;

/**
 * The network between one reader and the server: a TCP proxy on a port of its own, which the benchmark cuts, kills and
 * slows down. It knows no protocol: WebSocket, long polling and server-sent events meet the same faults at the same time.
 */
export class ReaderNetwork implements AsyncDisposable {
  readonly url: string;
  readonly #port = new ReservedPort();
  readonly #target: number;
  readonly #listener: Server;
  readonly #connections = new Set<Connection>();
  readonly #end = new AbortController();
  #isOffline = false;
  #isDead = false;
  #latency = LATENCY;

  /** Opens a network to the port `target` of this machine. Resolves when it accepts connections. */
  static async open(target: number): Promise<ReaderNetwork> {
    const network = new ReaderNetwork(target);
    await new Promise<void>((resolve, reject) => {
      network.#listener.once("error", reject).listen(network.#port.number, "127.0.0.1", resolve);
    });
    return network;
  }

  private constructor(target: number) {
    this.url = `http://127.0.0.1:${this.#port.number}/`;
    this.#target = target;
    this.#listener = createServer({ allowHalfOpen: true }, (client) => this.#accept(client));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#end.abort();
    const closed = new Promise<void>((resolve) => this.#listener.close(() => resolve()));
    this.#resetAll();
    await closed;
    this.#port[Symbol.dispose]();
  }

  /** Injects the faults when they are due. Resolves after the last one, or at once when `over` is aborted. */
  async run(faults: readonly NetworkFault[], over: AbortSignal): Promise<void> {
    const start = performance.now();
    for (const fault of faults) {
      await delay(start + fault.at - performance.now(), over);
      if (over.aborted) return;
      await this.inject(fault, over);
    }
  }

  /** Injects a fault now. Resolves when it has ended. */
  async inject({ kind, lasts, latency }: NetworkFault, over?: AbortSignal): Promise<void> {
    switch (kind) {
      case "cut":
        return this.#resetAll();
      case "offline":
        this.#isOffline = true;
        this.#resetAll();
        await delay(lasts, over);
        this.#isOffline = false;
        return;
      case "dead":
        return await this.#die(lasts, over);
      case "slow":
        this.#latency = LATENCY + latency;
        await delay(lasts, over);
        this.#latency = LATENCY;
    }
  }

  async #die(lasts: number, over?: AbortSignal): Promise<void> {
    for (const connection of this.#connections) connection.isDead = true;
    this.#isDead = true;
    await delay(lasts, over);
    this.#isDead = false;
    const dead = [...this.#connections].filter(({ isDead }) => isDead);
    // Not awaited: the next fault can begin before they are reset.
    delay(DEAD_FOR - lasts, this.#end.signal).then(() => dead.forEach((one) => one.reset()));
  }

  #accept(client: Socket): void {
    if (this.#isOffline || this.#end.signal.aborted) {
      client.on("error", () => {}); // Its peer may have reset it.
      client.resetAndDestroy();
      return;
    }
    const server = connect({ port: this.#target, host: "127.0.0.1", allowHalfOpen: true });
    const connection = new Connection({ client, server, latency: () => this.#latency });
    connection.isDead = this.#isDead;
    this.#connections.add(connection);
    connection.onClose = () => this.#connections.delete(connection);
  }

  #resetAll(): void {
    for (const connection of this.#connections) connection.reset();
  }
}

interface ConnectionOptions {
  readonly client: Socket;
  readonly server: Socket;
  /** How long (ms) what arrives now takes. */
  readonly latency: () => number;
}

/** A connection of a reader, with the one to the server that belongs to it. */
class Connection {
  /** Whether everything is swallowed, ends included. */
  isDead = false;
  onClose: () => void = () => {};
  readonly #options: ConnectionOptions;
  readonly #timers = new Set<ReturnType<typeof setTimeout>>();

  constructor(options: ConnectionOptions) {
    this.#options = options;
    const { client, server } = options;
    this.#forward(client, server);
    this.#forward(server, client);
  }

  /** Drops what is under way, and resets both sides. */
  reset(): void {
    for (const timer of this.#timers) clearTimeout(timer);
    this.#timers.clear();
    for (const socket of [this.#options.client, this.#options.server]) {
      if (socket.connecting) socket.destroy();
      else socket.resetAndDestroy();
    }
    this.onClose();
  }

  #forward(from: Socket, to: Socket): void {
    const underWay: (Uint8Array | "end")[] = [];
    let due = 0;
    const forwardLater = (item: Uint8Array | "end") => {
      if (this.isDead) return;
      underWay.push(item);
      // Nothing overtakes what was sent before it.
      due = Math.max(due, performance.now() + this.#options.latency());
      const timer = setTimeout(() => {
        this.#timers.delete(timer);
        const next = underWay.shift();
        if (next === undefined || this.isDead || to.destroyed) return;
        if (next === "end") to.end();
        else to.write(next);
      }, Math.max(0, due - performance.now()));
      this.#timers.add(timer);
    };
    from.on("data", forwardLater);
    from.on("end", () => forwardLater("end"));
    from.on("error", () => {
      if (!this.isDead) this.reset();
    });
    from.on("close", () => {
      if (to.destroyed) this.onClose();
    });
  }
}
