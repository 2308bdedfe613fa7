import type { Topic } from "./channel.ts";
import type { Timed } from "./timer_wheel.ts";

/** Why a parked poll was let go. */
export type Release = "timeout" | "superseded" | "signed_out" | "closing" | "aborted";

/** Whose poll is to be parked, and for what. */
export interface Parking {
  /** The session's public token. */
  readonly owner: string;
  readonly tab: string;
  /** The higher turn of a tab wins; without it, the later one. */
  readonly turn?: number;
  readonly topics: readonly Topic[];
  /** How long the poll may wait, in ms. */
  readonly hold: number;
  /** Its signal tells when the client has left. It is looked at late or never, since looking is dear. */
  readonly request: { readonly signal: AbortSignal };
}

/** What a seat asks of the room that it stands in. */
export interface Room {
  /** The seat is free. */
  onReleased(seat: Seat): void;
  /** Lets the seat fall due after `delay` ms; returns the slot of the timer wheel. */
  schedule(seat: Seat, delay: number): number;
}

/** A poll parked for less than this (ms) is not asked whether its client is still there: most are answered before. */
const PATIENCE = 2_000;

/** A parked poll's place in the waiting room. It is released once, for one reason; until then it may be woken. */
export class Seat implements Timed, Disposable {
  readonly parking: Parking;
  /** Where it stands in the timer wheel. */
  slot: number;
  /** Whether it is going to be woken. */
  isQueued = false;
  /** With `closing`: after how many ms its client should come back. */
  retryAfter = 0;
  readonly #room: Room;
  #reason: Release | undefined;
  #isWoken = false;
  #resolve: ((what: "growth" | Release) => void) | undefined;
  #signal: AbortSignal | undefined;

  constructor(parking: Parking, room: Room) {
    this.parking = parking;
    this.#room = room;
    this.slot = room.schedule(this, Math.min(parking.hold, PATIENCE));
  }

  /** Whether the seat has not been released. */
  get isTaken(): boolean {
    return this.#reason === undefined;
  }

  /** What happens next: `growth`, as often as the seat is woken, or the reason why it was released. */
  next(): Promise<"growth" | Release> | "growth" | Release {
    if (this.#reason !== undefined) return this.#reason;
    if (!this.#isWoken) return new Promise((resolve) => this.#resolve = resolve);
    this.#isWoken = false;
    return "growth";
  }

  /** There may be something to read; the seat stays taken. */
  wake(): void {
    this.isQueued = false;
    if (this.#resolve === undefined) this.#isWoken = true;
    else this.#settle("growth");
  }

  /** Lets the poll go; only the first call counts. */
  release(reason: Release): void {
    if (this.#reason !== undefined) return;
    this.#reason = reason;
    this.#signal?.removeEventListener("abort", this);
    this.#room.onReleased(this);
    this.#settle(reason);
  }

  /** The wheel has come round: either to look whether the client is still there, or to end the poll. */
  onDue(): void {
    if (this.#reason !== undefined) return;
    const rest = this.parking.hold - PATIENCE;
    if (this.#signal !== undefined || rest <= 0) return this.release("timeout");
    this.slot = this.#room.schedule(this, rest);
    this.#signal = this.parking.request.signal;
    if (this.#signal.aborted) return this.release("aborted");
    this.#signal.addEventListener("abort", this, { once: true });
  }

  /** The client has left. (The seat itself is the listener: a closure for each poll would cost memory.) */
  handleEvent(): void {
    this.release("aborted");
  }

  [Symbol.dispose](): void {
    this.release("aborted");
  }

  #settle(what: "growth" | Release): void {
    const resolve = this.#resolve;
    this.#resolve = undefined;
    resolve?.(what);
  }
}
