/** Something whose time comes. */
export interface Timed {
  /** Called once, when the time has come. */
  onDue(): void;
}

/** How exactly the wheel keeps time, in ms: what is scheduled falls due up to this much late. */
export const TICK = 250;

const SLOTS = 256;

/** The longest delay that the wheel can keep, in ms. */
export const LONGEST_DELAY = TICK * (SLOTS - 1);

/** Keeps the time of very many things with one coarse timer, which runs only while there is anything to wait for. */
export class TimerWheel implements Disposable {
  readonly #slots: Set<Timed>[] = Array.from({ length: SLOTS }, () => new Set());
  #now = 0;
  #waiting = 0;
  #timer: ReturnType<typeof setInterval> | undefined;

  /** Lets `timed` fall due after `delay` ms; returns the slot that {@linkcode cancel} wants to know. */
  schedule(timed: Timed, delay: number): number {
    // One tick more, since the running one has passed in part.
    const ticks = Math.min(Math.ceil(delay / TICK) + 1, SLOTS - 1);
    const slot = (this.#now + ticks) % SLOTS;
    this.#slots[slot]?.add(timed);
    this.#waiting++;
    this.#timer ??= setInterval(() => this.#turn(), TICK);
    return slot;
  }

  /** Takes `timed` out of its slot; nothing happens if it is not there any more. */
  cancel(timed: Timed, slot: number): void {
    if (this.#slots[slot]?.delete(timed)) this.#left(1);
  }

  [Symbol.dispose](): void {
    for (const slot of this.#slots) slot.clear();
    this.#left(this.#waiting);
  }

  #turn(): void {
    this.#now = (this.#now + 1) % SLOTS;
    const due = this.#slots[this.#now];
    if (due === undefined || due.size === 0) return;
    this.#slots[this.#now] = new Set();
    this.#left(due.size);
    for (const timed of due) timed.onDue();
  }

  #left(count: number): void {
    this.#waiting -= count;
    if (this.#waiting > 0) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
  }
}
