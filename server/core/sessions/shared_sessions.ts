import type { Runtime } from "../../base/runtime.ts";
import type { Rights } from "../model/rights.ts";
import { type KickMemory, RecentKicks } from "./recent_kicks.ts";

/** Limits of {@linkcode Sessions}, and the rights of guests. */
export interface SessionOptions {
  /** Maximum number of sessions; no guests can sign in beyond it. */
  readonly maxSessions: number;
  readonly guestRights: Rights;
  readonly shared?: SharedSessions | undefined;
  readonly runtime: Runtime;
}

/** What the workers of a process know together of sessions. */
export interface SharedSessions {
  readonly kicks: KickMemory;
  /** One `Int32`: the number of sessions plus one, or 0 while it is unknown. */
  readonly count: ArrayBufferLike;
}

/** Makes the memory that workers share. */
export function allocateSessions(runtime?: Runtime): SharedSessions {
  const kicks = RecentKicks.allocate(SharedArrayBuffer, runtime);
  return { kicks, count: new SharedArrayBuffer(4) };
}
