import { createHash } from "node:crypto";

/** Something that has happened in a simulation. */
export interface TraceEvent {
  /** Simulated time in ms since the start. */
  readonly at: number;
  /** Who it happened to, such as `node 2` or `phone tab 1`. */
  readonly actor: string;
  readonly what: string;
}

/**
 * What has happened in a run, in order. Every event of the scheduler, every fault and every violated invariant adds one
 * line. Two runs with the same seed must have the same hash.
 */
export class Trace {
  readonly events: TraceEvent[] = [];

  add(event: TraceEvent): void {
    this.events.push(event);
  }

  /** Depends on all events up to now. */
  get hash(): string {
    return createHash("sha256").update(this.story(Infinity)).digest("hex");
  }

  /** The last `count` events that `isWanted` selects, one per line. */
  story(count: number, isWanted: (event: TraceEvent) => boolean = () => true): string {
    return this.events.filter(isWanted).slice(-count).map(format).join("\n");
  }
}

function format({ at, actor, what }: TraceEvent): string {
  return `${(at / 1000).toFixed(6).padStart(12)} s  ${actor.padEnd(14)}  ${what}`;
}
