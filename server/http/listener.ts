import { delay } from "../base/delay.ts";
import { errorMessage } from "../base/error_message.ts";
import type { Logger } from "../base/logger.ts";
import { reachableHost } from "../base/loopback.ts";
import { StartError } from "../base/start_error.ts";
import { Throttle } from "../base/throttle.ts";
import type { Certificate } from "./tls/certificate.ts";

/** Answers the requests of a listener. */
export type RequestHandler = (
  request: Request,
  connection: Deno.ServeHandlerInfo,
) => Response | Promise<Response>;

export interface ListenOptions {
  readonly host: string;
  /** 0: any free port. */
  readonly port: number;
  /** Whether other listeners of this process can have the same port; the system spreads the connections over them. */
  readonly isShared?: boolean;
  /** With a certificate, the listener uses HTTPS, and HTTP/2 with clients that support it. */
  readonly certificate?: Certificate | undefined;
}

/** Deno's default backlog of 511 makes thousands of clients that connect at once wait for seconds. */
const BACKLOG = 4096;

/** The port is not free until a few milliseconds after its listener is closed. */
const REBIND = { maxTries: 50, delayMs: 10 } as const;

/** Time until the listener is opened again after it could not accept connections. */
const REOPEN_MS = 200;

/**
 * Accepts HTTP connections on one port. If accepting fails, for example because no file descriptors are left, it listens
 * on the port again. Its certificate can be replaced while it runs.
 */
export class Listener implements AsyncDisposable {
  /** Its address on this machine. */
  readonly url: string;
  readonly port: number;
  #options: ListenOptions;
  readonly #handler: RequestHandler;
  readonly #logger: Logger;
  #server: Deno.HttpServer<Deno.NetAddr>;
  readonly #abort = new AbortController();
  #reopenTimer: ReturnType<typeof setTimeout> | undefined;
  /** That it still cannot listen again: another worker may have taken the descriptor that was free. */
  readonly #failures = new Throttle({ windowMs: 10_000 });
  #isClosed = false;
  /** Servers that accept no more connections, but still have requests to answer. */
  readonly #draining = new Set<Promise<void>>();

  /** Opens a listener. Throws a {@linkcode StartError} if the address cannot be used. */
  static open(options: ListenOptions, handler: RequestHandler, logger: Logger): Listener {
    try {
      return new Listener(options, handler, logger);
    } catch (error) {
      throw new StartError(reasonOf(error, options), { cause: error });
    }
  }

  private constructor(options: ListenOptions, handler: RequestHandler, logger: Logger) {
    this.#handler = handler;
    this.#logger = logger;
    this.#server = this.#listen(options);
    // If the port was 0, the listener must keep the port that it got when it is opened again.
    this.port = this.#server.addr.port;
    this.#options = { ...options, port: this.port };
    const host = reachableHost(options.host);
    const scheme = options.certificate === undefined ? "http" : "https";
    this.url = `${scheme}://${host.includes(":") ? `[${host}]` : host}:${this.port}`;
  }

