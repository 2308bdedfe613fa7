import type { SeededRandom } from "./seeded_random.ts";
import type { Fault, Faults } from "./faults.ts";
import { encodeMessage, headerOf, type HttpMessage, HttpReader, writeAll } from "./http_reader.ts";
import { atMost, pause } from "./pause.ts";
import { HOLD_BACK } from "./strict_reader.ts";

/** What a passage is given. The client's connection becomes its own. */
export interface ProxyConnectionOptions {
  readonly client: Deno.Conn;
  readonly target: URL;
  readonly faults: Faults;
  readonly chance: SeededRandom;
}

/** What is done to a request or to its reply. */
const FAULTS: readonly Fault[] = [
  "cut-before",
  "cut-within",
  "cut-after",
  "half-open",
  "trickle",
  "delayed",
];

/** A request is held back for at most so many ms, unless its client gives it up. */
const LONGEST_DELAY = 2_500;

/** A dead connection is closed after at most so many ms, if its client is more patient. */
const LONGEST_DEATH = 6_000;

/** How long (ms) the reply to a request that was given up is waited for. Nobody will read it. */
const LAST_REPLY = 1_000;

/** One client's connection, and the one to the server that goes with it. */
export class ProxyConnection implements AsyncDisposable {
  readonly #options: ProxyConnectionOptions;
  readonly #client: Deno.Conn;
  readonly #requests: HttpReader;
  #upstream: Upstream | undefined;
  #ended: Promise<void> = Promise.resolve();

  constructor(options: ProxyConnectionOptions) {
    this.#options = options;
    this.#client = options.client;
    this.#requests = new HttpReader(options.client);
  }

  /** Passes requests and replies, until either side ends, or until a fault does. Never rejects. */
  run(): Promise<void> {
    return this.#ended = this.#run();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#close();
    await this.#ended;
  }

  async #run(): Promise<void> {
    try {
      while (await this.#passOne());
    } catch {
      // A connection broke: the other side is told by the end of this one.
    }
    this.#close();
  }

  /** Whether the connection lives on. */
  async #passOne(): Promise<boolean> {
    const request = await this.#requests.next();
    if (request === undefined) return false;
    const { faults, chance } = this.#options;
    const fault = faults.draw(chance, FAULTS);
    const isLate = headerOf(request.head, HOLD_BACK.name) === HOLD_BACK.value;
    if ((isLate || fault === "delayed") && !await this.#holdBack(request)) return false;
    await this.#send(request);
    const reply = await this.#replyOrLeave();
    return reply !== undefined && await this.#give(reply, fault);
  }

  /** Whether the client is still there; if not, its request has reached the server after what it sent next. */
  async #holdBack(request: HttpMessage): Promise<boolean> {
    const { faults, chance } = this.#options;
    const [delay, head] = [chance.between(200, LONGEST_DELAY), chance.between(5, 300)];
    if (await this.#isPatient(delay)) {
      faults.count("delayed");
      return true;
    }
    await pause(head);
    await this.#send(request);
    faults.count("late");
    await atMost(LAST_REPLY, this.#reply());
    return false;
  }

  async #give(reply: HttpMessage, fault: Fault | undefined): Promise<boolean> {
    const bytes = encodeMessage(reply);
    const within = reply.head.length + Math.floor(reply.body.length * this.#options.chance.next());
    switch (fault) {
      case "cut-before":
        return this.#cut(fault);
      case "cut-within":
        await writeAll(this.#client, bytes.subarray(0, within));
        return this.#cut(fault);
      case "cut-after":
        await writeAll(this.#client, bytes);
        return this.#cut(fault);
      case "half-open":
        return await this.#playDead();
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

  /** The reply never comes, and nor does an end, until the client gives up. */
  async #playDead(): Promise<false> {
    const { faults, chance } = this.#options;
    faults.count("half-open");
    await this.#isPatient(chance.between(1_000, LONGEST_DEATH));
    return false;
  }

  async #trickle(bytes: Uint8Array): Promise<boolean> {
    const { faults, chance } = this.#options;
    const step = Math.ceil(bytes.length / chance.between(4, 16));
    faults.count("trickle");
    for (let at = 0; at < bytes.length; at += step) {
      await writeAll(this.#client, bytes.subarray(at, at + step));
      if (!await this.#isPatient(chance.between(5, 80))) return false;
    }
    return true;
  }

  /** Whether the client stays for so long (ms); shorter once the faults are over. */
  async #isPatient(milliseconds: number): Promise<boolean> {
    const waited = pause(milliseconds, this.#options.faults.signal).then(() => true);
    return await Promise.race([waited, this.#requests.grow()]);
  }

  async #send(request: HttpMessage): Promise<void> {
    const { target } = this.#options;
    const upstream = this.#upstream ??= await Upstream.open(target);
    const head = request.head.replace(/^host:.*$/im, `host: ${target.host}`);
    await writeAll(upstream.connection, encodeMessage({ head, body: request.body }));
  }

  #reply(): Promise<HttpMessage | undefined> {
    return this.#upstream?.replies.next() ?? Promise.resolve(undefined);
  }

  /** The reply; `undefined` if the client leaves before, or the server ends. */
  #replyOrLeave(): Promise<HttpMessage | undefined> {
    const left = this.#requests.grow().then(() => undefined);
    return Promise.race([this.#reply(), left]);
  }

  #close(): void {
    closeQuietly(this.#client);
    if (this.#upstream) closeQuietly(this.#upstream.connection);
  }
}

/** The way to the server. */
class Upstream {
  readonly connection: Deno.Conn;
  readonly replies: HttpReader;

  private constructor(connection: Deno.Conn) {
    this.connection = connection;
    this.replies = new HttpReader(connection);
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
    // It is closed already.
  }
}
