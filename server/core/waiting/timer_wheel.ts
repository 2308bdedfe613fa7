/** Something whose time comes. */
export interface Timed {
  /** Called once, when the time has come. */
  onDue(): void;
}

/** How exactly the wheel keeps time, in ms: what is scheduled falls due up to this much late. */
export const TICK = 250;

/** No delay may be longer than this many ticks. */
const SLOTS = 256;

/** Keeps the time of very many things with one coarse timer, which runs only while there is anything to wait for. */
export class TimerWheel implements Disposable {
  readonly #slots: Set<Timed>[] = Array.from({ length: SLOTS }, () => new Set());
  #now = 0;
  #waiting = 0;
  #timer: ReturnType<typeof setInterval> | undefined;

  /** The tick that comes once `delay` ms have passed, at most 60 s. */
  after(delay: number): number {
    // One tick more, since the running one has passed in part.
    return this.#now + Math.min(Math.ceil(delay / TICK) + 1, SLOTS - 1);
  }

  /** Lets `timed` fall due at a tick that {@linkcode after} has given. */
  schedule(timed: Timed, tick: number): void {
    this.#slots[tick % SLOTS]?.add(timed);
    this.#waiting++;
    this.#timer ??= setInterval(() => this.#turn(), TICK);
  }

  /** Takes `timed` away from its tick; nothing happens if it is not there any more. */
  cancel(timed: Timed, tick: number): void {
    if (this.#slots[tick % SLOTS]?.delete(timed)) this.#left(1);
  }

  [Symbol.dispose](): void {
    for (const slot of this.#slots) slot.clear();
    this.#left(this.#waiting);
  }

  #turn(): void {
    this.#now++;
    const due = this.#slots[this.#now % SLOTS];
    if (due === undefined || due.size === 0) return;
    this.#slots[this.#now % SLOTS] = new Set();
    for (const timed of due) {
      try {
        timed.onDue();
      } catch (defect) {
        // The others have been taken from their slot: nobody would call them any more.
        reportError(defect);
      }
    }
    // Last, so that the timer goes on where something was scheduled anew.
    this.#left(due.size);
  }

  #left(count: number): void {
    this.#waiting -= count;
    if (this.#waiting > 0) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
  }
}
