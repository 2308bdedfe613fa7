import { errorMessage } from "../base/error_message.ts";
import { StartError } from "../base/start_error.ts";
import type { Certificate } from "./tls/certificate.ts";
import type { Logger } from "../base/logger.ts";

/** What answers a request. */
export type Answer = (
  request: Request,
  connection: Deno.ServeHandlerInfo,
) => Response | Promise<Response>;

/** Where to listen. */
export interface Address {
  readonly host: string;
  readonly port: number;
  /** With one, HTTPS is spoken, and HTTP/2 to those who can. */
  readonly certificate?: Certificate | undefined;
}

/** Deno's own deliveryQueue of 511 makes thousands of clients that come at once wait for seconds. */
const BACKLOG = 4096;

/** A port that was given up is free after a moment: it is asked for so often, with a pause (ms). */
const TAKING_PORT = { tries: 50, pause: 10 } as const;

/** Tries to listen again so long (ms) after accepting has failed. */
const PAUSE = 200;

/** Listens for HTTP, and listens again if accepting fails, as it does when there are no file descriptors left. */
export class Listener implements AsyncDisposable {
  readonly url: string;
  #address: Address;
  readonly #answer: Answer;
  readonly #events: Logger;
  #server: Deno.HttpServer<Deno.NetAddr>;
  #abort = new AbortController();
  #pause: ReturnType<typeof setTimeout> | undefined;
  #isFinished = false;
  /** Those that take no more connections, and still answer requests. */
  readonly #retiring = new Set<Promise<void>>();

  /** Throws a {@linkcode StartError}. */
  static open(address: Address, answer: Answer, events: Logger): Listener {
    try {
      return new Listener(address, answer, events);
    } catch (error) {
      throw new StartError(whyNot(error, address), { cause: error });
    }
  }

  private constructor(address: Address, answer: Answer, events: Logger) {
    this.#answer = answer;
    this.#events = events;
    this.#server = this.#listen(address);
    // Port 0 is any free port: it must be the same one if it is listened on again.
    this.#address = { ...address, port: this.#server.addr.port };
    const name = address.host.includes(":") ? `[${address.host}]` : address.host;
    const scheme = address.certificate === undefined ? "http" : "https";
    this.url = `${scheme}://${name}:${this.#address.port}`;
  }

  /**
   * Uses another certificate for connections from now on; those that are there go on. For some milliseconds no new one
   * is taken. Says whether it is another one.
   */
  async renew(certificate: Certificate): Promise<boolean> {
    const { cert, key } = this.#address.certificate ?? {};
    if (this.#isFinished || cert === certificate.cert && key === certificate.key) return false;
    this.#address = { ...this.#address, certificate };
    // Else the port would be taken twice, where accepting has just failed.
    clearTimeout(this.#pause);
    const retiring = this.#server.shutdown();
    this.#retiring.add(retiring);
    retiring.finally(() => this.#retiring.delete(retiring));
    await this.#takePort();
    return true;
  }

  /** Takes no more connections, and waits for the answers that are on their way, at most `patience` ms. */
  async finish(patience: number): Promise<void> {
    this.#isFinished = true;
    clearTimeout(this.#pause);
    // Deno throws where nobody can catch it when a server is aborted in the moment in which it ends by itself.
    if (patience <= 0) this.#abort.abort();
    const timer = setTimeout(() => this.#abort.abort(), patience);
    await Promise.all([this.#server.shutdown(), ...this.#retiring]);
    clearTimeout(timer);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#isFinished) await this.finish(0);
  }

  #listen({ host, port, certificate }: Address): Deno.HttpServer<Deno.NetAddr> {
    const { signal } = this.#abort;
    const options = { hostname: host, port, signal, tcpBacklog: BACKLOG, onListen: () => {} };
    const { cert, key } = certificate ?? {};
    const server = Deno.serve(
      cert === undefined || key === undefined ? options : { ...options, cert, key },
      (request, connection) => this.#answer(request, connection),
    );
    server.finished.catch((error: Error) => this.#listenAgain(error));
    return server;
  }

  async #takePort(): Promise<void> {
    for (let tries = 1; !this.#isFinished; tries++) {
      try {
        this.#server = this.#listen(this.#address);
        return;
      } catch (error) {
        if (tries === TAKING_PORT.tries) {
          return this.#listenAgain(error instanceof Error ? error : new Error());
        }
        await new Promise((resolve) => setTimeout(resolve, TAKING_PORT.pause));
      }
    }
  }

  #listenAgain(error: Error): void {
    if (this.#isFinished) return;
    this.#events.write("error", "accept_failed", { reason: error.message });
    this.#pause = setTimeout(() => {
      try {
        this.#server = this.#listen(this.#address);
      } catch (again) {
        this.#listenAgain(again instanceof Error ? again : new Error(String(again)));
      }
    }, PAUSE);
  }
}

function whyNot(error: unknown, { host, port }: Address): string {
  if (error instanceof Deno.errors.AddrInUse) {
    return `Cannot listen: the port ${port} is in use; stop what uses it, or set PORT to another one`;
  }
  if (error instanceof Deno.errors.PermissionDenied) {
    return `Cannot listen: the port ${port} may not be used; ports below 1024 need special rights`;
  }
  if (isHostError(error)) {
    return `Cannot listen: HOST is no address of this machine, nor a name of one: "${host}"`;
  }
  return `Cannot listen: ${errorMessage(error)}`;
}

function isHostError(error: unknown): boolean {
  if (error instanceof Deno.errors.AddrNotAvailable || error instanceof URIError) return true;
  // Deno has no class for a name that stands for no address.
  return error instanceof Error && error.message.includes("failed to lookup address");
}
