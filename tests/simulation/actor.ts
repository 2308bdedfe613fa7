import type { QueuedEvent } from "./event_queue.ts";

/** An event of an actor, with its place in the queue. */
export interface PlannedEvent extends QueuedEvent, ActorEvent {
  readonly actor: Actor;
}

interface ActorEvent {
  readonly what: string;
  readonly run: () => void;
  readonly isCancelled: () => boolean;
}

/** How an actor plans events: `Scheduler` passes it. */
interface Schedule {
  readonly now: () => number;
  readonly add: (ms: number, event: ActorEvent) => void;
  readonly trace: (what: string) => void;
}

/**
 * Somebody that events happen to: a node, a tab or a disk. All waiting in a simulation is for an event of an actor. After
 * `crash` none of its events happens any more, so that its code never continues after the `await` where it stands.
 * While it is paused (a sleeping laptop, a frozen page, a node that is starved) they are late.
 */
export class Actor {
  readonly name: string;
  readonly #schedule: Schedule;
  #isAlive = true;
  #late: PlannedEvent[] | undefined;

  constructor(name: string, schedule: Schedule) {
    this.name = name;
    this.#schedule = schedule;
  }

  get isAlive(): boolean {
    return this.#isAlive;
  }

  get isPaused(): boolean {
    return this.#late !== undefined;
  }

  /** Simulated time in ms since the start. */
  get now(): number {
    return this.#schedule.now();
  }

  /** Calls `run` after `ms`, unless the actor has crashed or it was cancelled. Returns what cancels it. */
  after(ms: number, what: string, run: () => void): () => void {
    let isCancelled = false;
    if (this.#isAlive) this.#schedule.add(ms, { what, run, isCancelled: () => isCancelled });
    return () => void (isCancelled = true);
  }

  /** Calls `work` after `ms`, and settles as it does. Never settles if the actor has crashed by then. */
  later<T>(ms: number, what: string, work: () => T | Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      this.after(ms, what, () => {
        try {
          resolve(work());
        } catch (error) {
          reject(error);
        }
      });
    });
  }

  /** Adds a line to the trace. */
  note(what: string): void {
    this.#schedule.trace(what);
  }

  /** The end of this actor. Its promises stay pending. */
  crash(what = "crashes"): void {
    if (!this.#isAlive) return;
    this.#isAlive = false;
    this.#late = undefined;
    this.note(what);
  }

  pause(what = "pauses"): void {
    if (!this.#isAlive || this.#late) return;
    this.#late = [];
    this.note(what);
  }

  resume(what = "resumes"): void {
    const late = this.#late;
    if (!this.#isAlive || !late) return;
    this.#late = undefined;
    this.note(what);
    for (const event of late) this.#schedule.add(0, event);
  }

  /** For `Scheduler`, when the time of an event has come. Returns whether it has happened. */
  run(event: PlannedEvent): boolean {
    if (!this.#isAlive || event.isCancelled()) return false;
    if (this.#late) {
      this.#late.push(event);
      return false;
    }
    this.note(event.what);
    event.run();
    return true;
  }
}
