import type { Topic } from "./channel.ts";
import { Deque } from "./deque.ts";
import { Refused } from "./refusal.ts";
import { type Parking, type Room, Seat } from "./seat.ts";
import { TimerWheel } from "./timer_wheel.ts";

/** How many polls may be parked. */
export interface WaitingRoomBounds {
  readonly seats: number;
  readonly seatsPerSession: number;
}

/** So many seats are woken or released in one turn of the event loop; answering more at once would block it for long. */
const SLICE = 250;

/** Holds the polls that wait for news, one seat per tab. Knows nothing of messages or HTTP. */
export class WaitingRoom implements Room, Disposable {
  readonly #bounds: WaitingRoomBounds;
  readonly #wheel = new TimerWheel();
  readonly #byOwner = new Map<string, Map<string, Seat>>();
  readonly #byTopic = new Map<Topic, Set<Seat>>();
  /** Seats that are to be woken; some may have been released since. */
  readonly #queue = new Deque<Seat>();
  #timer: ReturnType<typeof setTimeout> | undefined;
  #size = 0;

  constructor(bounds: WaitingRoomBounds) {
    this.#bounds = bounds;
  }

  /** How many polls are parked. */
  get size(): number {
    return this.#size;
  }

  /** How many parked polls wait for this topic. */
  audience(topic: Topic): number {
    return this.#byTopic.get(topic)?.size ?? 0;
  }

  /**
   * Gives a poll a seat; the tab's older poll is released as `superseded`. If the older poll is the one that came last
   * (its turn is higher), the new one's seat comes back released. Refuses with `too_many_tabs` or `too_many_polls`.
   */
  park(parking: Parking): Seat {
    const older = this.#byOwner.get(parking.owner)?.get(parking.tab);
    const isStale = (parking.turn ?? Infinity) < (older?.parking.turn ?? -Infinity);
    if (!isStale) older?.release("superseded");
    this.#checkBounds(parking.owner);
    const seat = new Seat(parking, this);
    this.#size++;
    if (isStale) seat.release("superseded");
    else this.#index(seat);
    return seat;
  }

  /** Wakes every seat that waits for one of `topics`, once: the first few at once, the others soon. */
  wake(topics: readonly Topic[]): void {
    const isBusy = this.#queue.length > 0;
    for (const topic of topics) {
      for (const seat of this.#byTopic.get(topic) ?? []) {
        if (seat.isQueued) continue;
        seat.isQueued = true;
        this.#queue.push(seat);
      }
    }
    if (!isBusy) this.#wakeSlice();
  }

  /** Releases every seat of a session. */
  dismiss(owner: string): void {
    for (const seat of [...this.#byOwner.get(owner)?.values() ?? []]) seat.release("signed_out");
  }

  /** Releases every seat as `closing`, in slices; `slotOf` gives the n-th of them the time (ms) to come back after. */
  async close(slotOf: (n: number, of: number) => number): Promise<void> {
    const seats = [...this.#byOwner.values()].flatMap((tabs) => [...tabs.values()]);
    for (const [n, seat] of seats.entries()) {
      seat.retryAfter = slotOf(n, seats.length);
      seat.release("closing");
      if (n % SLICE === SLICE - 1) await new Promise((resolve) => setTimeout(resolve, 0));
    }
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
    for (const tabs of [...this.#byOwner.values()]) {
      for (const seat of [...tabs.values()]) seat.release("closing");
    }
    this.#wheel[Symbol.dispose]();
  }

  schedule(seat: Seat, delay: number): number {
    return this.#wheel.schedule(seat, delay);
  }

  onReleased(seat: Seat): void {
    this.#size--;
    this.#wheel.cancel(seat, seat.slot);
    const { owner, tab, topics } = seat.parking;
    const tabs = this.#byOwner.get(owner);
    if (tabs?.get(tab) === seat) {
      tabs.delete(tab);
      if (tabs.size === 0) this.#byOwner.delete(owner);
    }
    for (const topic of topics) {
      const seats = this.#byTopic.get(topic);
      if (seats?.delete(seat) && seats.size === 0) this.#byTopic.delete(topic);
    }
  }

  #checkBounds(owner: string): void {
    if (this.#size >= this.#bounds.seats) {
      throw new Refused(
        "too_many_polls",
        "Cannot park another poll here: all seats are taken",
        5_000,
      );
    }
    if ((this.#byOwner.get(owner)?.size ?? 0) >= this.#bounds.seatsPerSession) {
      const { seatsPerSession } = this.#bounds;
      throw new Refused("too_many_tabs", `A session may have ${seatsPerSession} tabs`, 10_000);
    }
  }

  #index(seat: Seat): void {
    const { owner, tab, topics } = seat.parking;
    let tabs = this.#byOwner.get(owner);
    if (tabs === undefined) this.#byOwner.set(owner, tabs = new Map());
    tabs.set(tab, seat);
    for (const topic of topics) {
      let seats = this.#byTopic.get(topic);
      if (seats === undefined) this.#byTopic.set(topic, seats = new Set());
      seats.add(seat);
    }
  }

  #wakeSlice(): void {
    for (let left = SLICE; left > 0; left--) {
      const seat = this.#queue.shift();
      if (seat === undefined) return;
      seat.wake();
    }
    if (this.#queue.length > 0) this.#timer = setTimeout(() => this.#wakeSlice(), 0);
  }
}
