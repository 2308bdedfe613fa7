import {
  connect as connectWithLibrary,
  headers as newHeaders,
  type Msg,
  type MsgHdrs,
  type NodeConnectionOptions,
} from "@nats-io/transport-node";
import type { MonotonicTime } from "../../base/clock.ts";
import { errorMessage } from "../../base/error_message.ts";
import { Listeners } from "../../base/listeners.ts";
import { type Runtime, SYSTEM_RUNTIME, type Timer } from "../../base/runtime.ts";
import { Refused } from "../../core/model/refused.ts";

/** The servers of one NATS cluster, and how to authenticate. */
export interface NatsConnectOptions {
  /** `host:port` of some of the servers. */
  readonly servers: readonly string[];
  readonly user?: string;
  readonly password?: string;
  readonly token?: string;
  readonly tls: boolean;
  /** Paths of PEM files: the trusted certificate authorities, and this client's certificate and key. */
  readonly ca?: string;
  readonly certificate?: string;
  readonly key?: string;
}

/** A message as the library delivers it. */
export type NatsMessage =
  & Pick<Msg, "subject" | "reply" | "data" | "string" | "json">
  & { readonly headers?: Pick<MsgHdrs, "code" | "get"> };

/** What is used of the library's `NatsConnection`. */
export interface NatsConnection {
  /** What the server has said of itself. */
  readonly info?: { readonly version: string; readonly cluster?: string } | undefined;
  publish(subject: string, payload: string | Uint8Array, options?: PublishOptions): void;
  subscribe(
    subject: string,
    options: { callback: (error: Error | null, message: NatsMessage) => void },
  ): { unsubscribe(): void };
  status(): AsyncIterable<{ readonly type: string }>;
  isClosed(): boolean;
  close(): Promise<void>;
}

interface PublishOptions {
  readonly reply?: string;
  readonly headers?: MsgHdrs;
}

/** Connects to a cluster. */
export type NatsConnect = (options: NatsConnectOptions) => Promise<NatsConnection>;

/** Headers of a message. */
export type Headers = Readonly<Record<string, string>>;

/** Timeout of a request in ms. */
const REQUEST_TIMEOUT = 5_000;

/** How often pending requests are checked for timeouts, in ms. */
const CHECK_INTERVAL = 250;

/** In ms: how long to wait for the replies of all servers, and for one more after the last. */
const ALL_REPLIES = { timeout: 2_000, silence: 400, interval: 50 } as const;

/** A connection can be lost for this time in ms before NATS counts as unavailable. */
const DISCONNECT_GRACE = 1_000;

/** The time in ms after which clients should retry a refused request. */
export const RETRY_AFTER = 2_000;

interface PendingRequest {
  readonly deadline: MonotonicTime;
  resolve(reply: NatsMessage): void;
  reject(error: Refused): void;
}

/**
 * A connection to a NATS cluster that reconnects by itself.
 *
 * It has its own request method, because the library's (3.4) does not fail fast: requests that are made without a
 * connection, or in flight when it is lost, wait for their timeout. It also sets a timer per request, which costs more
 * than twice the CPU time (measured at {@linkcode JetStream}).
 */
export class NatsClient implements AsyncDisposable {
  readonly runtime: Runtime;
  readonly #connection: NatsConnection;
  readonly #inbox: string;
  readonly #pending = new Map<string, PendingRequest>();
  readonly #reconnects = new Listeners<void>();
  #requestCount = 0;
  /** One timer for all pending requests. */
  #checkTimer: Timer | undefined;
  #disconnectedSince: MonotonicTime | undefined;

  /** Throws the library's error if no server accepts the connection. */
  static async open(
    options: NatsConnectOptions,
    { runtime = SYSTEM_RUNTIME, connect = connectByTcp }: {
      runtime?: Runtime;
      connect?: NatsConnect | undefined;
    } = {},
  ): Promise<NatsClient> {
    return new NatsClient(await connect(options), runtime);
  }

  private constructor(connection: NatsConnection, runtime: Runtime) {
    this.runtime = runtime;
    this.#connection = connection;
    this.#inbox = this.newInbox();
    const callback = (_: Error | null, reply: NatsMessage) => this.#onReply(reply);
    connection.subscribe(`${this.#inbox}.*`, { callback });
    this.#watchConnection();
  }

  /** Why requests fail at the moment; `undefined` if they do not. */
  get unavailableReason(): string | undefined {
    const since = this.#disconnectedSince;
    if (since === undefined || this.runtime.msSince(since) < DISCONNECT_GRACE) return undefined;
    return "There is no connection to NATS";
  }

  get isConnected(): boolean {
    return this.#disconnectedSince === undefined;
  }

