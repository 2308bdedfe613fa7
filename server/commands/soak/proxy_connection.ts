import { delay } from "../../base/delay.ts";
import type { Fault, Faults } from "./faults.ts";
import { pickForeignAnswer } from "./foreign_answers.ts";
import {
  encodeMessage,
  headerOf,
  type HttpMessage,
  HttpMessageReader,
  writeAll,
} from "./http_message.ts";
import type { SeededRandom } from "./seeded_random.ts";
import { HOLD_BACK } from "./strict_reader.ts";

/** What a connection of the proxy works with. It takes over the client's connection. */
export interface ProxyConnectionOptions {
  readonly client: Deno.Conn;
  readonly target: URL;
  readonly faults: Faults;
  readonly random: SeededRandom;
  /** Whether something else answers instead of the server at the moment, without passing requests on. */
  readonly isGated: () => boolean;
}

/** The faults that a connection injects into a request or its response. */
const FAULTS: readonly Fault[] = [
  "cut-before",
  "cut-within",
  "cut-after",
  "half-open",
  "trickle",
  "delayed",
  "foreign",
];

/** Maximum time (ms) that a request is held back, unless its client gives it up. */
const MAX_HOLD_BACK = 2_500;

/** Maximum time (ms) that a half-open connection stays open, unless its client gives up. */
const MAX_HALF_OPEN = 6_000;

/** How long (ms) to wait for the response to a request that its client has given up. */
const ABANDONED_RESPONSE = 1_000;

/** A client's connection to the proxy, with the connection to the server that belongs to it. */
export class ProxyConnection implements AsyncDisposable {
  readonly #options: ProxyConnectionOptions;
  readonly #client: Deno.Conn;
  readonly #requests: HttpMessageReader;
  #upstream: Upstream | undefined;
  #running: Promise<void> = Promise.resolve();

  constructor(options: ProxyConnectionOptions) {
    this.#options = options;
    this.#client = options.client;
    this.#requests = new HttpMessageReader(options.client);
  }

  /** Forwards requests and responses until either side or a fault ends the connection. Never rejects. */
  run(): Promise<void> {
    return this.#running = this.#run();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#close();
    await this.#running;
  }

  async #run(): Promise<void> {
    try {
      while (await this.#forwardOne());
    } catch {
      // One connection broke: closing the other tells its peer.
    }
    this.#close();
  }

  /** Forwards a request and its response. Returns whether the connection stays open. */
  async #forwardOne(): Promise<boolean> {
    const request = await this.#requests.next();
    if (request === undefined) return false;
    const { faults, random, isGated } = this.#options;
    const fault = faults.draw(random, FAULTS);
    if (isGated()) return await this.#answerForServer();
    const isLate = headerOf(request.head, HOLD_BACK.name) === HOLD_BACK.value;
    if ((isLate || fault === "delayed") && !await this.#holdBack(request)) return false;
    await this.#sendRequest(request);
    const response = await this.#responseOrEnd();
    return response !== undefined && await this.#sendResponse(response, fault);
  }

  /** Returns whether the client still waits. If not, its request reaches the server after its next one. */
  async #holdBack(request: HttpMessage): Promise<boolean> {
    const { faults, random } = this.#options;
    const [holdBackMs, lateByMs] = [random.between(200, MAX_HOLD_BACK), random.between(5, 300)];
    if (await this.#clientWaits(holdBackMs)) {
      faults.count("delayed");
      return true;
    }
    await delay(lateByMs);
    await this.#sendRequest(request);
    faults.count("late");
    await Promise.race([this.#response(), delay(ABANDONED_RESPONSE, faults.signal)]);
    return false;
  }

  async #sendResponse(response: HttpMessage, fault: Fault | undefined): Promise<boolean> {
    const { faults, random } = this.#options;
    const bytes = encodeMessage(response);
    const cut = response.head.length +
      Math.floor(response.body.length * random.next());
    switch (fault) {
      case "cut-before":
        return this.#cut(fault);
      case "cut-within":
        await writeAll(this.#client, bytes.subarray(0, cut));
        return this.#cut(fault);
      case "cut-after":
        await writeAll(this.#client, bytes);
        return this.#cut(fault);
      case "foreign":
        faults.count(fault);
        return await this.#answerForServer();
      case "half-open":
        return await this.#leaveHalfOpen();
      case "trickle":
        return await this.#trickle(bytes);
      default:
        await writeAll(this.#client, bytes);
        return true;
    }
  }

  #cut(fault: Fault): false {
    this.#options.faults.count(fault);
    return false;
  }

  async #answerForServer(): Promise<true> {
    await writeAll(this.#client, pickForeignAnswer(this.#options.random));
    return true;
  }

  /** Sends neither the response nor an end, until the client gives up. */
  async #leaveHalfOpen(): Promise<false> {
    const { faults, random } = this.#options;
    faults.count("half-open");
    await this.#clientWaits(random.between(1_000, MAX_HALF_OPEN));
    return false;
  }

  async #trickle(bytes: Uint8Array): Promise<boolean> {
    const { faults, random } = this.#options;
    const step = Math.ceil(bytes.length / random.between(4, 16));
    faults.count("trickle");
    for (let at = 0; at < bytes.length; at += step) {
      await writeAll(this.#client, bytes.subarray(at, at + step));
      if (!await this.#clientWaits(random.between(5, 80))) return false;
    }
    return true;
  }

  /** Waits `ms`, or until there are no faults any more. Returns false at once if the client ends the connection. */
  async #clientWaits(ms: number): Promise<boolean> {
    const waited = delay(ms, this.#options.faults.signal).then(() => true);
    return await Promise.race([waited, this.#requests.readMore()]);
  }

  async #sendRequest(request: HttpMessage): Promise<void> {
    const { target } = this.#options;
    const upstream = this.#upstream ??= await Upstream.open(target);
    const head = request.head.replace(/^host:.*$/im, `host: ${target.host}`);
    await writeAll(upstream.connection, encodeMessage({ head, body: request.body }));
  }

  #response(): Promise<HttpMessage | undefined> {
    return this.#upstream?.responses.next() ?? Promise.resolve(undefined);
  }

  /** Returns `undefined` if the client or the server ends the connection before the response. */
  #responseOrEnd(): Promise<HttpMessage | undefined> {
    const end = this.#requests.readMore().then(() => undefined);
    return Promise.race([this.#response(), end]);
  }

  #close(): void {
    closeQuietly(this.#client);
    if (this.#upstream) closeQuietly(this.#upstream.connection);
  }
}

/** The connection to the server. */
class Upstream {
  readonly connection: Deno.Conn;
  readonly responses: HttpMessageReader;

  private constructor(connection: Deno.Conn) {
    this.connection = connection;
    this.responses = new HttpMessageReader(connection);
  }

  static async open({ protocol, hostname, port }: URL): Promise<Upstream> {
    const isSecure = protocol === "https:";
    const address = { hostname, port: Number(port) || (isSecure ? 443 : 80) };
    return new Upstream(await (isSecure ? Deno.connectTls(address) : Deno.connect(address)));
  }
}

function closeQuietly(connection: Deno.Conn): void {
  try {
    connection.close();
  } catch {
    // It is already closed.
  }
}
