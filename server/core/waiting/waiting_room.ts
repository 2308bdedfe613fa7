import type { Topic } from "../model/message.ts";
import { Deque } from "../../base/deque.ts";
import type { HubEvents } from "../model/hub_events.ts";
import { Refused } from "../model/refused.ts";
import { type ParkOptions, type Release, Seat, type TabOwner, WaitingTab as Tab } from "./seat.ts";
import { TimerWheel } from "./timer_wheel.ts";

/** Limits of a waiting room. */
export interface WaitingRoomBounds {
  /** Maximum number of parked polls. */
  readonly seats: number;
  /** Maximum number of tabs per session. */
  readonly tabsPerSession: number;
  /** Maximum number of tabs from one network. */
  readonly tabsPerNetwork: number;
}

/** A poll to be parked. */
export interface ParkRequest extends ParkOptions {
  /** The session's public token. */
  readonly owner: string;
  readonly tab: string;
  /** The same array as before if nothing has changed; then the tab need not be listed again. */
  readonly topics: readonly Topic[];
}

/** Maximum number of seats that are woken or released in one turn of the event loop, so that it is not blocked. */
const SLICE = 250;

/** Time in ms between two checks of a tab. Most polls are answered sooner and are never checked. */
const CHECK_INTERVAL = 2_000;

/**
 * Parked polls, one seat per tab. `Polling` parks a poll here before it reads the log, so a message that is appended in
 * between wakes it. Knows nothing about messages, channels or HTTP.
 */
export class WaitingRoom implements TabOwner, Disposable {
  readonly #bounds: WaitingRoomBounds;
  readonly #events: Pick<HubEvents, "tabConnected">;
  readonly #wheel = new TimerWheel();
  readonly #byOwner = new Map<string, Map<string, Tab>>();
  readonly #byTopic = new Map<Topic, Set<Tab>>();
  /** Number of tabs from each network, and of topics that one of them has waited for the longest. */
  readonly #byNetwork = new Map<string, { tabs: number; topics: number }>();
  /** Tabs to be woken; some of their polls may have been released since. */
  readonly #queue = new Deque<Tab>();
  #timer: ReturnType<typeof setTimeout> | undefined;
  #size = 0;

  constructor(bounds: WaitingRoomBounds, events: Pick<HubEvents, "tabConnected">) {
    this.#bounds = bounds;
    this.#events = events;
  }

  /** Number of parked polls. */
  get size(): number {
    return this.#size;
  }

  /** Number of topics that tabs wait for, or did a few seconds ago. */
  get topics(): number {
    return this.#byTopic.size;
  }

  /** Whether a poll of this tab is parked. */
  isParked(owner: string, tab: string): boolean {
    return this.#byOwner.get(owner)?.get(tab)?.seat !== undefined;
  }

  /** Number of tabs that wait for this topic, or did a few seconds ago. */
  readersOf(topic: Topic): number {
    return this.#byTopic.get(topic)?.size ?? 0;
  }

  /** Number of topics of which a tab from this network is the reader that has waited for the longest. */
  topicsOf(network: string): number {
    return this.#byNetwork.get(network)?.topics ?? 0;
  }

