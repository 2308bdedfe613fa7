/**
 * Bodies of the replies about bans, and about what administrators did. Times are Unix times in milliseconds.
 *
 * @module
 */

import type { BanNotice } from "./refusal.ts";

/** A ban of a session, a user or a network. */
export interface Ban extends BanNotice {
  readonly kind: "session" | "user" | "address";
  /** The public token, the user id, or the network. */
  readonly id: string;
  readonly at: number;
  /** Who has banned: `api:<name of the key>`. */
  readonly by: string;
  /** The name of the person, if the person has a session. */
  readonly displayName?: string;
}

/** `GET /api/admin/bans`: the bans that hold, the newest first. */
export interface BansReply {
  readonly bans: readonly Ban[];
  readonly total: number;
  /** The `after` of the next page; absent after the last one. */
  readonly next?: string;
}

/** Something that an administrator did. */
export interface AuditEntry {
  /** Increases by one with each entry. */
  readonly id: number;
  readonly at: number;
  /** `api:<name of the key>` or `user:<publicToken>`. */
  readonly by: string;
  readonly action: "kick" | "ban" | "lift" | "erase" | "export" | "edit" | "delete" | "notice";
  /** What it was done to. `several`: notices to several recipients. */
  readonly kind: "session" | "user" | "address" | "room" | "message" | "everyone" | "several";
  /**
   * The public token, user id, network, name of the room, or id of the message; absent for `everyone`, `several` and
   * several messages, and if the person was erased.
   */
  readonly target?: string | undefined;
  /** When a ban ends. */
  readonly until?: number | undefined;
  /** The number of notices or messages, if there was more than one. */
  readonly count?: number | undefined;
}

/** `GET /api/admin/audit`: what administrators did, the newest first. */
export interface AuditReply {
  readonly entries: readonly AuditEntry[];
  /** Whether there are more before the last one. */
  readonly more: boolean;
}
