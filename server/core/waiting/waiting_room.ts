import type { Topic } from "../model/message.ts";
import { type Runtime, SYSTEM_RUNTIME } from "../../base/runtime.ts";
import { SmallMap } from "../../base/small_map.ts";
import { type HubEvents, LATEST } from "../model/hub_events.ts";
import { type ParkOptions, type Release, Seat, type TabOwner, WaitingTab as Tab } from "./seat.ts";
import { type SharedTabs, TabCounts, type WaitingRoomBounds } from "./tab_counts.ts";
import { TimerWheel } from "./timer_wheel.ts";
import { TopicIndex } from "./topic_index.ts";
import { WakeQueue } from "./wake_queue.ts";

/** A poll to be parked. */
export interface ParkRequest extends ParkOptions {
  /** The session's public token. */
  readonly owner: string;
  readonly tab: string;
  /** The id that its cursor acknowledges. */
  readonly after?: number | undefined;
  /** The same array as before if nothing has changed; then the tab need not be listed again. */
  readonly topics: readonly Topic[];
}

/** Maximum number of polls that are released in one turn of the event loop when the server stops. */
const RELEASE_SLICE = 250;

/** Time in ms between two checks of a tab. Most polls are answered sooner and are never checked. */
const CHECK_INTERVAL = 2_000;

/**
 * Parked polls, one seat per tab. `Polling` parks a poll here before it reads the log, so a message that is appended in
 * between wakes it. Knows nothing about messages, channels or HTTP.
 */
export class WaitingRoom implements TabOwner, Disposable {
  readonly #bounds: WaitingRoomBounds;
  readonly #counts: TabCounts;
  readonly #events: Pick<HubEvents, "tabConnected">;
  readonly #runtime: Runtime;
  readonly #wheel: TimerWheel;
  readonly #byOwner = new Map<string, SmallMap<string, Tab>>();
  readonly #byTopic = new TopicIndex();
  readonly #queue: WakeQueue;

  /** `shared`: what the waiting rooms of the workers of this process share, if there are several. */
  constructor(
    bounds: WaitingRoomBounds,
    events: Pick<HubEvents, "tabConnected">,
    { shared, runtime = SYSTEM_RUNTIME }: {
      readonly shared?: SharedTabs | undefined;
      readonly runtime?: Runtime;
    } = {},
  ) {
    this.#bounds = bounds;
    this.#counts = new TabCounts(bounds, shared, runtime);
    this.#runtime = runtime;
    this.#wheel = new TimerWheel(runtime);
    this.#queue = new WakeQueue(runtime);
    this.#events = events;
  }

  /** Number of parked polls. */
  get size(): number {
    return this.#counts.seats;
  }

  /** Number of parked polls at all workers of the process. */
  get allSeats(): number {
    return this.#counts.allSeats;
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
    return this.#byTopic.countOf(topic);
  }

  /** Number of topics of which a tab from this network is the reader that has waited for the longest. */
  topicsOf(network: string): number {
    return this.#counts.topicsOf(network);
  }

  /**
   * Parks a poll and releases the older poll of the same tab as `superseded`, or as `repeated` if it has the same turn. If
   * the older poll has the higher turn, the new seat comes back released instead. Rejects with `too_many_tabs`, `too_many_polls`, or `too_many_requests` for too
   * many tabs from one network.
   */
  park(poll: ParkRequest): Seat {
    const known = this.#byOwner.get(poll.owner)?.get(poll.tab);
    const tab = known ?? this.#addTab(poll);
    const seat = new Seat(poll, this.#wheel.after(poll.hold), tab);
    const isStale = (poll.turn ?? Infinity) < (tab.seat?.turn ?? -Infinity);
    if (!isStale) tab.seat?.yieldTo(poll.turn);
    this.#counts.addSeat();
    const move = this.#counts.occupy(tab.places);
    seat.repliedElsewhereAt = move?.repliedAt;
    if (isStale) seat.release("superseded");
    else this.#assign(tab, seat, poll.topics);
    if (!this.#queue.isEmpty) this.#joinQueue(tab, seat);
    if (known === undefined || move?.wasParked || move?.isUnacknowledged) {
      const { owner, after } = poll;
      const turn = poll.turn ?? (move && LATEST);
      this.#events.tabConnected.emit({ owner, tab: poll.tab, turn, after });
    }
    return seat;
  }

  /** Wakes each poll that waits for one of `topics`, once: the first slice now, the others in later turns. */
  wake(topics: readonly Topic[]): void {
    const wasEmpty = this.#queue.isEmpty;
    for (const topic of topics) {
      this.#byTopic.forEach(topic, (tab) => {
        if (tab.seat !== undefined) this.#queue.add(tab);
      });
    }
    this.#queue.start(wasEmpty);
  }

