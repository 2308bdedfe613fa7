import { nextTick } from "node:process";
import { Actor, type PlannedEvent } from "./actor.ts";
import { EventQueue } from "./event_queue.ts";
import { Trace } from "./trace.ts";

/**
 * The simulated time, and all events that are going to happen, each in the name of an actor. Nothing else makes time
 * pass: between two events the clock jumps. Everything that an event causes without waiting for another event (its
 * microtasks) has happened before the next event begins.
 *
 * Events at the same time happen in an order that depends on the seed; those of one actor in the order in which they were
 * planned.
 */
export class Scheduler {
  readonly trace = new Trace();
  readonly #seed: number;
  readonly #queue = new EventQueue<PlannedEvent>();
  readonly #actors: Actor[] = [];
  #now = 0;
  #sequence = 0;

  constructor(seed: number) {
    this.#seed = seed;
  }

  /** Simulated time in ms since the start. It never goes back. */
  get now(): number {
    return this.#now;
  }

  /** A new actor: a node, a tab, a disk, or anything else that can crash by itself. */
  actor(name: string): Actor {
    const id = this.#actors.length;
    const actor = new Actor(name, {
      now: () => this.#now,
      add: (ms, event) => {
        const at = this.#now + Math.max(0, ms);
        const tie = mix(mix(this.#seed, id), at);
        this.#queue.add({ ...event, actor, at, tie, sequence: this.#sequence++ });
      },
      trace: (what) => this.trace.add({ at: this.#now, actor: name, what }),
    });
    this.#actors.push(actor);
    return actor;
  }

  /** Lets everything happen until the clock shows `end`, or `isDone`. `onEvent` is called after each event. */
  async runUntil(end: number, { isDone, onEvent }: RunOptions = {}): Promise<void> {
    // What was started from outside of an event.
    await microtasks();
    while (!isDone?.()) {
      const event = this.#queue.first;
      if (event === undefined || event.at > end) break;
      this.#queue.take();
      this.#now = event.at;
      if (!event.actor.run(event)) continue;
      await microtasks();
      onEvent?.();
    }
    if (!isDone?.()) this.#now = Math.max(this.#now, end);
  }
}

export interface RunOptions {
  readonly isDone?: () => boolean;
  readonly onEvent?: () => void;
}

/** Resolves when all microtasks have run. Without a turn of the event loop, a run takes an eighth less CPU. */
function microtasks(): Promise<void> {
  return new Promise((resolve) => nextTick(resolve));
}

/** A number from 0 to 2^32 that depends on both. */
function mix(a: number, b: number): number {
  const fraction = Math.trunc(b % 1 * 0x1_0000_0000);
  let hash = a ^ Math.imul(Math.trunc(b) ^ 0x9e3779b9, 0x85ebca6b) ^ fraction;
  hash = Math.imul(hash ^ hash >>> 16, 0x85ebca6b);
  hash = Math.imul(hash ^ hash >>> 13, 0xc2b2ae35);
  return (hash ^ hash >>> 16) >>> 0;
}
