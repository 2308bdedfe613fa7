import { type Runtime, SYSTEM_RUNTIME } from "../../base/runtime.ts";
import { Refused } from "../model/refused.ts";

/** A request that reads the store. */
export class StoreRequest {
  /** The session that it is for, or a reader with an API key. */
  readonly owner: string;
  readonly #onPortion: (() => void) | undefined;
  #hasBegun = false;

  /** `onPortion` is called for each portion that is read, so that the session can be charged for it. */
  constructor(owner: string, onPortion?: () => void) {
    this.owner = owner;
    this.#onPortion = onPortion;
  }

  get hasBegun(): boolean {
    return this.#hasBegun;
  }

  countPortion(): void {
    this.#hasBegun = true;
    this.#onPortion?.();
  }
}

/**
 * When portions have taken this time in ms, reading pauses for as long, so that it never takes more than half of the time. The
 * pause is a timer: while something is always ready to run, Deno looks for network events only every 61st time, so that a
 * turn of the event loop is not enough.
 */
const SLICE = 2;

/** When a pause ends late because other requests are being served, the next one is longer by that time, up to this in ms. */
const MAX_LATE = 20;

/** Maximum number of portions that stores over the network read at the same time. */
const CONCURRENT = 16;

/** Maximum number of requests of an owner that wait. */
const WAITING = 32;

/**
 * Reads of the store that may take long. They are read in portions of a few messages, and owners take turns: everything
 * else is served between two portions, and however much one session reads, the next portion of another one comes soon.
 */
export class ReadQueue {
  /** The portions that wait. The owner that was served longest ago comes first. */
  readonly #waiting = new Map<string, (() => Promise<void>)[]>();
  #reading = 0;
  #isScheduled = false;
  /** Time that portions have taken since the last pause, in ms. */
  #usedMs = 0;
  /** How late the last pause ended, in ms. */
  #lateMs = 0;
  readonly #runtime: Runtime;

  constructor(runtime: Runtime = SYSTEM_RUNTIME) {
    this.#runtime = runtime;
  }

  /** Reads a portion. Rejects with `too_many_requests` if too many requests of the same owner wait to begin. */
  read<T>(request: StoreRequest, read: () => Promise<T>): Promise<T> {
    const { owner } = request;
    const waiting = this.#waiting.get(owner) ?? [];
    if (waiting.length >= WAITING && !request.hasBegun) {
      const detail = `${WAITING} requests of this session are reading the store already`;
      return Promise.reject(new Refused("too_many_requests", detail, 1_000));
    }
    request.countPortion();
    const { promise, resolve, reject } = Promise.withResolvers<T>();
    waiting.push(() => Promise.try(read).then(resolve, reject));
    this.#waiting.set(owner, waiting);
    this.#schedule();
    return promise;
  }

  #schedule(): void {
    if (this.#isScheduled || this.#waiting.size === 0 || this.#reading >= CONCURRENT) return;
    this.#isScheduled = true;
    if (this.#usedMs < SLICE) return this.#runtime.setImmediate(() => this.#readSlice());
    const end = this.#runtime.fromNow(this.#usedMs + this.#lateMs);
    this.#usedMs = 0;
    this.#runtime.setTimeout(() => {
      this.#lateMs = Math.min(MAX_LATE, Math.max(0, this.#runtime.msSince(end)));
      this.#readSlice();
    }, Math.max(0, this.#runtime.msUntil(end)));
  }

  #readSlice(): void {
    this.#isScheduled = false;
    while (this.#reading < CONCURRENT && this.#usedMs < SLICE) {
      const read = this.#next();
      if (read === undefined) return;
      this.#reading++;
      const start = this.#runtime.monotonicNow();
      read().finally(() => {
        this.#reading--;
        this.#schedule();
      });
      this.#usedMs += this.#runtime.msSince(start);
    }
    this.#schedule();
  }

  #next(): (() => Promise<void>) | undefined {
    for (const [owner, waiting] of this.#waiting) {
      const read = waiting.shift();
      this.#waiting.delete(owner);
      if (waiting.length > 0) this.#waiting.set(owner, waiting);
      return read;
    }
    return undefined;
  }
}
