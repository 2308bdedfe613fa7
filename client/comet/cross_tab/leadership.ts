import { LeaseLeadership } from "./lease_leadership.ts";
import { LockLeadership } from "./lock_leadership.ts";

/** What a member of a group is told of its part. */
export interface LeadershipListeners {
  readonly onWon: () => void;
  /** Somebody else has taken over. */
  readonly onLost: () => void;
}

/**
 * Makes one member of a group its leader, sooner or later, and another one when that is disposed of or gone. For a moment
 * there may be two, or none.
 */
export interface Leadership extends Disposable {
  /** Takes over from a leader that does not answer. */
  seize(): void;
}

/** Stands for election, by whatever means the browser has. */
export function seekLeadership(group: string, listeners: LeadershipListeners): Leadership {
  // Pages of insecure origins have no locks.
  const Kind = "locks" in navigator ? LockLeadership : LeaseLeadership;
  return new Kind(`halley.leader.${group}`, listeners);
}