  /**
   * Parks a poll and releases the older poll of the same tab as `superseded`. If the older poll has the higher turn, the
   * new seat comes back released instead. Rejects with `too_many_tabs`, `too_many_polls`, or `too_many_requests` for too
   * many tabs from one network.
   */
  park(poll: ParkRequest): Seat {
    const known = this.#byOwner.get(poll.owner)?.get(poll.tab);
    const tab = known ?? this.#addTab(poll);
    const seat = new Seat(poll, this.#wheel.after(poll.hold), tab);
    const isStale = (poll.turn ?? Infinity) < (tab.seat?.options.turn ?? -Infinity);
    if (!isStale) tab.seat?.release("superseded");
    this.#checkSeats();
    this.#size++;
    if (isStale) seat.release("superseded");
    else this.#assign(tab, seat, poll.topics);
    if (this.#queue.length > 0) this.#joinQueue(tab, seat);
    if (known === undefined) {
      this.#events.tabConnected.emit({ owner: poll.owner, tab: poll.tab, turn: poll.turn });
    }
    return seat;
  }

  /** Wakes each poll that waits for one of `topics`, once: the first slice now, the others in later turns. */
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
   * A tab polls another node with that turn. Its poll here is released as `superseded`; if that one has the higher turn,
   * it stays, and its turn is returned.
   */
  yield(owner: string, tab: string, turn: number): number | undefined {
    const known = this.#byOwner.get(owner)?.get(tab);
    const own = known?.seat?.options.turn;
    if (known === undefined || own === undefined || own === turn) return undefined;
    if (own > turn) return own;
    known.seat?.release("superseded");
    // If the tab comes back to this node soon, that counts as connecting again.
    this.#removeTab(known);
    return undefined;
  }

  /** Releases all polls of a session. */
  dismiss(owner: string, reason: Release): void {
    for (const tab of this.#byOwner.get(owner)?.values() ?? []) tab.seat?.release(reason);
  }

  /** Releases all polls as `closing`, in slices. `returnDelayOf` returns the time in ms after which the n-th client comes back. */
  async close(returnDelayOf: (n: number, of: number) => number): Promise<void> {
    const seats = this.#seats();
    for (const [n, seat] of seats.entries()) {
      seat.retryAfter = returnDelayOf(n, seats.length);
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
    if (isEmpty && tab.wasEmpty) return this.#removeTab(tab);
    tab.wasEmpty = isEmpty;
    if (tab.seat !== undefined && tab.seat.end <= tab.due) tab.seat.release("timeout");
    tab.seat?.check();
    this.#scheduleCheck(tab);
  }

  #addTab({ owner, tab: name, connection }: ParkRequest): Tab {
    const tabs = this.#byOwner.get(owner) ?? new Map<string, Tab>();
    const { tabsPerSession } = this.#bounds;
    if (tabs.size >= tabsPerSession) this.#removeEmpty(tabs);
    if (tabs.size >= tabsPerSession) {
      const detail = `At most ${tabsPerSession} tabs of a session can poll at the same time`;
      throw new Refused("too_many_tabs", detail, 10_000);
    }
    const tab = new Tab(owner, name, this.#enter(connection.network), this);
    tabs.set(name, tab);
    this.#byOwner.set(owner, tabs);
    this.#scheduleCheck(tab);
    return tab;
  }

  /** Counts a tab of a network. A tab belongs to the network that its first poll came from. */
  #enter(network: string | undefined): string | undefined {
    if (network === undefined) return undefined;
    const count = this.#byNetwork.get(network) ?? { tabs: 0, topics: 0 };
    const { tabsPerNetwork: quota } = this.#bounds;
    if (count.tabs >= quota) {
      const detail = `At most ${quota} tabs from your address can poll at the same time`;
      const limit = { name: "parked-polls-per-address", quota };
      throw new Refused("too_many_requests", detail, 5_000, limit);
    }
    count.tabs++;
    this.#byNetwork.set(network, count);
    return network;
  }

  #leave(network: string | undefined): void {
    const count = network === undefined ? undefined : this.#byNetwork.get(network);
    if (network === undefined || count === undefined) return;
    count.tabs--;
    if (count.tabs === 0) this.#byNetwork.delete(network);
  }

  #countTopic(change: 1 | -1, tabs: ReadonlySet<Tab>): void {
    const [first] = tabs;
    const count = first?.network === undefined ? undefined : this.#byNetwork.get(first.network);
    if (count !== undefined) count.topics += change;
  }

  #checkSeats(): void {
    if (this.#size < this.#bounds.seats) return;
    throw new Refused("too_many_polls", "The server has reached its limit of parked polls", 5_000);
  }

  #assign(tab: Tab, seat: Seat, topics: readonly Topic[]): void {
    tab.seat = seat;
    if (tab.topics !== topics) this.#list(tab, topics);
    if (seat.end < tab.due) this.#reschedule(tab, seat.end);
  }

  /**
   * While tabs are being woken, a poll that comes in waits in the same queue. By the time it is its turn, more messages
   * have arrived and one reply carries them all. If returning polls were answered at once, they would be answered
   * message by message and delay everyone else.
   */
  #joinQueue(tab: Tab, seat: Seat): void {
    seat.isInLine = seat.released === undefined;
    if (!seat.isInLine || tab.isQueued) return;
    tab.isQueued = true;
    this.#queue.push(tab);
  }

  /** Lists a tab under new topics. */
  #list(tab: Tab, topics: readonly Topic[]): void {
    for (const topic of tab.topics) {
      const tabs = this.#byTopic.get(topic);
      if (tabs === undefined) continue;
      this.#countTopic(-1, tabs);
      tabs.delete(tab);
      this.#countTopic(1, tabs);
      if (tabs.size === 0) this.#byTopic.delete(topic);
    }
    tab.topics = topics;
    for (const topic of topics) {
      let tabs = this.#byTopic.get(topic);
      if (tabs === undefined) this.#byTopic.set(topic, tabs = new Set());
      tabs.add(tab);
      if (tabs.size === 1) this.#countTopic(1, tabs);
    }
  }

  #scheduleCheck(tab: Tab): void {
    tab.due = Math.min(this.#wheel.after(CHECK_INTERVAL), tab.seat?.end ?? Infinity);
    this.#wheel.schedule(tab, tab.due);
  }

  #reschedule(tab: Tab, due: number): void {
    this.#wheel.cancel(tab, tab.due);
    tab.due = due;
    this.#wheel.schedule(tab, due);
  }

  #removeEmpty(tabs: ReadonlyMap<string, Tab>): void {
    for (const tab of tabs.values()) {
      if (tab.seat === undefined) this.#removeTab(tab);
    }
  }

  #removeTab(tab: Tab): void {
    this.#wheel.cancel(tab, tab.due);
    this.#list(tab, []);
    this.#leave(tab.network);
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
