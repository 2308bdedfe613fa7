import type { Topic } from "../model/topics.ts";
import { Deque } from "../log/deque.ts";
import { Refused } from "../model/refused.ts";
import { type ParkOptions, type Release, Seat } from "./seat.ts";
import { TimerWheel } from "./timer_wheel.ts";
import { type TabOwner, WaitingTab as Tab } from "./waiting_tab.ts";

/** How many polls may be parked. */
export interface WaitingRoomBounds {
  readonly seats: number;
  readonly seatsPerSession: number;
  /** How many tabs may poll from one network. */
  readonly tabsPerNetwork: number;
}

/** Whose poll is to be parked, and what for. */
export interface ParkRequest extends ParkOptions {
  /** The session's public token. */
  readonly owner: string;
  readonly tab: string;
  /** The same array as the last time, where nothing has changed: then nothing needs to be done about it. */
  readonly topics: readonly Topic[];
}

/** Told of a tab that polls and did not a moment ago. */
export type OnArrival = (owner: string, tab: string, turn: number | undefined) => void;

/** So many seats are woken or released in one turn of the event loop; answering more at once would block it for long. */
const SLICE = 250;

/** Each tab is looked at so often (ms): most polls are answered before, and cost nothing more. */
const ROUND = 2_000;

/** Holds the polls that wait for news, one seat per tab. Knows nothing of messages or HTTP. */
export class WaitingRoom implements TabOwner, Disposable {
  readonly #bounds: WaitingRoomBounds;
  readonly #onArrival: OnArrival;
  readonly #wheel = new TimerWheel();
  readonly #byOwner = new Map<string, Map<string, Tab>>();
  readonly #byTopic = new Map<Topic, Set<Tab>>();
  /** How many tabs poll from each network. */
  readonly #byNetwork = new Map<string, number>();
  /** Tabs that are to be woken; some of their polls may have been released since. */
  readonly #queue = new Deque<Tab>();
  #timer: ReturnType<typeof setTimeout> | undefined;
  #size = 0;

  constructor(bounds: WaitingRoomBounds, onArrival: OnArrival = () => {}) {
    this.#bounds = bounds;
    this.#onArrival = onArrival;
  }

  /** How many polls are parked. */
  get size(): number {
    return this.#size;
  }

  /** How many topics are waited for, or were a moment ago. */
  get topics(): number {
    return this.#byTopic.size;
  }

  /** Whether a poll of this tab is parked. */
  isParked(owner: string, tab: string): boolean {
    return this.#byOwner.get(owner)?.get(tab)?.seat !== undefined;
  }

  /** How many tabs wait for this topic, or did so a moment ago. */
  audience(topic: Topic): number {
    return this.#byTopic.get(topic)?.size ?? 0;
  }

