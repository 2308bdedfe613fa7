import { decode, type Draft } from "../../core/model/message.ts";
import { Listeners } from "../../base/listeners.ts";
import { type Runtime, SYSTEM_RUNTIME } from "../../base/runtime.ts";
import type { NodeEvent } from "../../core/model/node_event.ts";
import { Refused } from "../../core/model/refused.ts";
import type { Appended } from "../../core/model/store.ts";
import type { Message } from "../../protocol/message.ts";
import { StoreOpenError } from "../store_open_error.ts";
import { DraftDigests } from "../digests.ts";
import { PendingAppend } from "./pending_append.ts";
import {
  type NewMessage,
  type Opened,
  Outbox,
  type Port,
  type Reply,
  type Request,
} from "./port_messages.ts";
import type { Call, CallResults } from "./store_calls.ts";

/**
 * While appends have not been answered, the next ones wait for that, up to this number. The thread then commits as many as
 * possible at once: a commit costs as much as ten messages.
 */
const APPEND_BATCH = 32;

/** Called when a request was answered: while the answer is handled, before the thread's next message is. */
export interface Settling<T> {
  resolve(result: T): void;
  reject(error: unknown): void;
}

/** The side of an isolate: sends the requests of one turn of the event loop together, and receives the answers. */
export class PortConnection {
  readonly opened: Opened;
  /** Emits the new messages of all isolates. */
  readonly appended = new Listeners<readonly Message[]>();
  /** Emits the events of the other isolates. */
  readonly events = new Listeners<NodeEvent>();
  unavailableReason: string | undefined;
  readonly #digests: DraftDigests;
  readonly #port: Port;
  readonly #outbox: Outbox<Request>;
  readonly #pending = new Map<number, Settling<unknown>>();
  #lastNumber = 0;
  /** The number of appends without an answer, and of those among them that were not posted yet. */
  #appends = 0;
  #waiting = 0;
  /** Why there are no more answers. */
  #closedReason: string | undefined;

  /** Resolves when the thread has opened the store. Rejects with a `StoreOpenError`. */
  static open(port: Port, runtime: Runtime = SYSTEM_RUNTIME): Promise<PortConnection> {
    const { promise, resolve, reject } = Promise.withResolvers<PortConnection>();
    port.onmessage = ({ data: [first, ...rest] }: MessageEvent<readonly Reply[]>) => {
      if (first?.[0] === "opened") {
        const connection = new PortConnection(port, { opened: first[1], runtime });
        connection.#receive(rest);
        return resolve(connection);
      }
      port.close();
      reject(new StoreOpenError(first?.[0] === "openFailed" ? first[1] : "The store is closed"));
    };
    return promise;
  }

  private constructor(
    port: Port,
    { opened, runtime }: { readonly opened: Opened; readonly runtime: Runtime },
  ) {
    this.opened = opened;
    this.#digests = new DraftDigests(opened.salt);
    this.unavailableReason = opened.unavailableReason;
    this.#port = port;
    this.#outbox = new Outbox(port, () => runtime.setImmediate(() => this.#post()));
    port.onmessage = ({ data }: MessageEvent<readonly Reply[]>) => this.#receive(data);
  }

  /** Has the thread execute a call. */
  call<C extends Call>(call: C): Promise<CallResults[C["name"]]> {
    const { promise, ...settling } = Promise.withResolvers<CallResults[C["name"]]>();
    this.send(call, settling);
    return promise;
  }

  /** Like {@linkcode call}, but settles at once instead of in a microtask. */
  send<C extends Call>(call: C, settling: Settling<CallResults[C["name"]]>): void {
    this.#request((number) => ["call", number, call], settling);
  }

  /** Appends drafts. Emits the new messages before it resolves. */
  append(drafts: readonly Draft[]): Promise<readonly Appended[]> {
    const append = new PendingAppend(drafts, this.#digests);
    const later = this.#appends > this.#waiting && this.#waiting < APPEND_BATCH;
    this.#appends++;
    this.#waiting++;
    this.#request((number) => ["append", number, append.drafts], append, { later });
    return append.promise;
  }

  broadcast(event: NodeEvent): void {
    if (this.#closedReason === undefined) this.#outbox.add(["event", JSON.stringify(event)]);
  }

  /** Ends the connection when all requested writes are done; with `isLast`, also the store. */
  async close(isLast: boolean): Promise<void> {
    const { promise, ...settling } = Promise.withResolvers<void>();
    this.#request((number) => ["close", number, isLast], settling);
    this.#post();
    await promise;
    this.end("The store is closed");
  }

  /** Refuses all requests from now on, and those that have not been answered. */
  end(reason: string): void {
    this.#closedReason ??= reason;
    this.#port.close();
    const pending = [...this.#pending.values()];
    this.#pending.clear();
    for (const settling of pending) settling.reject(unavailable(reason));
  }

  #request<T>(
    requestOf: (number: number) => Request,
    settling: Settling<T>,
    options?: { readonly later: boolean },
  ): void {
    if (this.#closedReason !== undefined) return settling.reject(unavailable(this.#closedReason));
    const number = ++this.#lastNumber;
    this.#pending.set(number, settling);
    this.#outbox.add(requestOf(number), options);
  }

  #receive(replies: readonly Reply[]): void {
    for (const reply of replies) this.#handle(reply);
    if (this.#waiting > 0 && this.#waiting === this.#appends) this.#post();
  }

  #handle(reply: Reply): void {
    switch (reply[0]) {
      case "result":
        return this.#settle(reply[1])?.resolve(reply[2]);
      case "refused": {
        const { refusal, message, retryAfter, facts } = reply[2];
        return this.#settle(reply[1])?.reject(new Refused(refusal, message, retryAfter, facts));
      }
      case "failed":
        return this.#settle(reply[1])?.reject(reply[2]);
      case "appended":
        return this.#onAppended(reply[1]);
      case "event": {
        const event: NodeEvent = JSON.parse(reply[1]);
        return this.events.emit(event);
      }
      case "availability":
        this.unavailableReason = reply[1];
    }
  }

  #onAppended(messages: readonly NewMessage[]): void {
    const finished: PendingAppend[] = [];
    this.appended.emit(messages.flatMap((message) => {
      if (typeof message === "string") return decode(message);
      const { number } = message;
      const append = this.#pending.get(number);
      if (!(append instanceof PendingAppend)) return [];
      const made = append.message(message);
      if (append.isComplete && this.#settle(number)) finished.push(append);
      return made;
    }));
    for (const append of finished) append.resolve();
  }

  #settle(number: number): Settling<unknown> | undefined {
    const settling = this.#pending.get(number);
    this.#pending.delete(number);
    if (settling instanceof PendingAppend) this.#appends--;
    return settling;
  }

  #post(): void {
    this.#waiting = 0;
    this.#outbox.post();
  }
}

function unavailable(reason: string): Refused {
  return new Refused("store_unavailable", reason, 2_000);
}
