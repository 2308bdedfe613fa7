/** Why a parked poll was released. */
export type Release =
  | "timeout"
  | "superseded"
  | "signed_out"
  | "kicked"
  | "closing"
  | "aborted";

/** What happens to a parked poll: there may be something to read, or it is released. */
export type SeatEvent = "growth" | Release;

/** The connection that a poll came on. Its members are getters, since most polls never need these costly values. */
export interface PollConnection {
  /** Aborts when the client disconnects. */
  readonly signal: AbortSignal;
  /** The client's network, if limits by address apply to it. */
  readonly network?: string | undefined;
}

/** How a poll is parked. */
export interface ParkOptions {
  /** The highest turn of a tab wins; without turns, the latest poll. */
  readonly turn: number | undefined;
  /** Maximum time to wait, in ms. */
  readonly hold: number;
  readonly connection: PollConnection;
}

/** Called when a seat is released. */
export interface SeatOwner {
  onReleased(seat: Seat): void;
}

/**
 * The seat of one parked poll in the {@linkcode WaitingRoom}. It can be woken any number of times until it is released,
 * once and for one reason.
 */
export class Seat implements Disposable {
  readonly options: ParkOptions;
  /** The tick of the timer wheel at which its hold ends. */
  readonly end: number;
  /** Whether its poll must wait to be woken before it reads, because other tabs are in line before it. */
  isInLine = false;
  /** With `closing`: the time in ms after which the client should come back. */
  retryAfter = 0;
  readonly #owner: SeatOwner;
  #reason: Release | undefined;
  #isWoken = false;
  #wasChecked = false;
  #resolve: ((event: SeatEvent) => void) | undefined;
  #signal: AbortSignal | undefined;

  constructor(options: ParkOptions, end: number, owner: SeatOwner) {
    this.options = options;
    this.end = end;
    this.#owner = owner;
  }

  get isReleased(): boolean {
    return this.#reason !== undefined;
  }

  /** The next event: `growth` each time the seat is woken, then the reason of its release. */
  next(): Promise<SeatEvent> | SeatEvent {
    if (this.#reason !== undefined) return this.#reason;
    if (!this.#isWoken) return new Promise((resolve) => this.#resolve = resolve);
    this.#isWoken = false;
    return "growth";
  }

  /** There may be something to read. The seat stays occupied. */
  wake(): void {
    if (this.#resolve === undefined) this.#isWoken = true;
    else this.#settle("growth");
  }

  /** Releases the poll. Only the first call has an effect. */
  release(reason: Release): void {
    if (this.#reason !== undefined) return;
    this.#reason = reason;
    this.#signal?.removeEventListener("abort", this);
    this.#owner.onReleased(this);
    this.#settle(reason);
  }

  /**
   * Called by the waiting room every few seconds. From the second call on, the seat listens for a disconnect: a listener
   * on every poll would double its cost, and most polls are answered before that.
   */
  check(): void {
    if (this.#wasChecked && this.#signal === undefined) {
      this.#releaseOnAbort(this.options.connection.signal);
    }
    this.#wasChecked = true;
  }

  /** The client has disconnected. The seat itself is the listener, since a closure for each poll would cost memory. */
  handleEvent(): void {
    this.release("aborted");
  }

  [Symbol.dispose](): void {
    this.release("aborted");
  }

  #releaseOnAbort(signal: AbortSignal): void {
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
