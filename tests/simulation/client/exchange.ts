import { Buffer } from "node:buffer";
import { START_WALL } from "../server/simulated_runtime.ts";
import type { Actor } from "../actor.ts";
import { foreignAnswer } from "./foreign_answers.ts";
import type { Sender, Upstream } from "./network.ts";
import type { Fate, NetworkFault } from "./network_faults.ts";

export interface ExchangeOptions {
  readonly sender: Sender;
  readonly url: string;
  readonly init: RequestInit;
  readonly fate: Fate;
  readonly wire: Actor;
  /** The node that the balancer chooses. */
  readonly upstream: (balance: number) => Upstream;
  readonly onFault: (fault: NetworkFault) => void;
  readonly onEnd: () => void;
}

/** Statuses whose response has no body. */
const BODILESS: readonly number[] = [101, 204, 205, 304];

/**
 * One request and its reply. The client sees what a browser shows: a response whose body arrives in pieces, a `TypeError`
 * if the network fails, or the reason of its signal. Whatever the client sees is an event of its own actor, so that a
 * sleeping laptop sees it when it wakes up.
 */
export class Exchange {
  readonly #options: ExchangeOptions;
  readonly #reply = Promise.withResolvers<Response>();
  /** Aborts when the server sees that the client has left. */
  readonly #server = new AbortController();
  #body: ReadableStreamDefaultController<Uint8Array> | undefined;
  #hasEnded = false;
  #giveBack: (() => void) | undefined;
  /** When the last piece of the reply arrives: pieces do not overtake each other. */
  #arrivesAt = 0;
  #delay = 0;

  constructor(options: ExchangeOptions) {
    this.#options = options;
  }

  get actor(): Actor {
    return this.#options.sender.actor;
  }

  start(): Promise<Response> {
    const { sender, init: { signal } } = this.#options;
    if (signal?.aborted) this.#abort(signal.reason);
    signal?.addEventListener("abort", () => this.#abort(signal.reason));
    if (!this.#hasEnded) this.#giveBack = sender.connections.take(() => this.#send());
    // It may have ended at once.
    if (this.#hasEnded) this.#giveBack?.();
    return this.#reply.promise;
  }

  #send(): void {
    const { sender, fate, wire } = this.#options;
    if (!sender.isOnline) this.#failLater(1, "The browser is offline");
    else if (this.#hits("request refused")) {
      this.#failLater(fate.there, "The connection was refused");
    } else if (this.#hits("request intercepted")) {
      this.#deliver(foreignAnswer("gate", fate.detail), fate.there + fate.back);
    } else if (!this.#hits("request lost")) {
      this.#hits("request late");
      wire.after(fate.there, "brings a request", () => this.#arrive(fate.balance));
      if (this.#hits("request repeated")) {
        const later = fate.there + 400 * fate.detail;
        wire.after(later, "brings a request again", () => this.#arriveAgain());
      }
    }
  }

  /** The network fails while the request is under way. */
  fail(message: string): void {
    if (this.#hasEnded) return;
    this.#settle(new TypeError(message));
    this.hangUp();
  }

  /** The server sees after a moment that the connection has ended. */
  hangUp(): void {
    this.#end();
    const { wire, fate } = this.#options;
    wire.after(fate.there, "ends a connection", () => this.#server.abort());
  }

  #abort(reason: unknown): void {
    if (this.#hasEnded) return;
    this.#settle(reason);
    this.hangUp();
  }

  #settle(error: unknown): void {
    this.#reply.reject(error);
    this.#body?.error(error);
    this.#end();
  }

  #end(): void {
    this.#hasEnded = true;
    this.#giveBack?.();
    this.#options.onEnd();
  }

  #failLater(ms: number, message: string): void {
    this.actor.after(ms, `fails: ${message}`, () => this.fail(message));
  }

  /** Whether the fault happens. */
  #hits(fault: NetworkFault): boolean {
    const isHit = this.#options.fate.faults.has(fault);
    if (isHit) this.#options.onFault(fault);
    return isHit;
  }

  #request(): Request {
    const { url, init: { method, headers, body } } = this.#options;
    const init = { method: method ?? "GET", headers: new Headers(headers), body: body ?? null };
    // As browsers do.
    if (typeof body === "string") {
      init.headers.set("content-length", String(Buffer.byteLength(body)));
    }
    return new Request(url, { ...init, signal: this.#server.signal });
  }

  async #arrive(balance: number): Promise<void> {
    const { fate, sender } = this.#options;
    const upstream = this.#options.upstream(balance);
    const { ended } = upstream;
    try {
      const response = await upstream.handle(this.#request(), sender.address);
      if (this.#server.signal.aborted || this.#hits("reply lost")) return;
      if (this.#hits("reply dropped")) {
        return this.#failLater(fate.back, "The connection was closed");
      }
      if (this.#hits("reply replaced")) {
        return this.#deliver(foreignAnswer("gateway", fate.detail), fate.back);
      }
      this.#hits("reply late");
      await this.#deliver(response, fate.back, ended);
    } catch {
      // As a proxy does, or the kernel of the node.
      if (fate.detail < 0.5) this.#deliver(foreignAnswer("gateway", fate.detail), fate.back);
      else this.#failLater(fate.back, "The connection was closed");
    }
  }

  /** Nobody reads the second reply. */
  async #arriveAgain(): Promise<void> {
    const { fate: { detail }, sender } = this.#options;
    try {
      const response = await this.#options.upstream(detail).handle(this.#request(), sender.address);
      await response.body?.cancel();
    } catch {
      // The node has ended.
    }
  }

  /** Passes the head of a response on, and then its body as it comes. */
  async #deliver(response: Response, delay: number, ended?: Promise<never>): Promise<void> {
    const { status, headers, body } = response;
    const isCut = ended !== undefined && this.#hits("reply cut");
    const init = { status, headers: this.#withDate(headers) };
    this.#delay = delay;
    this.#receive(`gets ${status}`, () => {
      const start = (controller: ReadableStreamDefaultController<Uint8Array>) => {
        this.#body = controller;
      };
      const stream = BODILESS.includes(status) ? null : new ReadableStream({ start });
      this.#reply.resolve(new Response(stream, init));
    });
    try {
      for await (const chunk of chunksOf(body, ended)) {
        const part = isCut ? chunk.slice(0, chunk.length / 2) : chunk;
        this.#receive(`gets ${part.length} bytes`, () => this.#body?.enqueue(part));
        if (isCut) return this.#receive("is cut off", () => this.fail("The connection was closed"));
      }
      this.#receive("has all", () => {
        this.#body?.close();
        this.#end();
      });
    } catch {
      this.#receive("is cut off", () => this.fail("The connection was closed"));
    }
  }

  #receive(what: string, run: () => void): void {
    this.#arrivesAt = Math.max(this.#arrivesAt, this.actor.now + this.#delay);
    this.actor.after(this.#arrivesAt - this.actor.now, what, () => {
      if (!this.#hasEnded) run();
    });
  }

  #withDate(headers: Headers): Headers {
    headers.set("date", new Date(START_WALL + this.actor.now).toUTCString());
    return headers;
  }
}

/** The chunks of a body. Throws when the node ends before the body. */
async function* chunksOf(
  body: ReadableStream<Uint8Array> | null,
  ended: Promise<never> | undefined,
): AsyncGenerator<Uint8Array> {
  if (body === null) return;
  const reader = body.getReader();
  while (true) {
    const { done, value } = await (ended ? Promise.race([reader.read(), ended]) : reader.read());
    if (done) return;
    yield value;
  }
}
