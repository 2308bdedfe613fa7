import { errorMessage } from "../../base/error_message.ts";
import {
  connect,
  createInbox,
  headers as newHeaders,
  type Msg,
  type NatsConnection,
  type NodeConnectionOptions,
} from "@nats-io/transport-node";
import { Listeners } from "../../base/listeners.ts";
import { Refused } from "../../core/model/refused.ts";

/** Where the servers are, and who is asking. */
export interface NatsConnectOptions {
  /** `host:port` of some servers of one cluster. */
  readonly servers: readonly string[];
  readonly user?: string;
  readonly password?: string;
  readonly token?: string;
  readonly tls: boolean;
  /** Paths of files in PEM: whose certificates are trusted, and this node's own. */
  readonly ca?: string;
  readonly certificate?: string;
  readonly key?: string;
}

/** What goes beside a payload. */
export type Headers = Readonly<Record<string, string>>;

/** How long (ms) an answer may take, the connection may be away before that is trouble, and between two looks. */
const TIME = { limit: 5_000, grace: 1_000, tick: 250 } as const;

/** So long (ms) until the next try, for clients that were refused. */
export const RETRY_AFTER = 2_000;

interface Waiting {
  readonly deadline: number;
  resolve(message: Msg): void;
  reject(error: Refused): void;
}

/** A connection to a NATS cluster, which comes back by itself. Nothing is kept to be sent later. */
export class NatsClient implements AsyncDisposable {
  readonly #connection: NatsConnection;
  readonly #inbox = createInbox();
  readonly #waiting = new Map<string, Waiting>();
  readonly #returns = new Listeners<void>();
  #count = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** Since when there is no connection, by the steady clock. */
  #awaySince: number | undefined;

  /** Throws what the client throws when there is no server that lets us in. */
  static async open(place: NatsConnectOptions): Promise<NatsClient> {
    return new NatsClient(await connect(optionsOf(place)));
  }

  private constructor(connection: NatsConnection) {
    this.#connection = connection;
    const callback = (_: Error | null, message: Msg) => this.#settle(message);
    connection.subscribe(`${this.#inbox}.*`, { callback });
    this.#watch();
  }

  /** Why nothing can be asked now. */
  get unavailableReason(): string | undefined {
    const since = this.#awaySince;
    if (since === undefined || performance.now() - since < TIME.grace) return undefined;
    return "There is no connection to NATS";
  }

  get isConnected(): boolean {
    return this.#awaySince === undefined;
  }

  /** Asks, and refuses with `store_unavailable` when there is no answer within the limit (ms). */
  request(
    subject: string,
    payload: string | Uint8Array = "",
    { headers, limit = TIME.limit }: { headers?: Headers; limit?: number } = {},
  ): Promise<Msg> {
    if (!this.isConnected) return Promise.reject(unavailable("There is no connection to NATS"));
    const name = (this.#count++).toString(36);
    const { promise, resolve, reject } = Promise.withResolvers<Msg>();
    this.#waiting.set(name, { deadline: performance.now() + limit, resolve, reject });
    this.#timer ??= setTimeout(() => this.#tick(), TIME.tick);
    try {
      const reply = `${this.#inbox}.${name}`;
      const given = headers && { headers: headersOf(headers) };
      this.#connection.publish(subject, payload, { reply, ...given });
    } catch (error) {
      this.#waiting.delete(name);
      reject(unavailable(`NATS does not take a message: ${errorMessage(error)}`));
    }
    return promise;
  }

  /** Tells, and does not ask whether it came. Nothing that is told is worth failing for. */
  publish(subject: string, payload: string): void {
    if (!this.isConnected) return;
    try {
      this.#connection.publish(subject, payload);
    } catch (error) {
      // A connection that is being closed is no defect; what is too long for the servers is.
      if (!this.#connection.isClosed()) reportError(error);
    }
  }

  /** Calls `onMessage` with what comes on a subject; after a new connection, too. */
  subscribe(subject: string, onMessage: (message: Msg) => void): Disposable {
    const callback = (error: Error | null, message: Msg) => {
      if (error !== null) return;
      try {
        onMessage(message);
      } catch (defect) {
        // Thrown from here, it would end the reading of the connection, and nobody would know.
        reportError(defect);
      }
    };
    const subscription = this.#connection.subscribe(subject, { callback });
    return { [Symbol.dispose]: () => subscription.unsubscribe() };
  }

  newInbox(): string {
    return createInbox();
  }

  /** Calls `onReturn` whenever there is a connection again. */
  onReconnect(onReturn: () => void): Disposable {
    return this.#returns.add(onReturn);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearTimeout(this.#timer);
    this.#awaySince ??= performance.now();
    this.#fail("The store is closed");
    await this.#connection.close();
  }

  async #watch(): Promise<void> {
    for await (const { type } of this.#connection.status()) {
      if (type === "disconnect") {
        this.#awaySince ??= performance.now();
        // The answers that were on their way are lost.
        this.#fail("The connection to NATS was lost");
      } else if (type === "reconnect") {
        this.#awaySince = undefined;
        this.#returns.emit();
      }
    }
  }

  #settle(message: Msg): void {
    const name = message.subject.slice(this.#inbox.length + 1);
    const waiting = this.#waiting.get(name);
    this.#waiting.delete(name);
    if (message.headers?.code === 503) {
      waiting?.reject(unavailable("Nobody answers: JetStream is off, or has no leader"));
    } else waiting?.resolve(message);
  }

  #tick(): void {
    this.#timer = undefined;
    const now = performance.now();
    for (const [name, { deadline, reject }] of this.#waiting) {
      if (deadline > now) continue;
      this.#waiting.delete(name);
      reject(unavailable("NATS does not answer"));
    }
    if (this.#waiting.size > 0) this.#timer = setTimeout(() => this.#tick(), TIME.tick);
  }

  #fail(reason: string): void {
    const waiting = [...this.#waiting.values()];
    this.#waiting.clear();
    for (const { reject } of waiting) reject(unavailable(reason));
  }
}

/** The refusal of what needs NATS, when it cannot be had. */
export function unavailable(reason: string): Refused {
  return new Refused("store_unavailable", reason, RETRY_AFTER);
}

function headersOf(fields: Headers) {
  const headers = newHeaders();
  for (const [name, value] of Object.entries(fields)) headers.append(name, value);
  return headers;
}

function optionsOf(place: NatsConnectOptions): NodeConnectionOptions {
  const { servers, user, password, token, tls, ca, certificate, key } = place;
  return {
    servers: [...servers],
    name: "halley",
    ...(user !== undefined && { user, pass: password ?? "" }),
    ...(token !== undefined && { token }),
    ...(tls && {
      tls: {
        ...(ca !== undefined && { caFile: ca }),
        ...(certificate !== undefined && { certFile: certificate }),
        ...(key !== undefined && { keyFile: key }),
      },
    }),
    timeout: TIME.limit,
    // It comes back, however long that takes, and whatever the servers say meanwhile.
    maxReconnectAttempts: -1,
    ignoreAuthErrorAbort: true,
    reconnectTimeWait: 250,
    // A connection that died silently is noticed after three of them.
    pingInterval: 4_000,
    maxPingOut: 2,
    noAsyncTraces: true,
  };
}
