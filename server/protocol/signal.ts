import { inboxOf, type Topic, topicsOf } from "./channel.ts";
import type { Person } from "../core/model/message.ts";

/** `active`: the page is looked at; `background`: it is open but hidden; `offline`: no poll for a while. */
export type PresenceState = "active" | "background" | "offline";

/**
 * A short-lived event. It is never stored, and may be missed. Times are Unix times in ms.
 *
 * `read`: somebody has read a conversation up to a message; told to the session's own tabs, and in a direct channel to
 * the other one too. `delivered`: a direct message has reached a tab of its reader. `closed`: the session has closed a
 * conversation in another of its tabs.
 */
export type Signal =
  | {
    readonly type: "typing";
    readonly channel: string;
    readonly from: Person;
    readonly at: number;
  }
  | {
    readonly type: "presence";
    readonly channel: string;
    readonly from: Person;
    readonly state: PresenceState;
    readonly at: number;
  }
  | {
    readonly type: "read" | "delivered";
    readonly channel: string;
    readonly from: Person;
    /** The id of that message; it holds for all before it. */
    readonly upTo: number;
    readonly at: number;
  }
  | {
    readonly type: "closed";
    readonly channel: string;
    readonly from: Person;
    readonly at: number;
  };

/** Where those find a signal whom it concerns: what was read in a room or closed concerns that session alone. */
export function topicsOfSignal({ type, channel, from }: Signal): readonly Topic[] {
  const isOwn = type === "closed" || type === "read" && !channel.startsWith("direct:");
  return isOwn ? [inboxOf(from.publicToken)] : topicsOf(channel);
}

/** Whether a signal concerns the session's own other tabs too. */
export function isForOwnTabs({ type }: Signal): boolean {
  return type === "read" || type === "closed";
}
