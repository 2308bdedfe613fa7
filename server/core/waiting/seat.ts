import type { MonotonicTime } from "../../base/clock.ts";
import type { Topic } from "../model/message.ts";
import type { TabPlaces } from "./tab_counts.ts";
import type { Timed } from "./timer_wheel.ts";

/** Why a parked poll was released. */
export type Release =
  | "timeout"
  | "superseded"
  | "repeated"
  | "signed_out"
  | "kicked"
  | "banned"
  | "closing"
  | "aborted";

/** The delay in ms before the next poll of a client whose poll came twice. Two clients with one name and turn do not spin. */
const REPEATED_DELAY = 1_000;

/** What happens to a parked poll: there may be something to read, or it is released. */
export type SeatEvent = "growth" | Release;

/** The connection that a poll came on. Its members are getters, since most polls never need these costly values. */
export interface PollConnection {
  /** Aborts when the client disconnects. */
  readonly signal: AbortSignal;
  /** The client's network, if limits by address apply to it. */
  readonly network?: string | undefined;
  /** The client's network, whether limits apply to it or not. */
  readonly address?: string | undefined;
  /** Called for each portion that the poll reads from the store. */
  readonly onPortion?: () => void;
  /** Called when the poll asks for other channels than the last one of its tab, with their number. */
  readonly onNewChannels?: (count: number) => void;
}

/** How a poll is parked. */
export interface ParkOptions {
  /** The highest turn of a tab wins; without turns, the latest poll. */
  readonly turn: number | undefined;
  /** Maximum time to wait, in ms. */
  readonly hold: number;
  readonly connection: PollConnection;
}

/** Called for what happens to a tab. */
export interface TabOwner {
  onTabDue(tab: WaitingTab): void;
  onSeatReleased(tab: WaitingTab): void;
  onReply(tab: WaitingTab, isUnacknowledged: boolean): void;
}

type TabFields = "owner" | "name" | "network" | "address" | "places" | "room";

/**
 * One tab in the {@linkcode WaitingRoom}. It outlives its poll by a few seconds, because the next poll usually comes at
 * once: a poll that is woken and comes back then adds and removes no map entries.
 */
export class WaitingTab implements Timed {
  topics: readonly Topic[] = [];
  seat: Seat | undefined;
  /** Whether it is in the wake queue. */
  isQueued = false;
  /** The tick of its next check. */
  due = 0;
  /** Whether it had no seat at its last check. */
  wasEmpty = false;

  readonly owner: string;
  readonly name: string;
  readonly network: string | undefined;
  /** Where its first poll came from. */
  readonly address: string | undefined;
  /** Where it is counted among the tabs of all workers, if there are several. */
  readonly places: TabPlaces | undefined;
  readonly room: TabOwner;

  constructor({ owner, name, network, address, places, room }: Pick<WaitingTab, TabFields>) {
    this.owner = owner;
    this.name = name;
    this.network = network;
    this.address = address;
    this.places = places;
    this.room = room;
  }

  onDue(): void {
    this.room.onTabDue(this);
  }
}

/**
 * The seat of one parked poll in the {@linkcode WaitingRoom}. It can be woken any number of times until it is released,
 * once and for one reason.
 */
export class Seat implements Disposable {
  readonly turn: number | undefined;
  readonly connection: PollConnection;
  /** The tick of the timer wheel at which its hold ends. */
  readonly end: number;
  /** Whether its poll must wait to be woken before it reads, because other tabs are in line before it. */
  isInLine = false;
  /** When its tab was last sent a reply by another worker, if its latest poll was there. */
  repliedElsewhereAt: MonotonicTime | undefined;
  /** Why it was released; `undefined` while its poll is parked. */
  released: Release | undefined;
  /** With `closing` and `repeated`: the time in ms after which the client should come back. */
  retryAfter = 0;
  readonly #tab: WaitingTab;
  #isWoken = false;
  #wasChecked = false;
  #resolve: ((event: SeatEvent) => void) | undefined;
  #signal: AbortSignal | undefined;

  constructor({ turn, connection }: ParkOptions, end: number, tab: WaitingTab) {
    this.turn = turn;
    this.connection = connection;
    this.end = end;
    this.#tab = tab;
  }

  /** The next event: `growth` each time the seat is woken, then the reason of its release. */
  next(): Promise<SeatEvent> | SeatEvent {
    if (this.released !== undefined) return this.released;
    if (!this.#isWoken) return new Promise((resolve) => this.#resolve = resolve);
    this.#isWoken = false;
    return "growth";
  }

  /** There may be something to read. The seat stays occupied. */
  wake(): void {
    const resolve = this.#resolve;
    this.#resolve = undefined;
    if (resolve === undefined) this.#isWoken = true;
    else resolve("growth");
  }

  /** A reply is made for it, with messages whose acknowledgement matters or without. */
  onReply(isUnacknowledged: boolean): void {
    if (this.#tab.places !== undefined) this.#tab.room.onReply(this.#tab, isUnacknowledged);
  }

  /**
   * Releases the poll for the next one of its tab. If that has the same turn, it is the same request: browsers and proxies
   * send one again whose connection has failed. It is not known which of the two replies the client gets, so that neither
   * may tell it to stop.
   */
  yieldTo(turn: number | undefined): void {
    const isRepeated = turn !== undefined && turn === this.turn;
    if (isRepeated) this.retryAfter = REPEATED_DELAY;
    this.release(isRepeated ? "repeated" : "superseded");
  }

  /** Releases the poll. Only the first call has an effect. */
  release(reason: Release): void {
    if (this.released !== undefined) return;
    this.released = reason;
    this.#signal?.removeEventListener("abort", this);
    if (this.#tab.seat === this) this.#tab.seat = undefined;
    this.#tab.room.onSeatReleased(this.#tab);
    this.#resolve?.(reason);
  }

  /**
   * Called by the waiting room every few seconds. From the second call on, the seat listens for a disconnect: a listener
   * on every poll would double its cost, and most polls are answered before that.
   */
  check(): void {
    if (this.#wasChecked && this.#signal === undefined) {
      this.#releaseOnAbort(this.connection.signal);
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
}
