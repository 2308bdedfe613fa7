import { type KickMemory, RecentKicks } from "./recent_kicks.ts";

/** What the workers of a process know together of sessions. */
export interface SharedSessions {
  readonly kicks: KickMemory;
  /** One `Int32`: the number of sessions plus one, or 0 while it is unknown. */
  readonly count: ArrayBufferLike;
}

/** Makes the memory that workers share. */
export function allocateSessions(): SharedSessions {
  return { kicks: RecentKicks.allocate(SharedArrayBuffer), count: new SharedArrayBuffer(4) };
}