  /**
   * A tab polls another node with that turn. Its poll here is released as `superseded`; if that one has the higher turn,
   * it stays, and its turn is returned.
   */
  yield(owner: string, tab: string, turn: number): number | undefined {
    const known = this.#byOwner.get(owner)?.get(tab);
    if (known?.seat === undefined) return undefined;
    if (turn === LATEST && this.#counts.hasLatest(known.places)) return undefined;
    const own = known.seat.turn ?? (turn === LATEST ? -Infinity : turn);
    if (own === turn) return undefined;
    if (own > turn) return own;
    known.seat.release("superseded");
    // If the tab comes back to this node soon, that counts as connecting again.
    this.#removeTab(known);
    return undefined;
  }

  /** Releases all polls of a session. */
  dismiss(owner: string, reason: Release): void {
    for (const tab of this.#byOwner.get(owner)?.values() ?? []) tab.seat?.release(reason);
  }

  /**
   * Releases the polls whose clients have such an address, in slices: that of a poll is found out now. `onDismiss` is called
   * for each of their tabs, and for those between two polls whose first poll came from there.
   */
  async dismissFrom(
    isMatch: (address: string) => boolean,
    { reason, onDismiss }: {
      readonly reason: Release;
      readonly onDismiss: (owner: string, tab: string) => void;
    },
  ): Promise<void> {
    for (const [n, { seat, owner, name, address: first }] of this.#tabs().entries()) {
      const address = seat === undefined ? first : seat.connection.address;
      if (address !== undefined && isMatch(address)) {
        seat?.release(reason);
        onDismiss(owner, name);
      }
      if (n % RELEASE_SLICE === RELEASE_SLICE - 1) await this.#runtime.delay(0);
    }
  }

  /** The address that the parked poll of a tab comes from. */
  addressOf(owner: string, tab: string): string | undefined {
    return this.#byOwner.get(owner)?.get(tab)?.seat?.connection.address;
  }

  /** Releases all polls as `closing`, in slices. `returnDelayOf` returns the time in ms after which the n-th client comes back. */
  async close(returnDelayOf: (n: number, of: number) => number): Promise<void> {
    const seats = this.#seats();
    for (const [n, seat] of seats.entries()) {
      seat.retryAfter = returnDelayOf(n, seats.length);
      seat.release("closing");
      if (n % RELEASE_SLICE === RELEASE_SLICE - 1) {
        await this.#runtime.delay(0);
      }
    }
  }

  [Symbol.dispose](): void {
    for (const seat of this.#seats()) seat.release("closing");
    this.#wheel[Symbol.dispose]();
  }

  onSeatReleased(tab: Tab): void {
    this.#counts.removeSeat();
    this.#counts.vacate(tab.places, tab.seat === undefined);
  }

  onReply(tab: Tab, isUnacknowledged: boolean): void {
    this.#counts.onReply(tab.places, isUnacknowledged);
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
    const tabs = this.#byOwner.get(owner) ?? new SmallMap<string, Tab>();
    if (tabs.size >= this.#bounds.tabsPerSession) this.#removeEmpty(tabs);
    const places = this.#counts.enter(owner, name, tabs.size);
    const { network, address } = connection;
    try {
      if (network !== undefined) this.#counts.enterNetwork(network, { owner, name, places });
    } catch (refused) {
      this.#counts.leave(places);
      throw refused;
    }
    const tab = new Tab({ owner, name, network, address, places, room: this });
    tabs.set(name, tab);
    this.#byOwner.set(owner, tabs);
    this.#scheduleCheck(tab);
    return tab;
  }

  /** Counts a topic for the network of the tab that has waited for it for the longest. */
  #countTopic(change: 1 | -1, topic: Topic): void {
    const first = this.#byTopic.firstOf(topic);
    if (first !== undefined) this.#counts.countTopic(first.network, change);
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
    if (seat.isInLine) this.#queue.add(tab);
  }

  /** Lists a tab under new topics. */
  #list(tab: Tab, topics: readonly Topic[]): void {
    for (const topic of tab.topics) {
      this.#countTopic(-1, topic);
      this.#byTopic.delete(topic, tab);
      this.#countTopic(1, topic);
    }
    tab.topics = topics;
    for (const topic of topics) {
      this.#byTopic.add(topic, tab);
      if (this.#byTopic.countOf(topic) === 1) this.#countTopic(1, topic);
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

  #removeEmpty(tabs: SmallMap<string, Tab>): void {
    for (const tab of tabs.values()) {
      if (tab.seat === undefined) this.#removeTab(tab);
    }
  }

  #removeTab(tab: Tab): void {
    this.#wheel.cancel(tab, tab.due);
    this.#list(tab, []);
    this.#counts.leaveNetwork(tab.network, tab.places);
    this.#counts.leave(tab.places);
    const tabs = this.#byOwner.get(tab.owner);
    tabs?.delete(tab.name);
    if (tabs?.size === 0) this.#byOwner.delete(tab.owner);
  }

  #seats(): Seat[] {
    return this.#tabs().flatMap(({ seat }) => seat ?? []);
  }

  #tabs(): Tab[] {
    return [...this.#byOwner.values()].flatMap((tabs) => [...tabs.values()]);
  }
}
