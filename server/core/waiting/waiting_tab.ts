import type { Topic } from "../model/topics.ts";
import type { Seat, SeatOwner } from "./seat.ts";
import type { Timed } from "./timer_wheel.ts";

/**
 * What the room knows of one tab. It is kept for a short time after a poll, since the next one comes at once: so a poll
 * that is woken and comes back takes up nothing and tidies up nothing.
 */
export class WaitingTab implements Timed, SeatOwner {
  topics: readonly Topic[] = [];
  seat: Seat | undefined;
  /** Whether it is going to be woken. */
  isQueued = false;
  /** The tick at which it is looked at. */
  due = 0;
  /** Whether it had no seat when it was looked at. */
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

/** Told what becomes of a tab. */
export interface TabOwner {
  onTabDue(tab: WaitingTab): void;
  onSeatReleased(): void;
}