  /** Sends a request. Refuses with `store_unavailable` if there is no reply within `timeout` ms, or no connection. */
  request(
    subject: string,
    payload: string | Uint8Array = "",
    { headers, timeout = REQUEST_TIMEOUT }: { headers?: Headers; timeout?: number } = {},
  ): Promise<NatsMessage> {
    if (!this.isConnected) return Promise.reject(unavailable("There is no connection to NATS"));
    const id = (this.#requestCount++).toString(36);
    const { promise, resolve, reject } = Promise.withResolvers<NatsMessage>();
    this.#pending.set(id, { deadline: this.runtime.fromNow(timeout), resolve, reject });
    this.#checkTimer ??= this.runtime.setTimeout(() => this.#checkDeadlines(), CHECK_INTERVAL);
    try {
      const reply = `${this.#inbox}.${id}`;
      const options = { reply, ...(headers && { headers: libraryHeaders(headers) }) };
      this.#connection.publish(subject, payload, options);
    } catch (error) {
      this.#pending.delete(id);
      reject(unavailable(`Cannot send to NATS: ${errorMessage(error)}`));
    }
    return promise;
  }

  /** The server of this connection. */
  get server(): { readonly version: string; readonly cluster?: string } {
    return this.#connection.info ?? { version: "unknown" };
  }

  /** Sends a request that every server of the cluster may answer. Resolves with no reply if nobody listens to it. */
  async requestAll(subject: string, payload: string): Promise<readonly NatsMessage[]> {
    const { runtime } = this;
    const inbox = this.newInbox();
    const replies: NatsMessage[] = [];
    let end = runtime.fromNow(ALL_REPLIES.timeout);
    using _ = this.subscribe(inbox, (reply) => {
      if (reply.headers?.code === 503) end = runtime.monotonicNow();
      else {
        replies.push(reply);
        end = runtime.fromNow(ALL_REPLIES.silence);
      }
    });
    this.#connection.publish(subject, payload, { reply: inbox });
    while (!runtime.hasPassed(end)) await runtime.delay(ALL_REPLIES.interval);
    return replies;
  }

  /** Publishes a message without confirmation. It is lost if there is no connection. */
  publish(subject: string, payload: string, headers?: Headers): void {
    if (!this.isConnected) return;
    try {
      this.#connection.publish(subject, payload, headers && { headers: libraryHeaders(headers) });
    } catch (error) {
      // While the connection closes, that is expected. Otherwise, the payload exceeds the server's limit: a bug.
      if (!this.#connection.isClosed()) reportError(error);
    }
  }

  /** Calls `onMessage` with the messages of a subject until disposed, also after a reconnect. */
  subscribe(subject: string, onMessage: (message: NatsMessage) => void): Disposable {
    const callback = (error: Error | null, message: NatsMessage) => {
      if (error !== null) return;
      try {
        onMessage(message);
      } catch (error) {
        // The library would silently stop reading from the connection.
        reportError(error);
      }
    };
    const subscription = this.#connection.subscribe(subject, { callback });
    return { [Symbol.dispose]: () => subscription.unsubscribe() };
  }

  newInbox(): string {
    return `_INBOX.${this.runtime.randomUUID().replaceAll("-", "")}`;
  }

  /** Calls `onReconnect` after each reconnect, until disposed. */
  onReconnect(onReconnect: () => void): Disposable {
    return this.#reconnects.add(onReconnect);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.runtime.clearTimeout(this.#checkTimer);
    this.#disconnectedSince ??= this.runtime.monotonicNow();
    this.#rejectAll("The store is closed");
    await this.#connection.close();
  }

  async #watchConnection(): Promise<void> {
    for await (const { type } of this.#connection.status()) {
      if (type === "disconnect") {
        this.#disconnectedSince ??= this.runtime.monotonicNow();
        // Replies that were on their way are lost.
        this.#rejectAll("The connection to NATS was lost");
      } else if (type === "reconnect") {
        this.#disconnectedSince = undefined;
        this.#reconnects.emit();
      }
    }
  }

  #onReply(reply: NatsMessage): void {
    const id = reply.subject.slice(this.#inbox.length + 1);
    const request = this.#pending.get(id);
    this.#pending.delete(id);
    if (reply.headers?.code === 503) {
      request?.reject(unavailable("NATS has no JetStream, or no leader for it"));
    } else request?.resolve(reply);
  }

  #checkDeadlines(): void {
    this.#checkTimer = undefined;
    for (const [id, { deadline, reject }] of this.#pending) {
      if (!this.runtime.hasPassed(deadline)) continue;
      this.#pending.delete(id);
      reject(unavailable("NATS did not reply in time"));
    }
    if (this.#pending.size > 0) {
      this.#checkTimer = this.runtime.setTimeout(() => this.#checkDeadlines(), CHECK_INTERVAL);
    }
  }

  #rejectAll(reason: string): void {
    const pending = [...this.#pending.values()];
    this.#pending.clear();
    for (const { reject } of pending) reject(unavailable(reason));
  }
}

/** The refusal of a request that needs NATS while it is unavailable. */
export function unavailable(reason: string): Refused {
  return new Refused("store_unavailable", reason, RETRY_AFTER);
}

function connectByTcp(options: NatsConnectOptions): Promise<NatsConnection> {
  return connectWithLibrary(libraryOptions(options));
}

function libraryHeaders(fields: Headers) {
  const headers = newHeaders();
  for (const [name, value] of Object.entries(fields)) headers.append(name, value);
  return headers;
}

function libraryOptions(options: NatsConnectOptions): NodeConnectionOptions {
  const { servers, user, password, token, tls, ca, certificate, key } = options;
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
    timeout: REQUEST_TIMEOUT,
    // Reconnect forever, even if servers reject the login for a while.
    maxReconnectAttempts: -1,
    ignoreAuthErrorAbort: true,
    reconnectTimeWait: 250,
    // A connection that died silently is noticed after 12 s.
    pingInterval: 4_000,
    maxPingOut: 2,
    noAsyncTraces: true,
  };
}
