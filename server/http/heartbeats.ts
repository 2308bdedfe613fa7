import { type Runtime, SYSTEM_RUNTIME, type Timer } from "../base/runtime.ts";
import { Refused } from "../core/model/refused.ts";
import type { PollConnection } from "../core/waiting/seat.ts";
import { emptyResponse, postResponse, SECURITY_HEADERS } from "./responses.ts";

export interface HeartbeatOptions {
  /** Maximum time in ms that a held response is silent. */
  readonly interval: number;
  /** Called for errors that occur after the status was sent. */
  readonly onLateError: (error: unknown) => void;
  readonly runtime?: Runtime | undefined;
}

/** A poll that can be held. */
export interface HeldPoll {
  readonly connection: PollConnection;
  /** Answers the poll. Resolves to the reply as JSON, or to `undefined` if the client has disconnected. */
  readonly answer: (connection: PollConnection) => Promise<string | undefined>;
  /** The reply as JSON if the poll is refused after the status was sent. It asks the client to poll again after a time. */
  readonly pollAgain: (retryAfterMs: number) => string;
}

const HEADERS = new Headers({
  "content-type": "application/json",
  ...SECURITY_HEADERS,
  // A proxy that compresses or buffers the response would hold the heartbeats back.
  "cache-control": "no-store, no-transform",
  "x-accel-buffering": "no",
});

/** When a poll that failed after the status was sent is to be repeated, unless the error says when. */
const RETRY_MS = 1_000;

/**
 * Sends white space on held responses from time to time, for platforms that close connections which are silent. The
 * first heartbeat also sends the status, so a poll that is answered or refused within half an interval has an ordinary
 * response.
 */
export class Heartbeats {
  readonly #options: HeartbeatOptions;
  /** Responses that are younger than one beat, and the older ones, which get heartbeats. */
  #young = new Set<HeldResponse>();
  readonly #old = new Set<HeldResponse>();
  readonly #runtime: Runtime;
  #timer: Timer | undefined;

  constructor(options: HeartbeatOptions) {
    this.#options = options;
    this.#runtime = options.runtime ?? SYSTEM_RUNTIME;
  }

  /** The response to a poll. Rejects as `answer` does as long as the status was not sent. */
  async respond({ connection, answer, pollAgain }: HeldPoll): Promise<Response> {
    const held = new HeldResponse(connection);
    this.#young.add(held);
    this.#timer ??= this.#runtime.setInterval(() => this.#beat(), this.#options.interval / 2);
    const reply = answer(held).finally(() => this.#remove(held));
    const streamed = held.stream.then((stream) => {
      this.#finish(reply, held, pollAgain);
      return new Response(stream, { headers: HEADERS });
    });
    const answered = reply.then((json) =>
      json === undefined ? emptyResponse(499) : postResponse(json)
    );
    return await Promise.race([answered, streamed]);
  }

  #beat(): void {
    for (const held of this.#old) held.beat();
    for (const held of this.#young) this.#old.add(held);
    this.#young = new Set();
  }

  #remove(held: HeldResponse): void {
    this.#young.delete(held);
    this.#old.delete(held);
    if (this.#young.size + this.#old.size > 0) return;
    this.#runtime.clearInterval(this.#timer);
    this.#timer = undefined;
  }

  async #finish(
    reply: Promise<string | undefined>,
    held: HeldResponse,
    pollAgain: HeldPoll["pollAgain"],
  ): Promise<void> {
    try {
      held.end(await reply ?? "");
    } catch (error) {
      this.#options.onLateError(error);
      held.end(pollAgain(error instanceof Refused ? error.retryAfter ?? 0 : RETRY_MS));
    }
  }
}

const utf8 = new TextEncoder();

const HEARTBEAT = utf8.encode("\n");

/**
 * The response to one held poll: a stream from the first heartbeat on. It is also the client that the core sees, since a
 * client that disconnects then cancels the stream.
 */
class HeldResponse implements PollConnection {
  readonly #connection: PollConnection;
  readonly #begun = Promise.withResolvers<ReadableStream<Uint8Array<ArrayBuffer>>>();
  #abort: AbortController | undefined;
  #isDisconnected = false;
  #controller: ReadableStreamDefaultController<Uint8Array> | undefined;

  constructor(connection: PollConnection) {
    this.#connection = connection;
  }

  /** Resolves to the stream with the first heartbeat. */
  get stream(): Promise<ReadableStream<Uint8Array<ArrayBuffer>>> {
    return this.#begun.promise;
  }

  get network(): string | undefined {
    return this.#connection.network;
  }

  get address(): string | undefined {
    return this.#connection.address;
  }

  onNewChannels(count: number): void {
    this.#connection.onNewChannels?.(count);
  }

  onPortion(): void {
    this.#connection.onPortion?.();
  }

  get signal(): AbortSignal {
    if (this.#abort === undefined) {
      this.#abort = new AbortController();
      const { signal } = this.#connection;
      if (signal.aborted || this.#isDisconnected) this.#abort.abort();
      else signal.addEventListener("abort", () => this.#disconnect(), { once: true });
    }
    return this.#abort.signal;
  }

  /** Sends a heartbeat, and the status before the first one. */
  beat(): void {
    if (this.#controller === undefined) this.#begin();
    // Nothing is buffered for a client that does not read.
    else if ((this.#controller.desiredSize ?? 0) > 0) this.#controller.enqueue(HEARTBEAT);
  }

  end(json: string): void {
    if (this.#isDisconnected) return;
    this.#controller?.enqueue(utf8.encode(json));
    this.#controller?.close();
  }

  #begin(): void {
    const stream = new ReadableStream<Uint8Array<ArrayBuffer>>({
      start: (controller) => {
        this.#controller = controller;
        controller.enqueue(HEARTBEAT);
      },
      cancel: () => this.#disconnect(),
    }, { highWaterMark: 4 });
    this.#begun.resolve(stream);
  }

  #disconnect(): void {
    this.#isDisconnected = true;
    this.#abort?.abort();
  }
}
