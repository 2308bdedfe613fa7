/** Why a parked poll was let go. */
export type Release =
  | "timeout"
  | "superseded"
  | "signed_out"
  | "kicked"
  | "closing"
  | "aborted";

/** What happens to a parked poll: there may be something to read, or it is let go. */
export type SeatEvent = "growth" | Release;

/** The poll that takes a seat. */
export interface ParkOptions {
  /** The higher turn of a tab wins; without it, the later one. */
  readonly turn: number | undefined;
  /** How long it may wait, in ms. */
  readonly hold: number;
  readonly request: PollingClient;
}

/** Who polls. Both are looked at late or never, since looking is dear. */
export interface PollingClient {
  /** Tells when the client has left. */
  readonly signal: AbortSignal;
  /** Where the client is, if that counts for anything. */
  readonly network?: string | undefined;
}

/** Told when a seat is free. */
export interface SeatOwner {
  onReleased(seat: Seat): void;
}

/** A parked poll's place in the waiting room. It is released once, for one reason; until then it may be woken. */
export class Seat implements Disposable {
  readonly sitting: ParkOptions;
  /** The tick of the timer wheel at which its hold is over. */
  readonly end: number;
  /** Whether its poll should wait to be woken before it reads: others are in line before it. */
  isInLine = false;
  /** With `closing`: after how many ms its client should come back. */
  retryAfter = 0;
  readonly #owner: SeatOwner;
  #reason: Release | undefined;
  #isWoken = false;
  #isOld = false;
  #resolve: ((event: SeatEvent) => void) | undefined;
  #signal: AbortSignal | undefined;

  constructor(sitting: ParkOptions, end: number, owner: SeatOwner) {
    this.sitting = sitting;
    this.end = end;
    this.#owner = owner;
  }

  /** Whether the seat has not been released. */
  get isTaken(): boolean {
    return this.#reason === undefined;
  }

  /** What happens next: `growth`, as often as the seat is woken, or the reason why it was released. */
  next(): Promise<SeatEvent> | SeatEvent {
    if (this.#reason !== undefined) return this.#reason;
    if (!this.#isWoken) return new Promise((resolve) => this.#resolve = resolve);
    this.#isWoken = false;
    return "growth";
  }

  /** There may be something to read; the seat stays taken. */
  wake(): void {
    if (this.#resolve === undefined) this.#isWoken = true;
    else this.#settle("growth");
  }

  /** Lets the poll go; only the first call counts. */
  release(reason: Release): void {
    if (this.#reason !== undefined) return;
    this.#reason = reason;
    this.#signal?.removeEventListener("abort", this);
    this.#owner.onReleased(this);
    this.#settle(reason);
  }

  /** To be called every few seconds: from the second time on, the seat is released when its client leaves. */
  check(): void {
    if (this.#isOld && this.#signal === undefined) this.#watch(this.sitting.request.signal);
    this.#isOld = true;
  }

  /** The client has left. (The seat itself is the listener: a closure for each poll would cost memory.) */
  handleEvent(): void {
    this.release("aborted");
  }

  [Symbol.dispose](): void {
    this.release("aborted");
  }

  #watch(signal: AbortSignal): void {
    this.#signal = signal;
    if (signal.aborted) this.release("aborted");
    else signal.addEventListener("abort", this, { once: true });
  }

  #settle(event: SeatEvent): void {
    const resolve = this.#resolve;
    this.#resolve = undefined;
    resolve?.(event);
  }
}
