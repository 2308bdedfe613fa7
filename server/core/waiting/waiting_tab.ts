import type { Topic } from "../model/topics.ts";
import type { Seat, SeatOwner } from "./seat.ts";
import type { Timed } from "./timer_wheel.ts";

/** Called for what happens to a tab. */
export interface TabOwner {
  onTabDue(tab: WaitingTab): void;
  onSeatReleased(): void;
}

/**
 * One tab in the {@linkcode WaitingRoom}. It outlives its poll by a few seconds, because the next poll usually comes at
 * once: a poll that is woken and comes back then adds and removes no map entries.
 */
export class WaitingTab implements Timed, SeatOwner {
  topics: readonly Topic[] = [];
  seat: Seat | undefined;
  /** Whether it is in the wake queue. */
  isQueued = false;
  /** The tick of its next check. */
  due = 0;
  /** Whether it had no seat at its last check. */
  wasEmpty = false;

  constructor(
    readonly owner: string,
    readonly name: string,
    readonly network: string | undefined,
    readonly room: TabOwner,
  ) {}

  onDue(): void {
    this.room.onTabDue(this);
  }

  onReleased(seat: Seat): void {
    if (this.seat === seat) this.seat = undefined;
    this.room.onSeatReleased();
  }
}
