import type { Platform } from "../platform.ts";
import type { Leadership, LeadershipListeners } from "./leadership.ts";
import { LeaseLeadership } from "./lease_leadership.ts";
import { LockLeadership } from "./lock_leadership.ts";

/** Stands for the leadership of a group of pages of this origin. */
export function standForElection(
  platform: Platform,
  group: string,
  listeners: LeadershipListeners,
): Leadership {
  // Pages of insecure origins do not have Web Locks.
  const Kind = platform.navigator?.locks ? LockLeadership : LeaseLeadership;
  return new Kind(platform, `halley.leader.${group}`, listeners);
}