  /**
   * Uses another certificate for new connections. Existing connections are not affected, and for some milliseconds no
   * connection is accepted. Returns `false` if it is the certificate in use.
   */
  async replaceCertificate(certificate: Certificate): Promise<boolean> {
    const { cert, key } = this.#options.certificate ?? {};
    if (this.#isClosed || cert === certificate.cert && key === certificate.key) return false;
    this.#options = { ...this.#options, certificate };
    // If accepting has just failed, the timer would open a second server on the port.
    clearTimeout(this.#reopenTimer);
    const draining = this.#server.shutdown();
    this.#draining.add(draining);
    draining.finally(() => this.#draining.delete(draining));
    await this.#rebind();
    return true;
  }

  /** Accepts no more connections, and waits up to `timeoutMs` for the responses that are being sent. */
  async close(timeoutMs: number): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#reopenTimer);
    // Deno throws an error that cannot be caught if a server is aborted at the moment when it ends by itself.
    if (timeoutMs <= 0) this.#abort.abort();
    const timer = setTimeout(() => this.#abort.abort(), Math.max(0, timeoutMs));
    await Promise.all([this.#server.shutdown(), ...this.#draining]);
    clearTimeout(timer);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#isClosed) await this.close(0);
  }

  #listen(
    { host, port, isShared = false, certificate }: ListenOptions,
  ): Deno.HttpServer<Deno.NetAddr> {
    const { signal } = this.#abort;
    const options = {
      ...{ hostname: host, port, reusePort: isShared },
      ...{ signal, tcpBacklog: BACKLOG, onListen: () => {} },
    };
    const { cert, key } = certificate ?? {};
    const server = cert === undefined || key === undefined
      ? Deno.serve(options, (request, connection) => this.#handler(request, connection))
      : Deno.serve({ ...options, cert, key }, (request, connection) => {
        // Over HTTP/2, Deno does not abort a signal that was not read before the client disconnected.
        void request.signal;
        return this.#handler(request, connection);
      });
    server.finished.catch((error: Error) => {
      this.#failures.reset();
      this.#reopenLater(error);
    });
    return server;
  }

  async #rebind(): Promise<void> {
    for (let tries = 1; !this.#isClosed; tries++) {
      try {
        this.#server = this.#listen(this.#options);
        return;
      } catch (error) {
        if (tries === REBIND.maxTries) return this.#reopenLater(error);
        await delay(REBIND.delayMs);
      }
    }
  }

  #reopenLater(error: unknown): void {
    if (this.#isClosed) return;
    if (this.#failures.allow()) {
      this.#logger.write("error", "accept_failed", { reason: errorMessage(error) });
    }
    this.#reopenTimer = setTimeout(() => {
      try {
        this.#server = this.#listen(this.#options);
      } catch (error) {
        this.#reopenLater(error);
      }
    }, REOPEN_MS);
  }
}

/** Why the server cannot listen on an address, and whether only another program keeps it from that. */
export function checkAddress(
  options: Omit<ListenOptions, "certificate">,
): { readonly reason: string; readonly isInUse: boolean } | undefined {
  try {
    Deno.listen({ hostname: options.host, port: options.port }).close();
    return undefined;
  } catch (error) {
    const isInUse = error instanceof Deno.errors.AddrInUse;
    return { reason: reasonOf(error, options), isInUse };
  }
}

/**
 * Reads an IP address, also in brackets, or a name, and returns it without brackets in its usual form: 127.1 is 127.0.0.1.
 * Returns `undefined` if it is neither.
 */
export function parseHost(word: string): string | undefined {
  const [, zoned] = /^\[?(fe80:[\da-f:]*%[\w.-]+)\]?$/i.exec(word) ?? [];
  if (zoned !== undefined) return zoned;
  const [, inBrackets = word] = /^\[(.*)\]$/.exec(word) ?? [];
  const isIpv6 = inBrackets.includes(":");
  const url = URL.parse(`http://${isIpv6 ? `[${inBrackets}]` : inBrackets}`);
  if (url === null || isIpv6 !== url.hostname.startsWith("[") || !/^[^/?#@\\]+$/.test(word)) {
    return undefined;
  }
  return isIpv6 ? url.hostname.slice(1, -1) : url.hostname;
}

function reasonOf(error: unknown, { host, port }: ListenOptions): string {
  if (error instanceof Deno.errors.AddrInUse) {
    return `Cannot listen on port ${port}: it is in use. Stop the other program or set PORT`;
  }
  if (error instanceof Deno.errors.PermissionDenied) {
    return `Cannot listen on port ${port}: permission denied. ` +
      "Ports below 1024 need special permissions; set PORT to another one";
  }
  if (isHostError(error)) {
    return `Cannot listen on HOST "${host}": it is not an address or name of this machine`;
  }
  return `Cannot listen on ${host}, port ${port}: ${errorMessage(error)}`;
}

function isHostError(error: unknown): boolean {
  if (error instanceof Deno.errors.AddrNotAvailable || error instanceof URIError) return true;
  // Deno has no error class for a name that cannot be resolved.
  return error instanceof Error && error.message.includes("failed to lookup address");
}
