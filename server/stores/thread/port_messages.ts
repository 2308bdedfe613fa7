import type { Refusal } from "../../protocol/refusal.ts";
import type { RefusalFacts } from "../../core/model/refused.ts";
import type { Retention } from "../../core/model/store.ts";
import type { EncodedDraft } from "../sqlite/encoded_draft.ts";
import type { Call } from "./store_calls.ts";

/** What is used of a `MessagePort`. */
export interface Port {
  onmessage: ((event: MessageEvent) => void) | null;
  postMessage(message: unknown): void;
  close(): void;
}

/** What the main isolate sends to the thread: first the store to open, then a port for each other isolate. */
export interface ThreadRequest {
  readonly port: MessagePort;
  readonly open?: { readonly path: string; readonly retention: Retention };
}

/** A message from an isolate to the thread. Contents of messages, and events, cross as JSON. */
export type Request =
  | readonly ["append", number: number, drafts: readonly EncodedDraft[]]
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
  /** The messages of a transaction, when they are durable. Also the answer to those `append` that repeat no key. */
  | readonly ["appended", messages: readonly NewMessage[]]
  | readonly ["event", event: string]
  | readonly ["availability", unavailableReason: string | undefined];

/** What an isolate knows of the store from the start. */
export interface Opened {
  readonly epoch: string;
  readonly salt: string;
  readonly unavailableReason: string | undefined;
}

/** The JSON of a message of another isolate; or the id and the time of one that the isolate itself appends. */
export type NewMessage = string | OwnMessage;

/** A new message from the draft at the index `n` of an `append`. */
export interface OwnMessage {
  readonly number: number;
  readonly n: number;
  readonly id: number;
  readonly at: number;
}

/**
 * The result of an `append` with repeated keys or changes: the JSON of the earlier messages and of the changes, and
 * `undefined` for new messages.
 */
export type AppendResult = readonly (string | undefined)[];

/** The parts of a `Refused`. */
export interface RefusedParts {
  readonly refusal: Refusal;
  readonly message: string;
  readonly retryAfter: number | undefined;
  readonly facts: RefusalFacts;
}

/** Collects messages and posts them together, because each post costs as much as many messages. */
export class Outbox<T> {
  readonly #port: Port;
  readonly #schedule: (post: () => void) => void;
  #waiting: T[] = [];
  #isScheduled = false;

  /** `schedule` is called with the function that posts, once for all messages that wait. */
  constructor(port: Port, schedule: (post: () => void) => void) {
    this.#port = port;
    this.#schedule = schedule;
  }

  /** Adds a message; with `later`, it waits until another one is added without it, or {@linkcode post} is called. */
  add(message: T, { later = false } = {}): void {
    this.#waiting.push(message);
    if (later || this.#isScheduled) return;
    this.#isScheduled = true;
    this.#schedule(() => this.post());
  }

  post(): void {
    this.#isScheduled = false;
    if (this.#waiting.length === 0) return;
    const messages = this.#waiting;
    this.#waiting = [];
    this.#port.postMessage(messages);
  }
}
