import type { Person } from "./message.ts";

/** `active`: the page is looked at; `background`: it is open but hidden; `offline`: no poll for a while. */
export type PresenceState = "active" | "background" | "offline";

/** A short-lived event. It is never stored, and may be missed. Times are Unix times in ms. */
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
  };
