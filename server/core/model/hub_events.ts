import { Listeners } from "../../base/listeners.ts";
import type { Person } from "../../protocol/message.ts";
import type { CancelReason } from "../../protocol/replies.ts";
import type { PresenceState } from "../../protocol/signal.ts";

/** A tab polls this node and did not a moment ago. */
export interface TabConnected {
  /** The session's public token. */
  readonly owner: string;
  readonly tab: string;
  /** The turn of its poll, or {@linkcode LATEST}. */
  readonly turn: number | undefined;
  /** The id that the cursor of its poll acknowledges. */
  readonly after: number | undefined;
}

/** A tab has acknowledged messages by a poll of another node. */
export type TabAcknowledged = Pick<TabConnected, "owner" | "tab"> & { readonly after: number };

/** The turn of a poll without one that is later than the poll of its tab at another worker of this process. */
export const LATEST = Number.MAX_VALUE;

/** A reader's state in a channel has changed. */
export interface PresenceChanged {
  readonly channel: string;
  readonly person: Person;
  readonly state: PresenceState;
}

/** How a session ended: by signing out, or by an administrator. */
export type EndReason = Exclude<CancelReason, "superseded">;

/** A session has ended. */
export interface SessionEnded {
  readonly publicToken: string;
  readonly reason: EndReason;
}

/**
 * Events between the parts of one hub. Each part is given these when it is constructed: it emits what happens in it, and
 * adds listeners for what concerns it. So parts depend on events instead of on each other, and are complete when their
 * constructor returns.
 */
export class HubEvents {
  readonly tabConnected = new Listeners<TabConnected>();
  readonly acknowledgedElsewhere = new Listeners<TabAcknowledged>();
  readonly presenceChanged = new Listeners<PresenceChanged>();
  /** The public token of a session whose tabs on this node, or whose subscriptions, have changed. */
  readonly localPresenceChanged = new Listeners<string>();
  /** A session was ended by a request to this node. */
  readonly sessionEnded = new Listeners<SessionEnded>();
  /** Another node has ended a session. */
  readonly sessionEndedRemotely = new Listeners<SessionEnded>();
  /** The public token of a session whose stored data, such as its name, was changed by a request to this node. */
  readonly sessionChanged = new Listeners<string>();
  /** The public token of a session whose stored data another node has changed. */
  readonly sessionChangedRemotely = new Listeners<string>();
}
