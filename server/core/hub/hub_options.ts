import type { Runtime } from "../../base/runtime.ts";
import type { WindowBounds } from "../log/recent_window.ts";
import type { FileService } from "../model/files.ts";
import type { OtherWorkers } from "../model/others.ts";
import type { Rights } from "../model/rights.ts";
import type { AgeRule } from "./age_rules.ts";
import type { SharedSessions } from "../sessions/shared_sessions.ts";
import type { SharedTabs, WaitingRoomBounds } from "../waiting/tab_counts.ts";

/** Options of a hub. Times in ms. */
export interface HubOptions {
  /** Default hold of a poll. */
  readonly hold: number;
  readonly window: WindowBounds;
  readonly waiting: WaitingRoomBounds;
  /** Sessions without a request for this time are removed. */
  readonly sessionAge: number;
  /** How long messages of some channels are stored, if shorter than others: the first rule for a channel counts. */
  readonly retain?: readonly AgeRule[];
  /** For how long authors can edit and delete their messages; 0 if they cannot. */
  readonly editTime: number;
  /** Maximum number of sessions, and of rooms that are read at the same time. */
  readonly max: { readonly sessions: number; readonly rooms: number };
  /** The room that everyone can read, whatever the number of rooms. */
  readonly home: string;
  /** Whether all sessions may list the rooms that are being read. */
  readonly listsRooms: boolean;
  /** The rights of guests, and of users whose tokens contain none. */
  readonly guestRights: Rights;
  /** The files of messages; absent if none are stored. */
  readonly files?: FileService | undefined;
  /** Names that guests cannot use. */
  readonly reservedNames: readonly string[];
  /** Maximum size of the trace in bytes; 0: no trace. */
  readonly traceBytes: number;
  /** Called with the time from sending a message for one session to its acknowledgement. */
  readonly onAcknowledged: (milliseconds: number) => void;
  /** Called when the wall clock has jumped ahead, so that nothing is removed by age for a day. */
  readonly onClockAhead: (milliseconds: number) => void;
  /** Time, timers and randomness; those of the process if absent. */
  readonly runtime?: Runtime | undefined;
  /** This hub among those of its process; absent if it is the only one. */
  readonly worker?: HubWorker | undefined;
}

/** What the hub of a worker has in common with those of the other workers of its process. */
export interface HubWorker {
  readonly tabs: SharedTabs;
  readonly sessions: SharedSessions;
  readonly others: OtherWorkers;
}
