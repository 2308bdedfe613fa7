import { ignoreUnavailable } from "../../core/model/refused.ts";
import type { Entry } from "../../core/model/message.ts";
import type { Runtime } from "../../base/runtime.ts";
import { NatsChanges } from "./nats_changes.ts";
import { parseEntry } from "./nats_log_content.ts";
import type { StreamDelivery } from "./nats_ordered_consumer.ts";

/** Delay in ms before the end of the stream is asked for again. */
const RETRY_DELAY = 250;

/** What a {@linkcode DeliveryGate} is constructed from. */
export interface DeliveryGateOptions {
  /** Everything up to this number has been delivered. */
  readonly after: number;
  /** The number of the stream's last message. */
  readonly findEnd: () => Promise<number>;
  /** Called with each message, in order; with its content if the stream has it only in a later change. */
  readonly onMessage: (delivery: StreamDelivery, message?: Entry) => void;
  readonly runtime: Runtime;
}

/**
 * Delivers messages in order to a node, also those that were edited, and so erased, before they have reached it. Where a number
 * is missing, later messages wait until everything has arrived that the stream had then: a change that has erased the missing
 * message is among them, and has its content.
 */
export class DeliveryGate implements Disposable {
  readonly #options: DeliveryGateOptions;
  readonly #closed = new AbortController();
  #upTo: number;
  /** The messages that wait; `undefined` while none is missing. */
  #held: StreamDelivery[] | undefined;
  /** Those that wait are complete up to this number; `undefined` until it is known. */
  #end: number | undefined;

  constructor(options: DeliveryGateOptions) {
    this.#options = options;
    this.#upTo = options.after;
  }

  add(delivery: StreamDelivery): void {
    if (this.#held === undefined && delivery.seq === this.#upTo + 1) {
      this.#upTo = delivery.seq;
      return this.#options.onMessage(delivery);
    }
    if (this.#held === undefined) {
      this.#held = [];
      this.#findEnd();
    }
    this.#held.push(delivery);
    this.#releaseIfComplete();
  }

  /** Must be called when there are no more messages for the moment. */
  onIdle(): void {
    // The last messages may have been removed.
    if (this.#end !== undefined) this.#end = 0;
    this.#releaseIfComplete();
  }

  [Symbol.dispose](): void {
    this.#closed.abort();
  }

  async #findEnd(): Promise<void> {
    const { findEnd, runtime } = this.#options;
    const { signal } = this.#closed;
    while (!signal.aborted) {
      try {
        this.#end = await findEnd();
        return this.#releaseIfComplete();
      } catch (error) {
        ignoreUnavailable(error);
        await runtime.delay(RETRY_DELAY, signal);
      }
    }
  }

  #releaseIfComplete(): void {
    const held = this.#held ?? [];
    const last = held.at(-1)?.seq ?? 0;
    if (this.#end === undefined || last < this.#end || this.#closed.signal.aborted) return;
    const erased = erasedIn(held, this.#upTo);
    this.#held = this.#end = undefined;
    this.#upTo = Math.max(this.#upTo, last);
    const all = [...erased.keys(), ...held].sort((one, other) => one.seq - other.seq);
    for (const delivery of all) this.#options.onMessage(delivery, erased.get(delivery));
  }
}

/** The messages after a number that are only in their last changes, as if they had been delivered. */
function erasedIn(held: readonly StreamDelivery[], after: number): Map<StreamDelivery, Entry> {
  const present = new Set(held.map(({ seq }) => seq));
  const changes = new NatsChanges();
  for (const { seq, change } of held) if (change) changes.add({ seq, header: change });
  const erased = new Map<StreamDelivery, Entry>();
  for (const delivery of held) {
    const { seq, change, text } = delivery;
    if (change === undefined || change.deleted || !changes.hasEffect(seq)) continue;
    const { of, at, owner } = change;
    if (of <= after || present.has(of)) continue;
    const message = parseEntry(seq, text())?.message;
    if (message === undefined) continue;
    erased.set({ ...delivery, seq: of, at, owner, change: undefined }, message);
  }
  return erased;
}
