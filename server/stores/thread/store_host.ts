import { type Runtime, SYSTEM_RUNTIME } from "../../base/runtime.ts";
import { Refused } from "../../core/model/refused.ts";
import type { EncodedDraft } from "../sqlite/encoded_draft.ts";
import type { StoredAppend, StoredMessage } from "../sqlite/stored_message.ts";
import type { SqliteStore } from "../sqlite/sqlite_store.ts";
import {
  type AppendResult,
  type NewMessage,
  Outbox,
  type Port,
  type Reply,
  type Request,
} from "./port_messages.ts";
import { execute, isLong } from "./store_calls.ts";

/** Long reads take at most this time in ms before the writes that have arrived meanwhile. */
const SLICE = 2;

/** The isolate and the request of a draft, and its index there. */
interface Origin {
  readonly isolate: Outbox<Reply>;
  readonly number: number;
  readonly n: number;
}

/** The side of the thread: one store, and the ports of all isolates that use it. */
export class StoreHost {
  readonly #store: SqliteStore;
  readonly #runtime: Runtime;
  readonly #isolates = new Set<Outbox<Reply>>();
  /** Where drafts come from. */
  readonly #origins = new WeakMap<EncodedDraft, Origin>();
  /** Long reads. They wait for the writes that have arrived, and take turns with them. */
  readonly #reads: (() => void)[] = [];

  constructor(store: SqliteStore, runtime: Runtime = SYSTEM_RUNTIME) {
    this.#store = store;
    this.#runtime = runtime;
    store.log.appended.add((messages) => this.#sendAppended(messages));
    store.availability.add((reason) => this.#send(["availability", reason]));
  }

  /** Serves the isolate at the other end of a port until it closes. */
  serve(port: Port): void {
    // All results of a transaction are sent together: they settle before this microtask.
    const isolate = new Outbox<Reply>(port, queueMicrotask);
    port.onmessage = ({ data }: MessageEvent<readonly Request[]>) => {
      for (const request of data) this.#handle(request, isolate);
    };
    const { log: { epoch }, sessions: { salt }, unavailableReason } = this.#store;
    isolate.add(["opened", { epoch, salt, unavailableReason }]);
    this.#isolates.add(isolate);
  }

  #handle(request: Request, isolate: Outbox<Reply>): void {
    switch (request[0]) {
      case "append":
        return this.#append(isolate, request[1], request[2]);
      case "call": {
        const [, number, call] = request;
        const run = () => this.#answer(isolate, number, () => execute(this.#store, call));
        return isLong(call) ? this.#queueRead(run) : run();
      }
      case "event":
        return this.#send(["event", request[1]], isolate);
      case "close":
        return this.#answer(isolate, request[1], () => this.#close(isolate, request[2]));
    }
  }

  #append(isolate: Outbox<Reply>, number: number, drafts: readonly EncodedDraft[]): void {
    for (const [n, draft] of drafts.entries()) this.#origins.set(draft, { isolate, number, n });
    this.#store.log.appendEncoded(drafts).then(
      (appended) => {
        const isKnown = ({ stored, repeated }: StoredAppend) => repeated || stored.draft.change;
        // New messages have been sent already.
        if (appended.length > 0 && !appended.some(isKnown)) return;
        const result: AppendResult = appended.map((one) =>
          isKnown(one) ? one.stored.json : undefined
        );
        isolate.add(["result", number, result]);
      },
      (error) => isolate.add(failureOf(number, error)),
    );
  }

  #sendAppended(messages: readonly StoredMessage[]): void {
    for (const isolate of this.#isolates) {
      isolate.add(["appended", messages.map((message) => this.#newMessageFor(isolate, message))]);
    }
  }

  #newMessageFor(isolate: Outbox<Reply>, { draft, id, at, json }: StoredMessage): NewMessage {
    const origin = this.#origins.get(draft);
    if (origin?.isolate !== isolate || draft.change !== undefined) return json;
    const { number, n } = origin;
    return { number, n, id, at };
  }

  async #close(isolate: Outbox<Reply>, isLast: boolean): Promise<void> {
    this.#store.flush();
    if (isLast) await this.#store[Symbol.asyncDispose]();
    this.#isolates.delete(isolate);
  }

  /** Sends a message to all isolates but one. */
  #send(reply: Reply, except?: Outbox<Reply>): void {
    for (const isolate of this.#isolates) if (isolate !== except) isolate.add(reply);
  }

  #answer(isolate: Outbox<Reply>, number: number, run: () => Promise<unknown>): void {
    Promise.try(run).then(
      (result) => isolate.add(["result", number, result]),
      (error) => isolate.add(failureOf(number, error)),
    );
  }

  #queueRead(read: () => void): void {
    // A turn of the event loop later than the writes that arrived with it.
    if (this.#reads.length === 0) this.#runtime.setImmediate(() => this.#readSlice());
    this.#reads.push(read);
  }

  #readSlice(): void {
    const end = this.#runtime.fromNow(SLICE);
    do this.#reads.shift()?.(); while (this.#reads.length > 0 && !this.#runtime.hasPassed(end));
    if (this.#reads.length > 0) this.#runtime.setImmediate(() => this.#readSlice());
  }
}

function failureOf(number: number, error: unknown): Reply {
  if (!(error instanceof Refused)) return ["failed", number, error];
  const { refusal, message, retryAfter, facts } = error;
  return ["refused", number, { refusal, message, retryAfter, facts }];
}
