import type { Config } from "../config/config.ts";
import { allocateSessions, type SharedSessions } from "../core/sessions/shared_sessions.ts";
import { allocateTabs, type SharedTabs } from "../core/waiting/tab_counts.ts";
import { type BucketMemory, ClientBuckets } from "../http/limits/client_buckets.ts";

/** The memory in which the workers of a process count together what is limited. */
export interface SharedMemory {
  readonly limits: BucketMemory;
  readonly tabs: Omit<SharedTabs, "worker">;
  readonly sessions: SharedSessions;
}

export function allocateMemory({ parkedPolls }: Pick<Config, "parkedPolls">): SharedMemory {
  return {
    limits: ClientBuckets.allocate(SharedArrayBuffer),
    tabs: allocateTabs(parkedPolls),
    sessions: allocateSessions(),
  };
}
