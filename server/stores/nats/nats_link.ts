import {
  jetstream,
  JetStreamApiCodes,
  JetStreamApiError,
  type JetStreamClient,
  type JetStreamManager,
  jetstreamManager,
} from "@nats-io/jetstream";
import { connect, type NatsConnection, type TlsOptions } from "@nats-io/transport-node";
import { Refused } from "../../core/refusal.ts";
import type { NatsPlace } from "./nats_place.ts";

/** How to reach NATS. */
export interface LinkSettings extends NatsPlace {
  /** For encrypted connections: paths of PEM files. */
  readonly tls?: TlsOptions;
  /** So long (ms) a request is tried before it is refused. */
  readonly patience: number;
}

/** A refused request may be tried again after this time (ms). */
const RETRY_AFTER = 2_000;

/** Between two tries of a request (ms). */
const PAUSE = 100;

/** What NATS answers when a stream is full. Waiting does not help. */
const STORE_FAILED = 10_077;

/** Answers that are for the caller: there is no such message, or somebody else has written meanwhile. */
const ANSWERS: readonly number[] = [
  JetStreamApiCodes.NoMessageFound,
  JetStreamApiCodes.StreamWrongLastSequence,
];

/** One connection to NATS, which comes back by itself, whichever server is lost and for however long. */
export class NatsLink implements AsyncDisposable {
  readonly connection: NatsConnection;
  readonly js: JetStreamClient;
  readonly manager: JetStreamManager;
  readonly #patience: number;
  /** Resolved while the connection is there. */
  #connected = Promise.withResolvers<void>();
  #isConnected = true;

  /** Connects. Throws when none of the servers answers, or JetStream is not there. */
  static async open(settings: LinkSettings): Promise<NatsLink> {
    const { servers, user, password, token, isSecure, tls, patience } = settings;
    const connection = await connect({
      servers: [...servers],
      name: "halley",
      ...(user !== undefined && { user }),
      ...(password !== undefined && { pass: password }),
      ...(token !== undefined && { token }),
      ...((isSecure || tls !== undefined) && { tls: tls ?? {} }),
      timeout: patience,
      // A node's own signals do not come back to it.
      noEcho: true,
      maxReconnectAttempts: -1,
      ignoreAuthErrorAbort: true,
      reconnectTimeWait: 250,
      // A server that has fallen silent is noticed within three of these.
      pingInterval: 3_000,
    });
    try {
      const options = { timeout: patience * 0.3 };
      const manager = await jetstreamManager(connection, { ...options, checkAPI: false });
      return new NatsLink(connection, manager, patience);
    } catch (error) {
      await connection.close();
      throw error;
    }
  }

  private constructor(connection: NatsConnection, manager: JetStreamManager, patience: number) {
    this.connection = connection;
    this.manager = manager;
    this.js = jetstream(connection, manager.getOptions());
    this.#patience = patience;
    this.#connected.resolve();
    this.#watch();
  }

  /** How long (ms) a request is tried. */
  get patience(): number {
    return this.#patience;
  }

  /**
   * Does what `request` asks of NATS; again where a server was lost or two leaders change. `request` must be one that
   * may be done twice. Refuses with `store_unavailable` within the link's patience, which counts from `start`.
   */
  async ask<T>(request: () => Promise<T>, start = performance.now()): Promise<T> {
    // The last try may take three tenths of the patience.
    const isLate = () => performance.now() - start > this.#patience * 0.7 - PAUSE;
    while (true) {
      try {
        await this.#online(start);
        return await request();
      } catch (error) {
        if (error instanceof Refused || isAnswer(error)) throw error;
        if (isLate() || !isTransient(error)) throw refusalOf(error);
        await new Promise((resolve) => setTimeout(resolve, PAUSE));
      }
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.connection.close();
  }

  /** What is asked while there is no connection would be sent later, when its caller was told that it failed. */
  async #online(start: number): Promise<void> {
    if (this.#isConnected) return;
    const left = this.#patience * 0.7 - (performance.now() - start);
    if (await within(left, this.#connected.promise)) return;
    throw unavailable("there is no connection to NATS");
  }

  async #watch(): Promise<void> {
    for await (const { type } of this.connection.status()) {
      if (type === "disconnect" && this.#isConnected) {
        this.#isConnected = false;
        this.#connected = Promise.withResolvers();
      }
      if (type === "reconnect") {
        this.#isConnected = true;
        this.#connected.resolve();
      }
    }
  }
}

/** For what cannot be done without NATS. */
export function unavailable(reason: string): Refused {
  return new Refused("store_unavailable", `Cannot use the store: ${reason}`, RETRY_AFTER);
}

/** Whether somebody else has written what was to be written. */
export function isConflict(error: unknown): boolean {
  return error instanceof JetStreamApiError &&
    error.code === JetStreamApiCodes.StreamWrongLastSequence;
}

/** Whether `promise` resolves within a time (ms). */
export async function within(time: number, promise: Promise<unknown>): Promise<boolean> {
  const late = Promise.withResolvers<boolean>();
  const timer = setTimeout(() => late.resolve(false), time);
  try {
    return await Promise.race([promise.then(() => true), late.promise]);
  } finally {
    clearTimeout(timer);
  }
}

function isAnswer(error: unknown): boolean {
  return error instanceof JetStreamApiError && ANSWERS.includes(error.code);
}

/** Timeouts, lost connections, no leader: everything but a clear no. */
function isTransient(error: unknown): boolean {
  return !(error instanceof JetStreamApiError) ||
    error.status === 503 && error.code !== STORE_FAILED;
}

function refusalOf(error: unknown): Refused {
  return unavailable(error instanceof Error ? error.message : String(error));
}