  /**
   * Gives a poll a seat; the tab's older poll is released as `superseded`. If the older poll is the one that came last
   * (its turn is higher), the new one's seat comes back released. Refuses with `too_many_tabs`, `too_many_polls`, or
   * `too_many_requests` where too many tabs poll from one network.
   */
  park(parking: ParkRequest): Seat {
    const known = this.#byOwner.get(parking.owner)?.get(parking.tab);
    const tab = known ?? this.#newTab(parking);
    const seat = new Seat(parking, this.#wheel.after(parking.hold), tab);
    const isStale = (parking.turn ?? Infinity) < (tab.seat?.sitting.turn ?? -Infinity);
    if (!isStale) tab.seat?.release("superseded");
    this.#checkSeats();
    this.#size++;
    if (isStale) seat.release("superseded");
    else this.#seat(tab, seat, parking.topics);
    if (this.#queue.length > 0) this.#lineUp(tab, seat);
    if (known === undefined) this.#onArrival(parking.owner, parking.tab, parking.turn);
    return seat;
  }

  /** Wakes every poll that waits for one of `topics`, once: the first few at once, the others soon. */
  wake(topics: readonly Topic[]): void {
    const isBusy = this.#queue.length > 0;
    for (const topic of topics) {
      for (const tab of this.#byTopic.get(topic) ?? []) {
        if (tab.isQueued || tab.seat === undefined) continue;
        tab.isQueued = true;
        this.#queue.push(tab);
      }
    }
    if (!isBusy) this.#wakeSlice();
  }

  /**
   * A tab polls on another node, with that turn. Its poll here is released as `superseded`, unless it is the later one:
   * then its turn is given back.
   */
  yield(owner: string, tab: string, turn: number): number | undefined {
    const known = this.#byOwner.get(owner)?.get(tab);
    const own = known?.seat?.sitting.turn;
    if (known === undefined || own === undefined || own === turn) return undefined;
    if (own > turn) return own;
    known.seat?.release("superseded");
    // It is on the other node now: if it comes back at once, that is an arrival again.
    this.#forget(known);
    return undefined;
  }

  /** Releases every poll of a session. */
  dismiss(owner: string, reason: Release): void {
    for (const tab of this.#byOwner.get(owner)?.values() ?? []) tab.seat?.release(reason);
  }

  /** Releases every poll as `closing`, in slices; `slotOf` gives the n-th of them the time (ms) to come back after. */
  async close(slotOf: (n: number, of: number) => number): Promise<void> {
    const seats = this.#seats();
    for (const [n, seat] of seats.entries()) {
      seat.retryAfter = slotOf(n, seats.length);
      seat.release("closing");
      if (n % SLICE === SLICE - 1) await new Promise((resolve) => setTimeout(resolve, 0));
    }
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
    for (const seat of this.#seats()) seat.release("closing");
    this.#wheel[Symbol.dispose]();
  }

  onSeatReleased(): void {
    this.#size--;
  }

  onTabDue(tab: Tab): void {
    const isEmpty = tab.seat === undefined;
    if (isEmpty && tab.wasEmpty) return this.#forget(tab);
    tab.wasEmpty = isEmpty;
    if (tab.seat !== undefined && tab.seat.end <= tab.due) tab.seat.release("timeout");
    tab.seat?.check();
    this.#scheduleRound(tab);
  }

  #newTab({ owner, tab: name, request }: ParkRequest): Tab {
    const tabs = this.#byOwner.get(owner) ?? new Map<string, Tab>();
    const { seatsPerSession } = this.#bounds;
    if (tabs.size >= seatsPerSession) this.#forgetEmpty(tabs);
    if (tabs.size >= seatsPerSession) {
      throw new Refused("too_many_tabs", `A session may have ${seatsPerSession} tabs`, 10_000);
    }
    const tab = new Tab(owner, name, this.#enter(request.network), this);
    tabs.set(name, tab);
    this.#byOwner.set(owner, tabs);
    this.#scheduleRound(tab);
    return tab;
  }

  /** Counts one more tab of a network. A tab stays in the network that it came from. */
  #enter(network: string | undefined): string | undefined {
    if (network === undefined) return undefined;
    const count = this.#byNetwork.get(network) ?? 0;
    const { tabsPerNetwork: quota } = this.#bounds;
    if (count >= quota) {
      const detail = `${quota} polls wait at your address already`;
      const limit = { name: "parked-polls-per-address", quota };
      throw new Refused("too_many_requests", detail, 5_000, limit);
    }
    this.#byNetwork.set(network, count + 1);
    return network;
  }

  #leave(network: string | undefined): void {
    if (network === undefined) return;
    const count = this.#byNetwork.get(network) ?? 0;
    if (count > 1) this.#byNetwork.set(network, count - 1);
    else this.#byNetwork.delete(network);
  }

  #checkSeats(): void {
    if (this.#size < this.#bounds.seats) return;
    throw new Refused(
      "too_many_polls",
      "Cannot park another poll here: all seats are taken",
      5_000,
    );
  }

  #seat(tab: Tab, seat: Seat, topics: readonly Topic[]): void {
    tab.seat = seat;
    if (tab.topics !== topics) this.#list(tab, topics);
    if (seat.end < tab.due) this.#reschedule(tab, seat.end);
  }

  /**
   * In a rush, who comes back waits for the others' turn: until then more has come, and one reply has it all. Otherwise
   * those who come back at once would be answered again and again, message by message, and hold up everybody.
   */
  #lineUp(tab: Tab, seat: Seat): void {
    seat.isInLine = seat.isTaken;
    if (!seat.isTaken || tab.isQueued) return;
    tab.isQueued = true;
    this.#queue.push(tab);
  }

  /** Lists a tab under other topics than before. */
  #list(tab: Tab, topics: readonly Topic[]): void {
    for (const topic of tab.topics) {
      const tabs = this.#byTopic.get(topic);
      if (tabs?.delete(tab) && tabs.size === 0) this.#byTopic.delete(topic);
    }
    tab.topics = topics;
    for (const topic of topics) {
      let tabs = this.#byTopic.get(topic);
      if (tabs === undefined) this.#byTopic.set(topic, tabs = new Set());
      tabs.add(tab);
    }
  }

  #scheduleRound(tab: Tab): void {
    tab.due = Math.min(this.#wheel.after(ROUND), tab.seat?.end ?? Infinity);
    this.#wheel.schedule(tab, tab.due);
  }

  #reschedule(tab: Tab, due: number): void {
    this.#wheel.cancel(tab, tab.due);
    tab.due = due;
    this.#wheel.schedule(tab, due);
  }

  #forgetEmpty(tabs: ReadonlyMap<string, Tab>): void {
    for (const tab of tabs.values()) {
      if (tab.seat === undefined) this.#forget(tab);
    }
  }

  #forget(tab: Tab): void {
    this.#wheel.cancel(tab, tab.due);
    this.#leave(tab.network);
    this.#list(tab, []);
    const tabs = this.#byOwner.get(tab.owner);
    tabs?.delete(tab.name);
    if (tabs?.size === 0) this.#byOwner.delete(tab.owner);
  }

  #seats(): Seat[] {
    const tabs = [...this.#byOwner.values()].flatMap((tabs) => [...tabs.values()]);
    return tabs.flatMap(({ seat }) => seat ?? []);
  }

  #wakeSlice(): void {
    for (let left = SLICE; left > 0; left--) {
      const tab = this.#queue.shift();
      if (tab === undefined) return;
      tab.isQueued = false;
      tab.seat?.wake();
    }
    if (this.#queue.length > 0) this.#timer = setTimeout(() => this.#wakeSlice(), 0);
  }
}
