import { type MonotonicTime, PROCESS_START, SharedTimes } from "../../base/clock.ts";
import { type Runtime, SYSTEM_RUNTIME } from "../../base/runtime.ts";
import { type CountMemory, SharedCounts } from "../../base/shared_counts.ts";
import type { Place } from "../../base/shared_table.ts";
import { Refused } from "../model/refused.ts";

/** Limits of a waiting room. */
export interface WaitingRoomBounds {
  /** Maximum number of parked polls. */
  readonly seats: number;
  /** Maximum number of tabs per session. */
  readonly tabsPerSession: number;
  /** Maximum number of tabs from one network. */
  readonly tabsPerNetwork: number;
}

/** What the waiting rooms of the workers of a process share. */
export interface SharedTabs {
  /** The number of this worker, from 1. */
  readonly worker: number;
  readonly memory: CountMemory;
  /** For each row of a tab, when it was last sent a reply. */
  readonly replyTimes: ArrayBufferLike;
  /** One `Int32`: the number of parked polls. */
  readonly seats: ArrayBufferLike;
}

/**
 * Where a tab is counted among those of all workers. The mark of the tab has the number of the worker of its latest poll, and
 * flags; the mark of its owner is the number of its seats.
 */
export interface TabPlaces {
  readonly tab: Place;
  readonly owner: Place;
  /** The tab as one from its network; its mark is 1 if it is counted there, by whichever worker. */
  fromNetwork?: Place | undefined;
}

/** What the worker of a tab's latest poll has of it: a parked poll, or a reply whose acknowledgement it waits for. */
const FLAGS = { parked: 1, unacknowledged: 2, bits: 2 } as const;

/** What a tab had at the worker of its latest poll, when it polls another one. */
export interface Move {
  readonly wasParked: boolean;
  readonly isUnacknowledged: boolean;
  /** When it was last sent a reply there; `undefined` if it was sent none. */
  readonly repliedAt: MonotonicTime | undefined;
}

/** Rows for each parked poll: its tab, its session, its network and the tab there can each need one; half stay free. */
const ROWS_PER_SEAT = 8;

/** Maximum number of rows: 24 bytes each. */
const MAX_ROWS = 2 ** 21;

/** Makes the memory for waiting rooms that have this number of seats together. */
export function allocateTabs(seats: number, runtime?: Runtime): Omit<SharedTabs, "worker"> {
  const memory = SharedCounts.allocate(Math.min(seats * ROWS_PER_SEAT, MAX_ROWS), runtime);
  return {
    memory,
    replyTimes: new SharedArrayBuffer(memory.table.keys.byteLength),
    seats: new SharedArrayBuffer(4),
  };
}

/** A tab to be counted for its network. */
interface NetworkTab {
  readonly owner: string;
  readonly name: string;
  readonly places: TabPlaces | undefined;
}

/** The tabs of one network, and the topics of which one of them has waited for the longest. */
interface NetworkCount {
  tabs: number;
  topics: number;
  readonly place: Place | undefined;
}

/**
 * Counts the seats and tabs of a waiting room, and refuses those beyond its bounds. The waiting rooms of several workers
 * count together: the bounds hold for the process.
 */
export class TabCounts {
  readonly #bounds: WaitingRoomBounds;
  readonly #byNetwork = new Map<string, NetworkCount>();
  readonly #shared: SharedCounts | undefined;
  readonly #replyTimes: SharedTimes | undefined;
  readonly #worker: number;
  /** One number: the seats of this process. */
  readonly #allSeats: Int32Array<ArrayBufferLike>;
  readonly #runtime: Runtime;
  #seats = 0;

  constructor(bounds: WaitingRoomBounds, shared?: SharedTabs, runtime: Runtime = SYSTEM_RUNTIME) {
    this.#runtime = runtime;
    this.#bounds = bounds;
    this.#shared = shared && new SharedCounts(shared.memory);
    this.#replyTimes = shared && new SharedTimes(shared.replyTimes);
    this.#worker = shared?.worker ?? 1;
    this.#allSeats = new Int32Array(shared?.seats ?? new ArrayBuffer(4));
  }

  /** Number of seats of this waiting room. */
  get seats(): number {
    return this.#seats;
  }

