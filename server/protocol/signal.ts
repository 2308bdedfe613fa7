import type { Person } from "./message.ts";
import type { Notify } from "./requests.ts";

/**
 * `active`: the page is visible; `background`: it is open but hidden; `offline`: it has not polled for a while.
 */
export type PresenceState = "active" | "background" | "offline";

/**
 * A short-lived event. Signals are never stored and can be lost. Times are Unix times in ms.
 *
 * - `typing`: someone is typing.
 * - `presence`: the state of a reader has changed.
 * - `read`: someone has read a conversation up to a message. Sent to the session's own tabs and, in a direct channel, to
 *   the other person.
 * - `delivered`: a direct message has reached a tab of its reader.
 * - `closed`: the session has closed a conversation in another tab.
 * - `renamed`: the session has another display name, that of `from`. The channel is that of its own notices.
 * - `settings`: the session has changed the settings of a conversation in another tab. Without `notify`, the default holds.
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
    /** The id of that message; all earlier ones are included. */
    readonly upTo: number;
    readonly at: number;
  }
  | {
    readonly type: "closed";
    readonly channel: string;
    readonly from: Person;
    readonly at: number;
  }
  | {
    readonly type: "renamed";
    readonly channel: string;
    readonly from: Person;
    readonly at: number;
  }
  | {
    readonly type: "settings";
    readonly channel: string;
    readonly from: Person;
    readonly notify?: Notify;
    readonly pinned: boolean;
    readonly unreadFrom?: number;
    readonly at: number;
  };
