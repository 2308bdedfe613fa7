import { Refused } from "../core/model/refused.ts";
import type { PollConnection } from "../core/waiting/seat.ts";
import { SECURITY_HEADERS } from "./security_headers.ts";

/** What keeps waiting replies alive. */
export interface HeartbeatOptions {
  /** A reply that waits says something at least so often (ms). */
  readonly interval: number;
  /** Told of errors that came too late for a status. */
  readonly onLateError: (error: unknown) => void;
}

/** A poll whose answer may take its time. */
export interface Held {
  readonly client: PollConnection;
  /** Its answer as JSON; nothing when its client has left. */
  readonly ask: (client: PollConnection) => Promise<string | undefined>;
  /** The answer, as JSON, to a poll that is turned down when its status has been told: to ask again after so long (ms). */
  readonly askAgain: (retryAfter: number) => string;
}

const HEADERS = {
  "content-type": "application/json",
  ...SECURITY_HEADERS,
  // What compresses or gathers replies on the way would hold the heartbeats back.
  "cache-control": "no-store, no-transform",
  "x-accel-buffering": "no",
};

const GONE = { status: 499, headers: SECURITY_HEADERS };

/** A poll that is turned down too late is asked for again after so long (ms), where nothing says how long. */
const PAUSE = 1_000;

/**
 * Lets polls that wait send white space now and then, for platforms that stop whatever says nothing. The status is told
 * with the first of it, so each poll is given half an interval to be answered, or refused, as usual.
 */
export class Heartbeats {
  readonly #options: HeartbeatOptions;
  /** Those who wait since the last beat, and those who have waited longer. */
  #fresh = new Set<Waiting>();
  readonly #waiting = new Set<Waiting>();
  #timer: ReturnType<typeof setInterval> | undefined;

  constructor(options: HeartbeatOptions) {
    this.#options = options;
  }

  /** The reply to a poll. Rejects as `ask` does while the status is not told. */
  async reply({ client, ask, askAgain }: Held): Promise<Response> {
    const waiting = new Waiting(client);
    this.#fresh.add(waiting);
    this.#timer ??= setInterval(() => this.#beat(), this.#options.interval / 2);
    const answer = ask(waiting).finally(() => this.#leave(waiting));
    const streamed = waiting.streamed.then((stream) => {
      this.#finish(answer, waiting, askAgain);
      return new Response(stream, { headers: HEADERS });
    });
    const answered = answer.then((json) =>
      json === undefined ? new Response(null, GONE) : new Response(json, { headers: HEADERS })
    );
    return await Promise.race([answered, streamed]);
  }

  #beat(): void {
    for (const waiting of this.#waiting) waiting.beat();
    for (const waiting of this.#fresh) this.#waiting.add(waiting);
    this.#fresh = new Set();
  }

  #leave(waiting: Waiting): void {
    this.#fresh.delete(waiting);
    this.#waiting.delete(waiting);
    if (this.#fresh.size + this.#waiting.size > 0) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  async #finish(
    answer: Promise<string | undefined>,
    waiting: Waiting,
    askAgain: Held["askAgain"],
  ): Promise<void> {
    try {
      waiting.end(await answer ?? "");
    } catch (error) {
      this.#options.onLateError(error);
      waiting.end(askAgain(error instanceof Refused ? error.retryAfter ?? 0 : PAUSE));
    }
  }
}

const utf8 = new TextEncoder();

const BLANK = utf8.encode("\n");

/** One poll that waits. It is also the client that the poll sees: one whose stream may end. */
class Waiting implements PollConnection {
  readonly #client: PollConnection;
  readonly #streamed = Promise.withResolvers<ReadableStream<Uint8Array>>();
  #left: AbortController | undefined;
  #hasLeft = false;
  #stream: ReadableStreamDefaultController<Uint8Array> | undefined;

  constructor(client: PollConnection) {
    this.#client = client;
  }

  /** Its stream, once it has one. */
  get streamed(): Promise<ReadableStream<Uint8Array>> {
    return this.#streamed.promise;
  }

  get network(): string | undefined {
    return this.#client.network;
  }

  get signal(): AbortSignal {
    if (this.#left === undefined) {
      this.#left = new AbortController();
      const { signal } = this.#client;
      if (signal.aborted || this.#hasLeft) this.#left.abort();
      else signal.addEventListener("abort", () => this.#leave(), { once: true });
    }
    return this.#left.signal;
  }

  /** Says that it is still there; with the first time, its status. */
  beat(): void {
    if (this.#stream === undefined) this.#begin();
    // Whoever does not read gets no more.
    else if ((this.#stream.desiredSize ?? 0) > 0) this.#stream.enqueue(BLANK);
  }

  end(json: string): void {
    if (this.#hasLeft) return;
    this.#stream?.enqueue(utf8.encode(json));
    this.#stream?.close();
  }

  #begin(): void {
    const stream = new ReadableStream<Uint8Array>({
      start: (controller) => {
        this.#stream = controller;
        controller.enqueue(BLANK);
      },
      cancel: () => this.#leave(),
    }, { highWaterMark: 4 });
    this.#streamed.resolve(stream);
  }

  #leave(): void {
    this.#hasLeft = true;
    this.#left?.abort();
  }
}
