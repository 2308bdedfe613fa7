import type { Limit, Refusal } from "../../protocol/refusal.ts";
import type { Retention } from "../../core/model/store.ts";
import type { Call } from "./store_calls.ts";

/** What the main isolate sends to the thread: first the store to open, then a port for each other isolate. */
export interface ThreadRequest {
  readonly port: MessagePort;
  readonly open?: { readonly path: string; readonly retention: Retention };
}

/** A message from an isolate to the thread. Drafts and events cross as JSON. */
export type Request =
  | readonly ["append", number: number, drafts: readonly string[]]
  | readonly ["call", number: number, call: Call]
  | readonly ["event", event: string]
  /** Answered after all writes that were requested before; with `isLast`, after the store was closed. */
  | readonly ["close", number: number, isLast: boolean];

/** A message from the thread to an isolate. A result has the number of its request. */
export type Reply =
  | readonly ["opened", Opened]
  | readonly ["openFailed", reason: string]
  | readonly ["result", number: number, result: unknown]
  | readonly ["refused", number: number, RefusedParts]
  | readonly ["failed", number: number, error: unknown]
  /** Messages of all isolates, as JSON, when they are durable. */
  | readonly ["appended", messages: readonly string[]]
  | readonly ["event", event: string]
  | readonly ["availability", unavailableReason: string | undefined];

/** What an isolate knows of the store from the start. */
export interface Opened {
  readonly epoch: string;
  readonly salt: string;
  readonly unavailableReason: string | undefined;
}

/** An appended message as JSON, and whether its key had been used before. */
export type AppendedParts = readonly [message: string, repeated: boolean];

/** The parts of a `Refused`. */
export interface RefusedParts {
  readonly refusal: Refusal;
  readonly message: string;
  readonly retryAfter: number | undefined;
  readonly limit: Limit | undefined;
}

/** Collects messages and posts them together, because each post costs as much as many messages. */
export class Outbox<T> {
  readonly #port: MessagePort;
  readonly #schedule: (post: () => void) => void;
  #waiting: T[] = [];

  /** `schedule` is called with the function that posts, after the first message since the last post. */
  constructor(port: MessagePort, schedule: (post: () => void) => void) {
    this.#port = port;
    this.#schedule = schedule;
  }

  add(message: T): void {
    if (this.#waiting.length === 0) this.#schedule(() => this.post());
    this.#waiting.push(message);
  }

  post(): void {
    if (this.#waiting.length === 0) return;
    const messages = this.#waiting;
    this.#waiting = [];
    this.#port.postMessage(messages);
  }
}