  /** Number of seats of all workers. */
  get allSeats(): number {
    return Atomics.load(this.#allSeats, 0);
  }

  /** Number of topics of which a tab from this network is the reader that has waited for the longest. */
  topicsOf(network: string): number {
    const count = this.#byNetwork.get(network);
    return this.#shared && count?.place ? this.#shared.mark(count.place) : count?.topics ?? 0;
  }

  /** Counts a seat. Rejects with `too_many_polls`. */
  addSeat(): void {
    if (Atomics.add(this.#allSeats, 0, 1) >= this.#bounds.seats) {
      Atomics.sub(this.#allSeats, 0, 1);
      throw new Refused(
        "too_many_polls",
        "The server has reached its limit of parked polls",
        5_000,
      );
    }
    this.#seats++;
  }

  removeSeat(): void {
    Atomics.sub(this.#allSeats, 0, 1);
    this.#seats--;
  }

  /** Counts a tab of a session that has `own` others in this waiting room. Rejects with `too_many_tabs`. */
  enter(owner: string, name: string, own: number): TabPlaces | undefined {
    const { tabsPerSession: max } = this.#bounds;
    const shared = this.#shared;
    const tab = shared?.find(`tab ${owner} ${name}`);
    const all = shared?.find(`owner ${owner}`);
    if (own >= max || shared !== undefined && all !== undefined && shared.mark(all) >= max) {
      const detail = `At most ${max} tabs of a session can poll at the same time`;
      throw new Refused("too_many_tabs", detail, 10_000);
    }
    if (shared === undefined || tab === undefined || all === undefined) return undefined;
    shared.enter(tab);
    shared.enter(all);
    return { tab, owner: all };
  }

  leave(places: TabPlaces | undefined): void {
    if (places === undefined) return;
    this.#shared?.leave(places.tab);
    this.#shared?.leave(places.owner);
  }

  /** The tab now has a seat here. Returns what it had at another worker, if its latest poll was there. */
  occupy(places: TabPlaces | undefined): Move | undefined {
    if (places === undefined || this.#shared === undefined) return undefined;
    this.#shared.addToMark(places.owner, 1);
    const before = this.#shared.setMark(places.tab, this.#mark(FLAGS.parked));
    const worker = before >> FLAGS.bits;
    if (worker === 0 || worker === this.#worker) return undefined;
    const repliedAt = this.#replyTimes?.at(places.tab.row);
    return {
      wasParked: (before & FLAGS.parked) !== 0,
      isUnacknowledged: (before & FLAGS.unacknowledged) !== 0,
      repliedAt: repliedAt !== undefined && repliedAt > PROCESS_START ? repliedAt : undefined,
    };
  }

  /** The tab is sent a reply, with messages whose acknowledgement matters or without. */
  onReply(places: TabPlaces | undefined, isUnacknowledged: boolean): void {
    if (places === undefined || this.#shared === undefined) return;
    this.#replyTimes?.set(places.tab.row, this.#runtime.monotonicNow());
    const parked = this.#mark(FLAGS.parked);
    if (isUnacknowledged) {
      this.#shared.replaceMark(places.tab, parked, parked | FLAGS.unacknowledged);
    }
  }

  /** A seat of the tab was released; `isLast`: it has none here any more. */
  vacate(places: TabPlaces | undefined, isLast: boolean): void {
    if (places === undefined || this.#shared === undefined) return;
    this.#shared.addToMark(places.owner, -1);
    const mark = this.#shared.mark(places.tab);
    if (isLast && mark >> FLAGS.bits === this.#worker) {
      this.#shared.replaceMark(places.tab, mark, mark & ~FLAGS.parked);
    }
  }

  /** Whether no worker has given a seat to the tab since this one did. */
  hasLatest(places: TabPlaces | undefined): boolean {
    if (places === undefined || this.#shared === undefined) return false;
    return this.#shared.mark(places.tab) >> FLAGS.bits === this.#worker;
  }

  #mark(flags: number): number {
    return this.#worker << FLAGS.bits | flags;
  }

  /**
   * Counts a tab of a network. If it polls several workers from there, it is counted once, until none of them has it. Rejects
   * with `too_many_requests`.
   */
  enterNetwork(network: string, { owner, name, places }: NetworkTab): void {
    const { tabsPerNetwork: quota } = this.#bounds;
    const shared = this.#shared;
    const known = this.#byNetwork.get(network);
    const count = known ?? { tabs: 0, topics: 0, place: shared?.find(`network ${network}`) };
    const from = places && shared?.find(`tab from ${network} ${owner} ${name}`);
    const isFull = shared !== undefined && count.place !== undefined && from !== undefined
      ? !enterOnce(shared, count.place, { from, quota })
      : count.tabs >= quota;
    if (isFull) {
      const detail = `At most ${quota} tabs from your address can poll at the same time`;
      const limit = { name: "parked-polls-per-address", quota };
      throw new Refused("too_many_requests", detail, 5_000, { limit });
    }
    if (places !== undefined && count.place !== undefined) places.fromNetwork = from;
    count.tabs++;
    this.#byNetwork.set(network, count);
  }

  leaveNetwork(network: string | undefined, places: TabPlaces | undefined): void {
    const count = network === undefined ? undefined : this.#byNetwork.get(network);
    if (network === undefined || count === undefined) return;
    const shared = this.#shared;
    const from = places?.fromNetwork;
    if (shared !== undefined && count.place !== undefined && from !== undefined) {
      leaveOnce(shared, count.place, from);
    }
    count.tabs--;
    if (count.tabs === 0) this.#byNetwork.delete(network);
  }

  /** A tab of this network became the one that has waited for a topic for the longest, or no longer is. */
  countTopic(network: string | undefined, change: 1 | -1): void {
    const count = network === undefined ? undefined : this.#byNetwork.get(network);
    if (count === undefined) return;
    count.topics += change;
    if (count.place !== undefined) this.#shared?.addToMark(count.place, change);
  }
}

/** Counts a tab that is at `from` for the network at `place`, unless a worker has done so. Returns whether it is counted. */
function enterOnce(
  shared: SharedCounts,
  place: Place,
  { from, quota }: { readonly from: Place; readonly quota: number },
): boolean {
  shared.enter(from);
  if (shared.mark(from) === 1) return true;
  if (shared.enter(place, quota) === undefined) {
    leaveOnce(shared, place, from);
    return false;
  }
  // Another worker may have counted it meanwhile.
  if (shared.setMark(from, 1) === 1) shared.leave(place);
  return true;
}

/** A worker no longer has the tab that is at `from`. If it is the last one, the tab no longer counts for the network. */
function leaveOnce(shared: SharedCounts, place: Place, from: Place): void {
  if (shared.leave(from) === 0 && shared.setMark(from, 0) === 1) shared.leave(place);
}
